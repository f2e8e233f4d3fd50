"""The questions `slice` and `critical`: the loss around a point, and where it has no slope.

Both load torch and take from a second to minutes: they are answered in a process of their own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chainrule import __version__
from chainrule.calculus.definitions import written_out
from chainrule.calculus.writing import write
from chainrule.faces.cli.critical import MOST_VARIABLES, find_critical_points
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.landscape import (
    HALF_BOX,
    MOST_POINTS,
    OF_RUNS,
    Directions,
    look,
)
from chainrule.faces.cli.landscape import Question as Look
from chainrule.records.json_values import Json

from .question import Context, Parameters, Question, Refusal
from .typed_formula import TypedFormula, formula_refusals, typed_formula

if TYPE_CHECKING:
    from chainrule.faces.cli.of_run import Subject
    from chainrule.objective import Objective

POINTS = 51
"""Along each axis, where nothing is said: contours of 51 × 51 values look smooth on a page."""


def slice_view(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The loss of a saved step of `run`, or of a `formula`, over a plane or along a line.

    Of a run, `step` says which saved step; the latest if not given. `directions` are those of
    `chainrule landscape`; `window` gives (low, high) of one or two variables by name, `extent`
    (low, high) along other directions. `points` along each axis, `adaptive`, and `seed` are its
    options, too. The keys are those of `chainrule landscape --format json`.
    """
    run = "run" in parameters
    asked = _asked(parameters, run)
    context.progress(0, 0, "loading PyTorch")
    with _failures():
        if run:
            name = parameters.text("run")
            subject = _saved_step(parameters, context, name)
            of: dict[str, Json] = {"run": name}
        else:
            typed = typed_formula(parameters)
            subject = _subject(typed)
            of = {"formula": typed.problem.text}
        record = look(
            subject, asked, progress=lambda done, all_: context.progress(done, all_, "points")
        )
    from chainrule.faces.landscape import landscape_document

    found = landscape_document(record)
    return {"view": "landscape", "of": "slice", "chainrule": __version__, **of, **found}


def critical(parameters: Parameters, context: Context) -> dict[str, Json]:
    """Minima, maxima, saddles and kinks of a `formula` of one or two variables in a `window`.

    The keys are those of `chainrule critical --format json`.
    """
    typed = typed_formula(parameters)
    names = typed.problem.names
    if not 1 <= len(names) <= MOST_VARIABLES:
        raise Refusal(
            f"Expected a formula of one or two variables, found {len(names)}: put numbers in the "
            "place of the others.",
            field="formula",
            text=typed.problem.text,
        )
    window = dict.fromkeys(names, (-HALF_BOX, HALF_BOX)) | _window(parameters)
    if window.keys() != {*names}:
        raise Refusal(
            f"Expected bounds of {' and '.join(names)}, found some of {', '.join(window)}.",
            field="window",
        )
    context.progress(0, 0, "loading PyTorch")
    with _failures():
        objective = _objective(typed)
        context.progress(0, 0, "looking from many starts")
        text = _text(typed)
        found = find_critical_points(objective, text, window)
    from chainrule.faces.critical_points import critical_points_document

    return {
        "view": "critical",
        **critical_points_document(found, typed=typed.problem.text),
    }


def _asked(parameters: Parameters, run: bool) -> Look:
    window = _window(parameters)
    directions = _directions(parameters)
    if directions in OF_RUNS and not run:
        raise Refusal(
            f"The directions {directions} are of a run: a formula has made no steps.",
            field="directions",
        )
    if window and directions not in (None, Directions.variables):
        raise Refusal(
            f"`window` is of variables, and the directions are {directions}: give an `extent`.",
            field="window",
        )
    if run and directions is None and not window:
        directions = Directions.random
    points = parameters.whole("points", POINTS)
    if not 3 <= points <= MOST_POINTS:
        raise Refusal(
            f"Expected 3 to {MOST_POINTS:,} points along each axis, found {points}.",
            field="points",
        )
    extent = None
    if "extent" in parameters:
        extent = _bounds("extent", parameters.any("extent"))
    return Look(
        box=window,
        directions=directions,
        extent=extent,
        points=points,
        adaptive=parameters.flag("adaptive", run),
        seed=parameters.whole("seed", 0),
    )


def _directions(parameters: Parameters) -> Directions | None:
    if "directions" not in parameters:
        return None
    text = parameters.text("directions")
    if text not in [*Directions]:
        raise Refusal(
            f"Expected directions ({', '.join(Directions)}), found {text!r}.", field="directions"
        )
    return Directions(text)


def _window(parameters: Parameters) -> dict[str, tuple[float, float]]:
    given = parameters.any("window")
    if given is None:
        return {}
    if not isinstance(given, dict) or not 1 <= len(given) <= MOST_VARIABLES:
        raise Refusal(
            'Expected bounds of one or two variables by name, such as {"x": [-5, 5]}.',
            field="window",
        )
    return {name: _bounds("window", bounds) for name, bounds in given.items()}


def _bounds(field: str, bounds: Json) -> tuple[float, float]:
    pair = bounds if isinstance(bounds, list) else []
    inside = Parameters({str(i): each for i, each in enumerate(pair)})
    if len(pair) == 2:
        low, high = inside.number("0"), inside.number("1")
        if low < high:
            return low, high
    raise Refusal(
        f"Expected a smaller and a larger number as bounds, such as [-5, 5], found {bounds!r}.",
        field=field,
    )


def _saved_step(parameters: Parameters, context: Context, name: str) -> "Subject":
    from chainrule.faces.cli.of_run import subject_of_run

    step = parameters.whole("step") if "step" in parameters else None
    return subject_of_run(str(context.run_file(name)), step)


def _subject(typed: TypedFormula) -> "Subject":
    from chainrule.faces.cli.of_run import Subject

    return Subject(_objective(typed))


def _objective(typed: TypedFormula) -> "Objective":
    from chainrule.objective import Objective

    return Objective.from_formula(_text(typed), typed.point)


def _text(typed: TypedFormula) -> str:
    """The formula with its definitions put in."""
    problem = typed.problem
    with formula_refusals(problem.text):
        return write(written_out(problem.formula.root, problem.defined))


@contextmanager
def _failures() -> Iterator[None]:
    """Refuse what the instruments cannot be asked.

    Raises:
        Refusal: Instead of an `ObjectiveError`, a `FormulaError` or a `CommandFailed`.
    """
    from chainrule.calculus.errors import FormulaError
    from chainrule.objective import ObjectiveError

    try:
        yield
    except (ObjectiveError, CommandFailed) as error:
        raise Refusal(str(error)) from error
    except FormulaError as error:
        raise Refusal(error.reason, field="formula") from error


QUESTIONS = (
    Question("slice", slice_view, long=True),
    Question("critical", critical, long=True),
)
