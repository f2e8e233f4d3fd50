"""`chainrule sharpness`: how sharply a loss bends, and what that means for the learning rate."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .formats import ListFormat
from .formulas import objective_of
from .of_run import is_run, subject_of_run
from .points import parse_point
from .run_files import open_named

if TYPE_CHECKING:
    from chainrule.faces.theta import Parameters
    from chainrule.records import FlatPlace, Spectrum, StepSharpness


def command(
    of: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|FORMULA]",
            help="A run's file or name, or a formula.  [default: the newest run]",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="x=1,y=2", help="Where, for a formula; what is left out is 0."),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option(metavar="N", help="A saved step of a run, measured now, both ends."),
    ] = None,
    lr: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Learning rate to compare with the limits."),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Show the curvature of a formula at a point, or of a run, and what it means for η."""
    if lr is not None and not 0 < lr < float("inf"):
        raise CommandFailed(f"--lr {lr} is no learning rate: give a number above 0.")
    if at is None and (of is None or is_run(of, at_a_point=False)):
        _of_run(of, step, lr, format)
    elif step is not None:
        raise CommandFailed("--step is of a run: a formula has made no steps.")
    elif of is None:
        raise CommandFailed("--at is a point of a formula: give the formula before it.")
    else:
        _of_formula(of, at, lr, format)


def _of_run(run: str | None, step: int | None, lr: float | None, format: ListFormat) -> None:
    from chainrule.store import RunFileError

    try:
        with open_named(run) as reader:
            header, final, measured = reader.run(), reader.final_place(), reader.step_sharpness()
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    if step is None and measured:
        latest = measured[-1]
        where = f"{header.name} at step {latest.step}"
        place = None if final is None else final.place
        _show(
            latest.spectrum,
            where,
            place,
            (),
            lr,
            format,
            own=latest.learning_rate,
            measured=measured,
        )
        return
    from chainrule.instruments.curvature import eigenpairs
    from chainrule.objective import ObjectiveError

    try:
        subject = subject_of_run(header.path, step)
        spectrum = eigenpairs(subject.objective, preconditioner=subject.preconditioner).spectrum
    except ObjectiveError as error:
        raise CommandFailed(_without(str(error), measured)) from error
    own = None if subject.preconditioner is None else subject.preconditioner.learning_rate
    _show(
        spectrum, f"{header.name}, {subject.objective.description}", None, (), lr, format, own=own
    )


def _without(reason: str, measured: "Sequence[StepSharpness]") -> str:
    """What to do where a step cannot be asked."""
    if measured:
        there = ", ".join(str(s.step) for s in measured)
        return f"{reason} Without --step, what was measured in the run is shown (steps {there})."
    return (
        f"{reason} The run itself holds no measured curvature either: it is measured on captured "
        "steps when the budget allows, and after the training in the time that is left."
    )


def _of_formula(formula: str, at: str | None, lr: float | None, format: ListFormat) -> None:
    point = {} if at is None else parse_point(at, "--at")
    from chainrule.faces.theta import vector_label
    from chainrule.instruments.curvature import DENSE_UP_TO, eigenpairs
    from chainrule.instruments.flat_place import flat_place
    from chainrule.objective import ObjectiveError

    objective = objective_of(formula, point)
    parameters = tuple((n, tuple(t.shape)) for n, t in objective.parameters.items())
    count = objective.numel
    # all eigenvalues where they cost nothing, else both ends
    largest, smallest = (count, 0) if count <= DENSE_UP_TO else (1, 1)
    try:
        spectrum = eigenpairs(objective, largest=largest, smallest=smallest).spectrum
        place = flat_place(objective)
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
    label = vector_label(parameters, objective.flat().tolist())
    _show(spectrum, f"{formula} at {label}", place, parameters, lr, format)


def _show(
    spectrum: "Spectrum",
    where: str,
    place: "FlatPlace | None",
    parameters: "Parameters",
    lr: float | None,
    format: ListFormat,
    *,
    own: float | None = None,
    measured: "Sequence[StepSharpness]" = (),
) -> None:
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    if format is ListFormat.json:
        from chainrule.faces.document import to_json
        from chainrule.faces.sharpness import sharpness_document

        document = sharpness_document(
            spectrum, where=where, place=place, learning_rate=lr, own_rate=own, measured=measured
        )
        page.verbatim(to_json(document) + "\n")
    else:
        from chainrule.faces.sharpness import write_sharpness

        write_sharpness(
            page,
            spectrum,
            where=where,
            place=place,
            parameters=parameters,
            learning_rate=lr,
            own_rate=own,
            measured=measured,
        )
