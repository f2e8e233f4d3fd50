"""`chainrule landscape`: the loss around a point, as a picture and in words."""

import math
import os
import re
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .figures import draw, figure_file
from .formats import ListFormat
from .formulas import objective_of
from .of_run import Subject, is_run, subject_of_run
from .points import parse_point

if TYPE_CHECKING:
    from chainrule.instruments.directions import Direction
    from chainrule.instruments.plane import Progress
    from chainrule.objective import Objective
    from chainrule.records.landscape import LineScan, Slice

MOST_POINTS = 1001
"""Along each axis; a picture one column wide has no more pixels."""

HALF_BOX = 5.0
"""Of a formula's variables, where no box is given: textbook functions live within ±5."""

STEPS = (-1.0, 3.0)
"""Along an update, in steps: from one step back to three times the step that was made."""

_TOLD_EVERY_S = 0.2
_SIDE = re.compile(r"\s*([^\W\d][\w.]*(?:\[[\d,\s]+\])?)\s*=\s*([^:,]+):([^:,]+?)\s*(?:,|$)")


class Directions(StrEnum):
    """Where a picture looks."""

    variables = "variables"
    gradient = "gradient"
    random = "random"
    eigen = "eigen"
    update = "update"
    trajectory = "trajectory"


OF_RUNS = (Directions.update, Directions.trajectory)
"""What only a run has: steps that were made."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of an objective.

    Attributes:
        box: (low, high) of the variables that move, by name; empty if none was given.
        directions: Where to look; None for the variables if there are one or two.
        extent: (low, high) of the coordinates along directions; None for what suits them.
        points: Along each axis.
        adaptive: Whether a slice is interpolated where it can be.
        seed: Of random directions and random checks.
    """

    box: dict[str, tuple[float, float]]
    directions: Directions | None
    extent: tuple[float, float] | None
    points: int
    adaptive: bool
    seed: int


def command(
    of: Annotated[
        str, typer.Argument(metavar="RUN|FORMULA", help="A run's file or name, or a formula.")
    ],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Draw into a .png, .svg or .pdf file."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="x=1,y=2", help="θ, for a formula; what is left out is 0."),
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(metavar="x=-5:5,y=-5:5", help="One or two variables and their bounds."),
    ] = None,
    directions: Annotated[
        Directions | None,
        typer.Option(
            help="Along variables, down the gradient, random with filter normalisation, leading "
            "eigenvectors of the Hessian; of a run also along the update of the step, or the "
            "plane of its trajectory.  [default: variables of a formula, random for a run]"
        ),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option(metavar="N", help="Which saved step of a run.  [default: the latest]"),
    ] = None,
    extent: Annotated[
        str | None,
        typer.Option(metavar="E|LOW:HIGH", help="How far along directions: -E to E."),
    ] = None,
    points: Annotated[int, typer.Option(metavar="NUMBER", help="Along each axis.")] = 51,
    adaptive: Annotated[
        bool | None,
        typer.Option(
            "--adaptive/--exact",
            help="Interpolate where the loss is smooth, or evaluate each point.  [default: exact "
            "for a formula, adaptive for a run]",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Of random directions.")] = 0,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Draw the loss around a point: along a line, or over a plane as contours.

    Example: chainrule landscape "(1-x)**2 + 100*(y-x**2)**2" --box x=-2:2,y=-1:3 -o valley.png
    """
    target = None if output is None else _writable(figure_file(output, "-o"))
    if not 3 <= points <= MOST_POINTS:
        raise CommandFailed(f"--points {points} makes no picture: give 3 to {MOST_POINTS:,}.")
    run = is_run(of, at_a_point=start is not None or box is not None)
    question = Question(
        box={} if box is None else parse_box(box),
        directions=directions or (Directions.random if run and box is None else None),
        extent=None if extent is None else parse_extent(extent),
        points=points,
        adaptive=run if adaptive is None else adaptive,
        seed=seed,
    )
    if question.box and question.directions not in (None, Directions.variables):
        raise CommandFailed(
            f"--box is of variables and --directions is {question.directions}: leave one out; how "
            "far directions reach is said with --extent."
        )
    if run and start is not None:
        raise CommandFailed("--from is a point of a formula; a run has a θ of its own.")
    if not run and (step is not None or directions in OF_RUNS):
        raise CommandFailed(
            "--step and the directions update and trajectory are of a run: a formula has made no "
            "steps."
        )
    from chainrule.objective import ObjectiveError

    try:
        if run:
            subject = subject_of_run(of, step)
        else:
            point = {} if start is None else parse_point(start, "--from")
            subject = Subject(objective_of(of, point))
        record = look(subject, question)
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
    if target is not None:
        draw(record, target, "-o")
    show(record, format, target)


def parse_box(text: str) -> dict[str, tuple[float, float]]:
    """`x=-5:5,y=0:2` as bounds by name.

    Raises:
        CommandFailed: If it cannot be read, names something twice, or bounds are not in order.
    """
    found: dict[str, tuple[float, float]] = {}
    at = 0
    while at < len(text):
        match = _SIDE.match(text, at)
        if match is None:
            raise CommandFailed(
                f"--box {text!r} cannot be read at {text[at:].strip()[:20]!r}: write names with "
                "their bounds, such as x=-5:5,y=-5:5."
            )
        name = re.sub(r"\s", "", match[1])
        if name in found:
            raise CommandFailed(f"--box {text!r} gives {name} twice: give it once.")
        found[name] = _bounds(match[2], match[3], f"--box gives {name}")
        at = match.end()
    if not 1 <= len(found) <= 2:
        raise CommandFailed(
            f"--box names {len(found)} variables: name one for a line or two for a plane."
        )
    return found


def parse_extent(text: str) -> tuple[float, float]:
    """`2` as (-2, 2), `-1:3` as (-1, 3).

    Raises:
        CommandFailed: If it is neither, or the bounds are not in order.
    """
    low, colon, high = text.partition(":")
    return _bounds(low, high, "--extent is") if colon else _bounds(f"-{low}", low, "--extent is")


def look(
    subject: Subject, question: Question, *, progress: "Progress | None" = None
) -> "LineScan | Slice":
    """Scan a line or slice a plane, as was asked.

    Args:
        subject: Whose loss.
        question: What was asked.
        progress: Called with (points done, points in all); None for a line on the terminal.

    Raises:
        CommandFailed: If there is no telling which variables to move.
        ObjectiveError: If the objective cannot be asked this.
    """
    from chainrule.instruments.adaptive_slice import adaptive_slice
    from chainrule.instruments.directions import steepest_descent, update, variable
    from chainrule.instruments.landscape import line_scan, plane_slice

    objective = subject.objective
    with _Progress() as line:
        progress = progress or line
        if question.directions is Directions.gradient:
            return line_scan(
                objective,
                steepest_descent(objective),
                extent=question.extent or _learning_rates(objective),
                points=question.points,
                progress=progress,
            )
        if question.directions is Directions.update:
            assert subject.after is not None  # only a run can be asked this
            return line_scan(
                objective,
                update(objective, objective.flat(), subject.after),
                extent=question.extent or STEPS,
                points=question.points,
                progress=progress,
            )
        theta, path = None, None
        if question.directions is Directions.trajectory:
            from chainrule.instruments.trajectory_plane import trajectory_plane

            plane = trajectory_plane(objective, subject.path())
            x, y, theta, path = plane.x, plane.y, plane.theta, plane.path
            reach = question.extent
            bounds = plane.extent() if reach is None else (reach, reach)
        elif question.directions in (Directions.random, Directions.eigen):
            x, y = _pair(objective, question)
            extents = question.extent or (-1.0, 1.0)
            bounds = extents, extents
        else:
            sides = _sides(objective, question)
            lines = [variable(objective, name) for name in sides]
            if len(lines) == 1:
                (extent,) = sides.values()
                return line_scan(
                    objective, lines[0], extent=extent, points=question.points, progress=progress
                )
            x, y = lines
            across, upwards = sides.values()
            bounds = across, upwards
        points = question.points
        if question.adaptive:
            return adaptive_slice(
                objective,
                x,
                y,
                theta=theta,
                extent=bounds,
                points=points,
                seed=question.seed,
                path=path,
                progress=progress,
            )
        return plane_slice(
            objective,
            x,
            y,
            theta=theta,
            extent=bounds,
            points=points,
            path=path,
            progress=progress,
        )


def show(record: "LineScan | Slice", format: ListFormat, drawn: Path | None) -> None:
    """Print a record on stdout."""
    from chainrule.faces.labels import path_label
    from chainrule.faces.landscape import landscape_document, write_landscape
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    if format is ListFormat.json:
        from chainrule.faces.document import to_json

        page.verbatim(to_json(landscape_document(record)) + "\n")
        return
    write_landscape(page, record)
    if drawn is not None:
        page.line()
        page.line((f"Drawn in {path_label(str(drawn))}", "dim"))


def _pair(objective: "Objective", question: Question) -> "tuple[Direction, Direction]":
    from chainrule.instruments.directions import eigenvector_directions, random_directions

    if question.directions is Directions.eigen:
        first, second = eigenvector_directions(objective)
        return first, second
    if objective.numel < 2:
        raise CommandFailed(
            "A plane needs two numbers in θ, and there is one: leave --directions out for a line."
        )
    # the numbers of a formula are no filters, which could give random directions their scale
    filters = any(t.ndim > 1 and bool(t.any()) for t in objective.parameters.values())
    first, second = random_directions(
        objective, seed=question.seed, normalization="filter" if filters else "none"
    )
    return first, second


def _sides(objective: "Objective", question: Question) -> dict[str, tuple[float, float]]:
    """The variables that move, with their bounds."""
    if question.box:
        return question.box
    if objective.numel > 2:
        raise CommandFailed(
            f"There are {objective.numel:,} numbers in θ and a picture has two axes: name one or "
            "two of them with --box, or choose --directions gradient, random or eigen."
        )
    from chainrule.instruments.directions import variables

    low, high = question.extent or (-HALF_BOX, HALF_BOX)
    start = objective.flat().tolist()
    inside = question.extent is not None or all(low <= value <= high for value in start)
    shifts = [0.0 if inside else value for value in start]
    names = variables(objective)
    return {name: (low + c, high + c) for name, c in zip(names, shifts, strict=True)}


def _learning_rates(objective: "Objective") -> tuple[float, float]:
    """Learning rates that show the next valley: up to three exact line searches of a quadratic."""
    gradient = objective.gradient(objective.flat()).double()
    bend = float(gradient.dot(objective.hvp(None, gradient).double()))
    squared = float(gradient.dot(gradient))
    best = squared / bend if bend > 0 else 1 / math.sqrt(squared)  # g·g / g·Hg
    return (-best, 3 * best) if math.isfinite(best) else (-1.0, 1.0)


def _bounds(low: str, high: str, what: str) -> tuple[float, float]:
    try:
        bounds = float(low), float(high)
    except ValueError:
        bounds = math.nan, math.nan
    if not (math.isfinite(bounds[0]) and math.isfinite(bounds[1]) and bounds[0] < bounds[1]):
        raise CommandFailed(
            f"{what} from {low.strip()} to {high.strip()}: give a smaller and a larger finite "
            "number, such as -5:5."
        )
    return bounds


def _writable(file: Path) -> Path:
    """The file, if it can be replaced: said before anything is computed."""
    if not os.access(file.parent, os.W_OK):
        raise CommandFailed(f"-o {file} cannot be written: no permission in {file.parent}.")
    return file


class _Progress:
    """A line on a terminal's stderr that is rewritten, and gone at the end."""

    def __init__(self) -> None:
        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self.next_s = time.monotonic() + _TOLD_EVERY_S
        self.written = False

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, done: int, of: int) -> None:
        """Told now and then by the evaluation."""
        if not self.shown or time.monotonic() < self.next_s:
            return
        sys.stderr.write(f"\r\x1b[K{done:,} of {of:,} points")
        sys.stderr.flush()
        self.written = True
        self.next_s = time.monotonic() + _TOLD_EVERY_S
