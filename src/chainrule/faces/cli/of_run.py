"""What the instruments are asked of a run: the loss of one of its saved steps."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed

if TYPE_CHECKING:
    from torch import Tensor

    from chainrule.instruments.preconditioner import Preconditioner
    from chainrule.objective import Objective


@dataclass(frozen=True, slots=True)
class Subject:
    """An objective with what a run knows besides.

    Attributes:
        objective: L; θ₀ is where to look.
        after: Flat θ after the step that was made there; None for a formula.
        path: Flat θ at each saved step of the same optimizer, oldest first.
        preconditioner: Of the optimizer, if one is known.
    """

    objective: "Objective"
    after: "Tensor | None" = None
    path: "tuple[Tensor, ...]" = ()
    preconditioner: "Preconditioner | None" = None


def is_run(text: str) -> bool:
    """Whether a file of this path or a run of this name is there, or is clearly meant."""
    return (
        text.endswith(".db")
        or Path(text).exists()
        or (Path(DEFAULT_FOLDER) / f"{text}.db").exists()
    )


def subject_of_run(run: str, step: int | None) -> Subject:
    """The loss of a saved step, and the path through all of them.

    Args:
        run: A run's file or name.
        step: Which saved step; the latest if None.

    Raises:
        CommandFailed: If there is no such run or no such step.
        ObjectiveError: If a saved step does not prove itself.
    """
    from chainrule.observer.saved_captures import open_capture, saved_capture, saved_steps
    from chainrule.store import RunFileError

    from .run_files import open_named

    try:
        with open_named(run) as reader:
            path = Path(reader.run().path)
        chosen = saved_capture(path, step)
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    objective = chosen.objective()
    others = [chosen if n == chosen.step else open_capture(f) for n, f in saved_steps(path).items()]
    same = [c for c in others if c.parameters.keys() == chosen.parameters.keys()]
    after = {n: t + chosen.update[n] for n, t in chosen.parameters.items()}
    return Subject(
        objective,
        after=objective.flat(after),
        path=tuple(objective.flat(c.parameters) for c in same),
        preconditioner=chosen.preconditioner,
    )
