"""What an object looks like in a notebook: the document of a view, and what stands in for it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from chainrule.faces import DEFAULT_FOLDER
from chainrule.faces.numerals import plural
from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.records.json_values import Json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainrule.faces.explained import ExplainedCurve, ExplainedFormula, ExplainedMatrices
    from chainrule.faces.lesson import ShownLesson
    from chainrule.faces.report import Report
    from chainrule.objective import Objective
    from chainrule.observer.watch import Watch

LOOK_S = 5.0
"""How long a cell may take to look around an objective that nobody asked to be looked at."""

POINTS = 31
"""Along each axis of such a look: contours of 31 × 31 values are smooth at the size of a cell."""

Document = Mapping[str, Any]


class Answers(Protocol):
    """Answers a question of a view; `progress` is told how far it is."""

    def __call__(self, question: str, parameters: Mapping[str, Json]) -> Document:
        """The document; raises `Refusal`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depiction:
    """What an object looks like.

    Attributes:
        document: Of the view; None where there is none of such an object.
        context: What questions that take long are asked of, in a process of their own.
        answers: Answers those that do not.
        picture: Draws what a saved notebook keeps; None where text says more.
        words: The object in text.
        markdown: The same as Markdown; empty if there is none.
        live: The run, if it is still being made.
    """

    document: Document | None
    context: Context
    answers: Answers
    picture: "Callable[[], Figure] | None" = None
    words: str = ""
    markdown: str = ""
    live: "Watch | None" = None


def depiction(thing: object) -> Depiction:
    """What an object looks like.

    Raises:
        TypeError: If it is none that shows itself.
    """
    for kind in type(thing).__mro__:
        how = _HOW.get(f"{kind.__module__}.{kind.__qualname__}")
        if how is not None:
            found: Depiction = how(thing)
            return found
    raise TypeError(
        "Expected a run of chainrule.watch(), an Objective, a derivation, a report or a lesson, "
        f"found {type(thing).__name__}."
    )


def _of_watch(watch: "Watch") -> Depiction:
    from .live import run_document

    path = watch.session.path
    context = Context(Path(DEFAULT_FOLDER) if path is None else path.parent, path)
    return Depiction(
        document=run_document(watch),
        context=context,
        answers=lambda question, parameters: answer(question, parameters, _now(watch)),
        picture=None if path is None else lambda: _picture_of_run(path),
        words=_words_of_run(path) if path is not None else "A run that has not begun to train.",
        live=watch if watch.running else None,
    )


def _now(watch: "Watch") -> Context:
    """The run file, which may be there by now."""
    path = watch.path
    return Context(path.parent, path)


def _picture_of_run(path: Path) -> "Figure":
    from chainrule.faces.report.pictures import draw_losses
    from chainrule.store import RunReader

    with RunReader(path) as reader:
        return draw_losses([reader])


def _words_of_run(path: Path) -> str:
    import io

    from chainrule.faces.page import Page
    from chainrule.faces.terminal import write_verdict
    from chainrule.faces.views.run import verdict
    from chainrule.store import RunReader

    stream = io.StringIO()
    with RunReader(path) as reader:
        run = reader.run()
        write_verdict(Page(stream, width=100, color=False), run, verdict(reader, run)[1])
    return stream.getvalue()


def _of_report(report: "Report") -> Depiction:
    def saved(question: str, parameters: Mapping[str, Json]) -> Document:
        found = report.answer(question, parameters)
        if found is None:
            raise Refusal("The answer to this was not saved in the report: open the run itself.")
        return found

    paths = list(report.files.values())

    def picture() -> "Figure":
        from contextlib import ExitStack

        from chainrule.faces.report.pictures import draw_losses
        from chainrule.store import RunReader

        with ExitStack() as stack:
            return draw_losses([stack.enter_context(RunReader(path)) for path in paths])

    return Depiction(
        document={**report.document, "layout": "tabs"},
        context=Context(paths[0].parent, paths[0]),
        answers=saved,
        picture=picture,
        words=report.text,
    )


def _of_derivation(derivation: "ExplainedFormula") -> Depiction:
    asked: dict[str, Json] = {
        "formula": derivation.formula.text,
        "wrt": derivation.variable,
        "notation": derivation.notation,
    }
    if derivation.point:
        asked["at"] = dict(derivation.point)
    return _of_asked(derivation, asked)


def _of_curve(derivation: "ExplainedCurve") -> Depiction:
    asked: dict[str, Json] = {
        "formula": derivation.equation.text,
        "wrt": derivation.by,
        "of": derivation.of,
        "notation": derivation.notation,
    }
    if derivation.at is not None:
        known = {name for name, _ in derivation.left.definitions}
        asked["at"] = {n: v for n, v in derivation.at.point.items() if n not in known}
    return _of_asked(derivation, asked)


def _of_matrices(derivation: "ExplainedMatrices") -> Depiction:
    from chainrule.faces.matrix_derivation import json_values

    asked: dict[str, Json] = {
        "formula": derivation.formula.text,
        "wrt": derivation.variable,
        "notation": derivation.notation,
        "shapes": {name: [*shape] for name, shape in derivation.names.items()},
    }
    if derivation.entry is not None:
        asked["entry"] = [*derivation.entry]
    if derivation.evaluation is not None:
        point = derivation.evaluation.point
        asked["at"] = {name: json_values(value) for name, value in point.items()}
    return _of_asked(derivation, asked)


def _of_asked(
    derivation: "ExplainedFormula | ExplainedCurve | ExplainedMatrices", asked: dict[str, Json]
) -> Depiction:
    """A derivation as the page answers it, so that what is chosen in it is answered likewise."""
    context = Context(Path(DEFAULT_FOLDER))
    document: Document | None
    try:
        document = answer("derivation", asked, context)
    except Refusal:
        document = None  # of a kind or a size that the view has not; the text has it
    return Depiction(
        document=document,
        context=context,
        answers=lambda question, parameters: answer(question, parameters, context),
        words=repr(derivation),
        markdown=derivation._repr_markdown_(),
    )


def _of_lesson(lesson: "ShownLesson") -> Depiction:
    context = Context(Path(DEFAULT_FOLDER))
    document: dict[str, Any] = {"view": "lesson", "place": lesson.id, "parameters": {}}
    if lesson.chosen:
        document["language"] = lesson.language
    return Depiction(
        document=document,
        context=context,
        answers=lambda question, parameters: answer(question, parameters, context),
        words=repr(lesson),
        markdown=lesson._repr_markdown_(),
    )


def _of_objective(objective: "Objective") -> Depiction:
    from chainrule.objective.formula import formula_of_numbers

    context = Context(Path(DEFAULT_FOLDER))
    text = formula_of_numbers(objective)
    document: Document | None = None
    if text is not None:
        point: dict[str, Json] = {name: float(t) for name, t in objective.parameters.items()}
        try:
            document = answer("formula", {"formula": text, "at": point}, context)
        except Refusal:
            document = None  # too large for the browser; it is looked at from here
    look = _Look(objective)
    if document is None:
        document = look.document()
    return Depiction(
        document=document,
        context=context,
        answers=lambda question, parameters: answer(question, parameters, context),
        picture=look.picture,
        words=look.words(),
    )


class _TooSlow(Exception):
    """Looking around would take longer than a cell may."""


class _Look:
    """The loss around an objective's point, looked at once and only when it is needed."""

    def __init__(self, objective: "Objective") -> None:
        self._objective = objective
        self._record: Any = None
        self._looked = False

    def document(self) -> Document | None:
        """For the view; None where there is no plane, or looking takes too long."""
        from chainrule.faces.landscape import landscape_document
        from chainrule.records.landscape import Slice

        record = self._found()
        if not isinstance(record, Slice):
            return None
        return {"view": "landscape", "of": "slice", **landscape_document(record)}

    def picture(self) -> "Figure":
        """Of the same.

        Raises:
            NothingToDraw: If looking takes too long.
        """
        from chainrule.faces.plot import plot
        from chainrule.faces.report.pictures import NothingToDraw

        record = self._found()
        if record is None:
            raise NothingToDraw("Looking around it takes too long.")
        return cast("Figure", plot(record))

    def words(self) -> str:
        """The objective in a line."""
        objective = self._objective
        return f"<Objective of {objective.description}, θ of {plural(objective.numel, 'number')}>"

    def _found(self) -> Any:
        if not self._looked:
            self._looked = True
            try:
                self._record = self._look()
            except _TooSlow:
                self._record = None
        return self._record

    def _look(self) -> Any:
        from chainrule.faces.cli.failure import CommandFailed
        from chainrule.faces.cli.landscape import Directions, Question, look
        from chainrule.faces.cli.of_run import Subject
        from chainrule.objective import ObjectiveError

        objective = self._objective
        small = objective.numel <= 2
        began = time.monotonic()

        def progress(done: int, of: int) -> None:
            if time.monotonic() - began > LOOK_S:
                raise _TooSlow

        question = Question(
            box={},
            directions=None if small else Directions.random,
            extent=None,
            points=POINTS,
            adaptive=not small,
            seed=0,
        )
        try:
            return look(Subject(objective), question, progress=progress)
        except (CommandFailed, ObjectiveError):
            return None


_HOW: Mapping[str, Callable[[Any], Depiction]] = {
    "chainrule.faces.explained.ExplainedCurve": _of_curve,
    "chainrule.faces.explained.ExplainedFormula": _of_derivation,
    "chainrule.faces.explained.ExplainedMatrices": _of_matrices,
    "chainrule.faces.lesson.ShownLesson": _of_lesson,
    "chainrule.faces.report.saved.Report": _of_report,
    "chainrule.objective.objective.Objective": _of_objective,
    "chainrule.observer.watch.Watch": _of_watch,
}
"""By the names of classes: to ask for a class itself would load torch."""
