"""`with chainrule.watch() as run:` for a notebook or a library."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module  # no layer below the faces imports the diagnosis
from pathlib import Path
from typing import Literal

from torch import nn
from torch.optim import Optimizer

from chainrule.objective import Objective
from chainrule.records import Finding
from chainrule.records.shown import ShownInNotebook
from chainrule.store import can_name_a_file

from .governor import Governor
from .names import variable_of
from .session import Session, active, in_words


@dataclass(slots=True)
class Watch(ShownInNotebook):
    """A run watched from inside the program; in a notebook it shows itself.

    Attributes:
        session: The observer's own state.
    """

    session: Session

    @property
    def name(self) -> str:
        """Name of the run: the one asked for, with a number if that was taken."""
        return self.session.name

    @property
    def path(self) -> Path:
        """The run file.

        Raises:
            RuntimeError: If there is none: no training was seen, or no file could be written.
        """
        if self.session.path is None:
            if self.session.failure:
                raise RuntimeError(f"The run was not recorded. {self.session.failure}")
            raise RuntimeError(
                "No training was seen inside `chainrule.watch()`: no backward pass and no "
                "optimizer step. Train inside the `with` block."
            )
        return self.session.path

    @property
    def running(self) -> bool:
        """Whether the block is still being run."""
        return self.session is active()

    def tell(self, listener: Callable[[], None]) -> None:
        """Call a function whenever something was written into the run file, and at its end.

        It is called in the thread that trains, between two steps, about once a second; what it
        takes counts as a cost of watching.
        """
        self.session.sink.listeners.append(listener)

    def findings(self) -> "tuple[Finding, ...]":
        """What is found so far, as `chainrule.diagnose` would; in the block or after it.

        In the block it writes down first what is pending, and takes as long as reading it all.

        Raises:
            RuntimeError: If there is no run file: no training was seen yet.
        """
        if self.running or self.session.shared:
            self.session.flush()
        found: tuple[Finding, ...] = import_module("chainrule.diagnosis").diagnose(self.path)
        return found

    def objective(self, step: int) -> "Objective":
        """The loss of a captured step as a function of the weights, run again as the step ran it.

        Args:
            step: A step that was captured: the first few and the latest at ever larger gaps.

        Raises:
            CaptureError: If that step was not captured, or does not give the recorded loss bit for
                bit when it is run again; the message says which steps there are, or why.
        """
        observation = self.session.observation
        if observation is None:
            raise RuntimeError("Nothing has been observed yet: train inside the `with` block.")
        return observation.captures.at(step).objective()

    @property
    def captured(self) -> tuple[int, ...]:
        """The steps that are captured and kept."""
        observation = self.session.observation
        return () if observation is None else tuple(c.step for c in observation.captures.kept)


@contextmanager
def watch(
    model: nn.Module | None = None,
    optimizer: Optimizer | None = None,
    *,
    budget: float = 0.01,
    every: int | Literal["all"] | None = None,
    name: str | None = None,
    folder: str | Path = "chainrule-runs",
    capture: int = 8,
    save_captures: bool = False,
) -> Iterator[Watch]:
    """Watch all training in the block, as `chainrule run` does for a script.

    Args:
        model: Watch only this model: passes that reach its parameters, and the optimizers that
            hold some of them. If not given, all models are, and they are found by themselves.
        optimizer: Count only the steps of this optimizer; all are if not given.
        budget: Share of training time that sampling may take.
        every: Sample every N-th step (`"all"`: each one) instead of keeping to a budget.
        name: Name of the run and of its file; by default `watch-` and the time.
        folder: Where run files go.
        capture: How many steps are kept so that they can be done again; 0 for none.
        save_captures: Write them beside the run file at the end, for `chainrule.captured`.

    Under `chainrule run` the block joins the run of the whole script.

    Yields:
        The run; afterwards `chainrule.diagnose(run)` gives its findings.

    Raises:
        RuntimeError: If chainrule is already watching in this process.
        ValueError: If `budget`, `every` or `name` cannot be what they say.
    """
    _check(budget, every, name)
    outer = active()
    if outer is not None and outer.shared:  # under `chainrule run`: the whole script is watched
        yield Watch(outer)
        outer.flush()
        return
    steps = 1 if every == "all" else every
    model_name = ""
    if model is not None:
        model_name = variable_of(model, sys._getframe()) or type(model).__name__
    session = Session(
        folder=Path(folder),
        name=name,
        default_name=time.strftime("watch-%Y%m%d-%H%M%S"),
        command=tuple(sys.argv) or ("python",),
        governor=Governor(None if steps else budget, steps),
        options={
            "budget": None if steps else budget,
            "every": steps,
            "model": model_name or None,
            "optimizer": None if optimizer is None else type(optimizer).__name__,
        },
        model=model,
        model_name=model_name,
        optimizer=optimizer,
        captures=capture,
        save_captures=save_captures,
    )
    session.start()
    try:
        yield Watch(session)
    except BaseException as error:
        session.close(failed=True, exit_code=None, exception=in_words(error), error=error)
        raise
    session.close(failed=False, exit_code=None, exception=None)


def _check(budget: float, every: int | str | None, name: str | None) -> None:
    if not 0 < budget < 1:
        raise ValueError(
            f"Expected a budget between 0 and 1, a share of the training time such as 0.01, "
            f"found {budget!r}."
        )
    if every not in (None, "all") and not (
        isinstance(every, int) and not isinstance(every, bool) and every >= 1
    ):
        raise ValueError(f'Expected a whole number of steps from 1 on, or "all", found {every!r}.')
    if name is not None and not can_name_a_file(name):
        raise ValueError(
            f"Expected a name that a file can have, of letters, digits, - and _, found {name!r}; "
            "the folder is an argument of its own."
        )
