"""What a widget and its kernel say to each other: `ui/src/hosts/notebook.ts` is the other end.

Messages of the widget are `ask` (a question with parameters), `cancel` and `files`; those of the
kernel `progress`, `answer` (a document or a refusal) and `files` with their bytes. Each carries the
`id` that the widget chose, since all widgets of a model hear every message.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

from chainrule.faces.built_views import files
from chainrule.faces.views.questions import Context, Refusal, named
from chainrule.records.json_values import Json

from .depiction import Depiction

PATIENCE_S = 15.0
"""How long a question is waited for at a time; it may take any number of such turns."""

Send = Callable[[dict[str, Any], list[bytes]], None]

_jobs: dict[tuple[int, Context], Any] = {}


class Conversation:
    """The kernel's end.

    Args:
        shown: What the widget shows.
        send: Sends a message with its buffers.
    """

    def __init__(self, shown: Depiction, send: Send) -> None:
        self._shown = shown
        self._send = send
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def hear(self, message: object) -> None:
        """Answer a message; what is none of ours is not answered."""
        if not isinstance(message, Mapping) or not isinstance(message.get("id"), str):
            return
        id = message["id"]
        match message.get("kind"):
            case "ask":
                parameters = message.get("parameters")
                given = cast(Mapping[str, Json], parameters if isinstance(parameters, dict) else {})
                self._ask(id, str(message.get("question")), given)
            case "cancel":
                task = self._under_way.get(id)
                if task is not None:
                    task.cancel()
            case "files":
                found = files(str(message.get("name")))
                self._send({"kind": "files", "id": id, "names": [*found]}, [*found.values()])

    def _ask(self, id: str, question: str, parameters: Mapping[str, Json]) -> None:
        try:
            long = named(question).long
            loop = asyncio.get_running_loop() if long else None
        except (Refusal, RuntimeError):  # no such question, or a kernel that has no loop
            loop = None
        if loop is None:
            self._answer(id, lambda: self._shown.answers(question, parameters))
            return
        task = loop.create_task(self._follow(id, question, parameters))
        self._under_way[id] = task
        task.add_done_callback(lambda _: self._under_way.pop(id, None))

    def _answer(self, id: str, make: Callable[[], Mapping[str, Any]]) -> None:
        from chainrule.faces.server.unexpected import unexpected

        try:
            document = make()
        except Refusal as refusal:
            document = refusal.document()
        except Exception as error:
            document = Refusal(unexpected(error)).document()
        self._send({"kind": "answer", "id": id, "answer": document}, [])

    async def _follow(self, id: str, question: str, parameters: Mapping[str, Json]) -> None:
        """Have a long question answered by a process, and pass on what it says."""
        jobs = _jobs_of(self._shown.context)
        try:
            job = jobs.start(question, parameters)
        except Refusal as refusal:
            self._send({"kind": "answer", "id": id, "answer": refusal.document()}, [])
            return
        try:
            async with job.listening() as mailbox:
                while (messages := await mailbox.take(PATIENCE_S)) is not None:
                    for event, data in messages:
                        if event == "progress":
                            self._send({"kind": "progress", "id": id, **data}, [])
                        else:
                            self._send({"kind": "answer", "id": id, "answer": data}, [])
        except asyncio.CancelledError:
            await jobs.cancel(job)
            raise


def _jobs_of(context: Context) -> Any:
    """The processes that answer, shared by all widgets that ask of the same runs."""
    from chainrule.faces.server.jobs import Jobs

    key = (id(asyncio.get_running_loop()), context)
    if key not in _jobs:
        _jobs[key] = Jobs(context)
    return _jobs[key]
