"""What the server answers: the page, its files, questions, events and jobs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any, NoReturn

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chainrule.faces.views.question import Context, Question, Refusal, Written
from chainrule.records.json_values import Json
from chainrule.records.shortened import brief

from . import static
from .events import Events
from .jobs import Jobs
from .security import Receive, Scope, Send, refused
from .stream import EventStream, compact
from .unexpected import unexpected

ANSWERS_AT_ONCE = 4
"""Each may hold a series in memory while it is summed up."""


class Endpoints:
    """The endpoints of one server.

    Args:
        context: What questions are asked of.
    """

    def __init__(self, context: Context) -> None:
        self.events = Events(context)
        self.jobs: Jobs | None = None
        self._context = context
        self._limiter: CapacityLimiter | None = None

    def application(self) -> Starlette:
        """The ASGI application; to be put behind a `Guard`."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/static/{name:path}", self._static),
                Route("/api/ask/{question}", self._ask, methods=["GET", "POST"]),
                Route("/api/events", self._events),
                Route("/api/jobs", self._start_job, methods=["POST"]),
                Route("/api/jobs/{id}", self._cancel_job, methods=["DELETE"]),
                Route("/api/jobs/{id}/events", self._job_events),
            ],
            exception_handlers={HTTPException: _told, Refusal: _refusal, Exception: _unexpected},
            lifespan=self._life,
        )

    def end_streams(self) -> None:
        """End all event streams, for they would keep the server from ending."""
        self.events.close()
        if self.jobs is not None:
            self.jobs.end_streams()

    @asynccontextmanager
    async def _life(self, application: Starlette) -> AsyncIterator[None]:
        self._limiter = CapacityLimiter(ANSWERS_AT_ONCE)
        self.jobs = Jobs(self._context)
        yield
        await self.jobs.close()

    async def _page(self, request: Request) -> Response:
        return static.index()

    async def _static(self, request: Request) -> Response:
        return static.file(request.path_params["name"], request)

    async def _ask(self, request: Request) -> Response:
        name = request.path_params["question"]
        asked = await to_thread.run_sync(_known, name)
        if asked.long:
            raise HTTPException(409, f"The question {name} takes long: ask by POST /api/jobs.")
        if request.method == "POST":
            parameters = await _body(request)
        elif asked.by_post:
            raise HTTPException(
                405, f"The question {name} is asked by POST.", headers={"Allow": "POST"}
            )
        else:
            parameters = _parameters(request)
        document = await to_thread.run_sync(
            _answer, name, parameters, self._context, limiter=self._limiter
        )
        return _json(document)

    async def _events(self, request: Request) -> Response:
        return _Streaming(self.events.watching(request.query_params.get("run")))

    async def _start_job(self, request: Request) -> Response:
        assert self.jobs is not None
        asked = await _body(request)
        question, parameters = asked.get("question"), asked.get("parameters", {})
        if not isinstance(question, str) or not isinstance(parameters, dict):
            raise HTTPException(400, 'Expected {"question": name, "parameters": {…}} as the body.')
        await to_thread.run_sync(_known, question)
        try:
            return _json({"job": self.jobs.start(question, parameters).id}, 201)
        except Refusal as refusal:
            return _json(refusal.document(), 429)

    async def _cancel_job(self, request: Request) -> Response:
        assert self.jobs is not None
        job = self.jobs.find(request.path_params["id"])
        if job is None:
            _no_job()
        await self.jobs.cancel(job)
        return Response(status_code=204)

    async def _job_events(self, request: Request) -> Response:
        assert self.jobs is not None
        job = self.jobs.find(request.path_params["id"])
        if job is None:
            _no_job()
        return _Streaming(job.listening())


class _Streaming(Response):
    """An event stream from a mailbox that is there only while the response is sent."""

    def __init__(self, mailbox: Any) -> None:
        super().__init__()
        self._mailbox = mailbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._mailbox as mailbox:
            await EventStream(mailbox)(scope, receive, send)


def _answer(name: str, parameters: dict[str, Json], context: Context) -> dict[str, Json]:
    from chainrule.faces.views.questions import answer

    return answer(name, parameters, context)


def load_questions() -> None:
    """Import what answers need, that of the slope last, so that none waits for it when asked."""
    for name in ("chainrule.faces.views.questions", "scipy.stats"):
        with suppress(ImportError):  # said by the answer that needs it
            import_module(name)


def _known(question: str) -> Question:
    # Not imported above: the URL is not to wait for it.
    from chainrule.faces.views.questions import named

    try:
        return named(question)
    except Refusal as refusal:
        raise HTTPException(404, refusal.sentence) from None


def _parameters(request: Request) -> dict[str, Json]:
    """Parameters from the query: texts as they are, anything else as JSON."""
    parameters: dict[str, Json] = {}
    for name, text in request.query_params.multi_items():
        if name in parameters:
            raise Refusal(f"Expected one value for `{name}`, found two.", field=name)
        parameters[name] = Written(text)
    return parameters


async def _body(request: Request) -> dict[str, Json]:
    """The JSON object that a request brings.

    Raises:
        HTTPException: If it brings none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "Expected a body of application/json.")
    asked = _parsed((await request.body()).decode("utf-8", "replace"))
    if not isinstance(asked, dict):
        raise HTTPException(400, f"Expected an object as the body, found {brief(repr(asked))}.")
    return asked


def _parsed(text: str) -> Json:
    """A JSON value.

    Raises:
        HTTPException: If it is none.
    """
    try:
        value: Json = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise HTTPException(400, f"Expected JSON as the body: {reason}.") from None
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _no_job() -> NoReturn:
    raise HTTPException(404, "There is no such job, or its answer was forgotten; ask again.")


def _json(document: Json, status: int = 200) -> Response:
    return Response(compact(document), status, media_type="application/json")


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "There is nothing at this path.", 405: "This path has no such method."}
    given = error.detail if " " in error.detail and error.detail.endswith(".") else ""
    sentence = given or words.get(error.status_code, error.detail)
    response = refused(request.url.path, error.status_code, sentence)
    response.headers.update(error.headers or {})
    return response


async def _refusal(request: Request, error: Exception) -> Response:
    """Status 200: a refusal is an answer. Others are errors in the console of every browser."""
    assert isinstance(error, Refusal)
    return _json(error.document())


async def _unexpected(request: Request, error: Exception) -> Response:
    return refused(request.url.path, 500, unexpected(error))
