"""Long questions: each in a process of its own, with progress, and killed when it is cancelled.

A process that has answered is kept for the next question, so that torch is loaded once.
"""

import asyncio
import json
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from chainrule.faces.views.question import Context, Refusal
from chainrule.records.json_values import Json

from .events import Message
from .stream import Mailbox, compact

AT_ONCE = 2
"""Each takes a core and, with torch, some 300 MB."""

MOST_WAITING = 16
"""Beyond that somebody is asking faster than anything can be answered."""

ABANDONED_S = 15.0
"""After so long with no browser to hear of it, a question is given up: its page was closed."""

KEPT_S = 300.0
"""How long an answer is kept for a browser whose connection broke, and a process for the next."""

WORKER = (sys.executable, "-P", "-m", "chainrule.faces.server.worker")
"""The command that starts a process for long questions."""

_LINE_LIMIT_BYTES = 256 * 1024 * 1024


class WorkerDied(Exception):
    """A process ended in the middle of an answer; the message is a sentence."""


class Worker:
    """A process that answers questions, one after the other."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "Worker":
        """Start one. In a session of its own: Ctrl-C in the terminal is the server's to answer."""
        return cls(
            await asyncio.create_subprocess_exec(
                *WORKER,
                stdin=PIPE,
                stdout=PIPE,
                stderr=None if sys.stderr is not None else DEVNULL,
                limit=_LINE_LIMIT_BYTES,
                start_new_session=True,
            )
        )

    async def ask(
        self, question: str, parameters: Mapping[str, Json], context: Context
    ) -> AsyncIterator[dict[str, Any]]:
        """Its lines, the answer or refusal last.

        Raises:
            WorkerDied: If it ended before it had answered.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked: dict[str, Json] = {
            "question": question,
            "parameters": dict(parameters),
            "folder": str(context.folder),
            "file": str(context.file) if context.file else None,
        }
        with suppress(ConnectionError):  # it is gone, as the next line tells
            self._process.stdin.write((compact(asked) + "\n").encode())
            await self._process.stdin.drain()
        while line := await self._process.stdout.readline():
            if not line.endswith(b"\n"):
                break
            message: dict[str, Any] = json.loads(line)
            yield message
            if "progress" not in message:
                return
        raise WorkerDied(_death(await self._process.wait()))

    async def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Job:
    """One long question.

    Args:
        question: Its name.
        parameters: As they came.
    """

    def __init__(self, question: str, parameters: Mapping[str, Json]) -> None:
        self.id = secrets.token_urlsafe(12)
        self.question = question
        self.parameters = parameters
        self.task: asyncio.Task[None] | None = None
        self.ended = False
        self._latest: Message | None = None
        self._mailboxes: set[Mailbox] = set()
        self._unheard_since: float | None = asyncio.get_running_loop().time()

    def say(self, event: str, data: Json) -> None:
        """Tell all who listen, and who will."""
        self._latest = event, data
        self.ended = event != "progress"
        for mailbox in self._mailboxes:
            mailbox.put(event, data)
            if self.ended:
                mailbox.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Mailbox]:
        """A mailbox that hears of its progress and its end."""
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        self._unheard_since = None
        try:
            if self._latest is not None:
                mailbox.put(*self._latest)
            if self.ended:
                mailbox.close()
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)
            if not self._mailboxes:
                self._unheard_since = asyncio.get_running_loop().time()

    def close(self) -> None:
        """End every stream."""
        for mailbox in self._mailboxes:
            mailbox.close()

    @property
    def unheard_s(self) -> float:
        """For how long nobody has listened."""
        since = self._unheard_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since


class Jobs:
    """All long questions of a server.

    Args:
        context: What they are asked of.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._jobs: dict[str, Job] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._idle: Worker | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._last_use = 0.0

    def start(self, question: str, parameters: Mapping[str, Json]) -> Job:
        """Begin to answer a question, as soon as fewer than `AT_ONCE` others are being answered.

        Raises:
            Refusal: If too many wait.
        """
        if len([job for job in self._jobs.values() if not job.ended]) >= AT_ONCE + MOST_WAITING:
            raise Refusal(
                f"{AT_ONCE + MOST_WAITING} long questions are already waiting for their answers; "
                "cancel some, or ask again later."
            )
        job = Job(question, parameters)
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._answer(job))
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep())
        return job

    def find(self, id: str) -> Job | None:
        """A job; None if there is none of this id, or none any more."""
        return self._jobs.get(id)

    async def cancel(self, job: Job) -> None:
        """Give a question up."""
        if job.task is not None and not job.ended:
            job.task.cancel()
            await asyncio.gather(job.task, return_exceptions=True)
        if not job.ended:
            job.say("refusal", Refusal("This question was cancelled.").document())

    def end_streams(self) -> None:
        """End every stream."""
        for job in self._jobs.values():
            job.close()

    async def close(self) -> None:
        """Give everything up and end all processes."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for job in list(self._jobs.values()):
            await self.cancel(job)
        await self._drop_idle()

    async def _answer(self, job: Job) -> None:
        if self._slots.locked():
            job.say("progress", {"done": 0, "total": 0, "sentence": "waiting for others"})
        async with self._slots:
            await self._answer_now(job)

    async def _answer_now(self, job: Job) -> None:
        worker, self._idle = self._idle, None
        finished = False
        try:
            if worker is None:
                worker = await Worker.start()
            async for message in worker.ask(job.question, job.parameters, self._context):
                if "progress" in message:
                    done, total, sentence = message["progress"]
                    told = {"done": done, "total": total, "sentence": sentence}
                    job.say("progress", told)
                else:
                    finished = True
                    job.say(*next(iter(message.items())))
        except (OSError, ValueError, WorkerDied) as error:
            job.say("refusal", Refusal(str(error)).document())
        finally:
            self._last_use = asyncio.get_running_loop().time()
            if worker is not None:
                if finished and self._idle is None:
                    self._idle = worker
                else:
                    await worker.kill()

    async def _sweep(self) -> None:
        """Give up what nobody waits for, forget old answers, end a process that is not used."""
        while True:
            await asyncio.sleep(1)
            for job in list(self._jobs.values()):
                if not job.ended and job.unheard_s > ABANDONED_S:
                    await self.cancel(job)
                if job.ended and job.unheard_s > KEPT_S:
                    del self._jobs[job.id]
            if asyncio.get_running_loop().time() - self._last_use > KEPT_S:
                await self._drop_idle()

    async def _drop_idle(self) -> None:
        worker, self._idle = self._idle, None
        if worker is not None:
            await worker.kill()


def _death(code: int) -> str:
    if code >= 0:
        how = f"ended with exit code {code}"
    else:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        how = f"was killed ({name})"
        if -code == signal.SIGKILL:
            how += ", perhaps because memory ran out"
    return f"The process that worked on this question {how}; ask again, or for less at once."
