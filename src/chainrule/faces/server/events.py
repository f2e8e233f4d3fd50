"""Telling browsers what was written: one look at the disk for all that watch the same."""

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread

from chainrule.faces.views.question import Context, Refusal
from chainrule.records.json_values import Json
from chainrule.store import RunFileError, RunReader, write_stamp

from .stream import Mailbox
from .unexpected import unexpected

LOOK_EVERY_S = 0.5
"""A run writes at most once a second: what it wrote is seen half a second later at the most."""

STATUS_EVERY_S = 2.0
"""A process that is killed writes nothing more, so that it has gone must be asked for."""

LISTING_EVERY_S = 5.0
"""While runs are being written, the list of them is not announced anew more often."""

Message = tuple[str, Json]


class RunWatch:
    """Looks at one run; what it says is `changed` or, if it cannot be read, `refusal`.

    Args:
        name: Of a run in the folder.
        context: What questions are asked of.
    """

    def __init__(self, name: str, context: Context) -> None:
        self._name = name
        self._context = context
        self._path: Path | None = None
        self._stamp: tuple[int, ...] | None = None
        self._said: Json = None
        self._read_at = -STATUS_EVERY_S
        self._alive = True
        self._version = 0

    def look(self) -> Message | None:
        """What is to be said, if anything is new."""
        try:
            if self._path is None or write_stamp(self._path) is None:
                self._path = None
                self._path = self._context.run_file(self._name)
            stamp, now = write_stamp(self._path), time.monotonic()
            written = stamp != self._stamp
            if not written and not (self._alive and now - self._read_at >= STATUS_EVERY_S):
                return None
            self._stamp, self._read_at = stamp, now
            with RunReader(self._path) as reader:
                run, text = reader.run(), reader.stamp
        except Refusal as refusal:
            return self._refused(refusal)
        except RunFileError as error:
            return self._refused(Refusal(str(error), field="run"))
        self._alive = run.status == "running"
        said: dict[str, Json] = {"steps": run.steps, "status": run.status}
        if not written and said == self._said:
            return None
        self._said = said
        return "changed", {"version": self._next_version(), "stamp": text, **said}

    def _next_version(self) -> int:
        """Ever larger, also after all browsers have left and one came back."""
        self._version = max(self._version + 1, time.time_ns() // 1_000_000)
        return self._version

    def _refused(self, refusal: Refusal) -> Message | None:
        document = refusal.document()
        if document == self._said:
            return None
        self._said, self._stamp, self._alive = document, None, True
        return "refusal", document


class ListingWatch:
    """Looks at the folder; says `runs` if a run has come or gone, and now and then if one grew.

    Args:
        context: What questions are asked of.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stamps: dict[str, tuple[int, ...] | None] | None = None
        self._folder: int | None = None
        self._listed_at = 0.0

    def look(self) -> Message | None:
        """What is to be said, if anything is new."""
        now, folder = time.monotonic(), self._folder_stamp()
        recently = now - self._listed_at < LISTING_EVERY_S
        if self._stamps is not None and folder == self._folder and recently:
            return None  # no file has come or gone
        stamps = {name: write_stamp(path) for name, path in self._context.run_files().items()}
        known, self._folder = self._stamps, folder
        if recently and known is not None and known.keys() == stamps.keys():
            return None
        self._stamps, self._listed_at = stamps, now
        return None if stamps == known else ("runs", {"runs": len(stamps)})

    def _folder_stamp(self) -> int | None:
        try:
            return self._context.folder.stat().st_mtime_ns
        except OSError:
            return None


class _Poller:
    """Looks again and again, and tells every mailbox; a new one is told the latest first."""

    def __init__(self, look: Callable[[], Message | None]) -> None:
        self._look = look
        self._latest: Message | None = None
        self.mailboxes: set[Mailbox] = set()
        self._task = asyncio.ensure_future(self._poll())

    def add(self, mailbox: Mailbox) -> None:
        self.mailboxes.add(mailbox)
        if self._latest is not None:
            mailbox.put(*self._latest)

    def stop(self) -> None:
        self._task.cancel()

    async def _poll(self) -> None:
        while True:
            try:
                message = await to_thread.run_sync(self._look)
            except Exception as error:
                message = "refusal", Refusal(unexpected(error)).document()
            if message is not None:
                self._latest = message
                for mailbox in self.mailboxes:
                    mailbox.put(*message)
            await asyncio.sleep(LOOK_EVERY_S)


class Events:
    """All that is being watched, and by whom.

    Args:
        context: What questions are asked of.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        shown = (context.file or context.folder).absolute()
        self._shown = shlex.quote(str(shown))
        self._pollers: dict[str | None, _Poller] = {}
        self._mailboxes: set[Mailbox] = set()

    @property
    def watchers(self) -> int:
        """How many browsers are connected."""
        return len(self._mailboxes)

    @asynccontextmanager
    async def watching(self, run: str | None) -> AsyncIterator[Mailbox]:
        """A mailbox that hears of the folder and of one run, if one is named.

        It is also told what is `shown`, as it is named to `chainrule view`, so that a page whose
        server has gone can say how it is opened again.
        """
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        watched = (None,) if run is None else (None, run)
        try:
            for name in watched:
                if name not in self._pollers:
                    self._pollers[name] = _Poller(self._look_at(name))
                self._pollers[name].add(mailbox)
            mailbox.put("shown", self._shown)
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)
            for name in watched:
                poller = self._pollers.get(name)
                if poller is not None:
                    poller.mailboxes.discard(mailbox)
                    if not poller.mailboxes:
                        self._pollers.pop(name).stop()

    def close(self) -> None:
        """End every stream."""
        for mailbox in self._mailboxes:
            mailbox.close()

    def _look_at(self, name: str | None) -> Callable[[], Message | None]:
        if name is None:
            return ListingWatch(self._context).look
        return RunWatch(name, self._context).look
