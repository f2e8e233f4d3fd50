"""What the instruments are asked of a run: the loss of one of its saved steps."""

import re
from collections.abc import Callable
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
        path: Reads flat θ at each saved step of the same optimizer, oldest first.
        preconditioner: Of the optimizer, if one is known.
    """

    objective: "Objective"
    after: "Tensor | None" = None
    path: "Callable[[], tuple[Tensor, ...]]" = tuple
    preconditioner: "Preconditioner | None" = None


_DEFAULT_NAME = re.compile(r"[^()*^=]*-\d{8}-\d{6}(-\d+)?")
"""What `chainrule run` calls a run: `train-20261123-101500`. As a formula it would be a constant
taken from one name."""

_ONE_NAME = re.compile(r"[a-zA-Z]\w+|(?=.*[a-zA-Z]{3})[a-zA-Z]\w*(-\w+)+")
"""`digits`, `my-run`: one name is no loss that anyone would ask about, and a difference of names
that are words is none either. `x` and `x-y` are left to be formulas."""


def is_run(text: str, *, at_a_point: bool) -> bool:
    """Whether a file of this path or a run of this name is there, or is clearly meant.

    Args:
        text: What was typed.
        at_a_point: True if a point or a box was given, as for a formula.
    """
    return (
        text.endswith(".db")
        or Path(text).exists()
        or (Path(DEFAULT_FOLDER) / f"{text}.db").exists()
        or _DEFAULT_NAME.fullmatch(text) is not None
        or (not at_a_point and _ONE_NAME.fullmatch(text) is not None)
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
    after = {n: t + chosen.update[n] for n, t in chosen.parameters.items()}

    def along() -> "tuple[Tensor, ...]":
        others = saved_steps(path).items()
        steps = (chosen if n == chosen.step else open_capture(file) for n, file in others)
        return tuple(
            objective.flat(c.parameters)
            for c in steps
            if c.parameters.keys() == chosen.parameters.keys()
        )

    return Subject(
        objective,
        after=objective.flat(after),
        path=along,
        preconditioner=chosen.preconditioner,
    )
