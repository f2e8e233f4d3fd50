"""`with chainrule.watch() as run:` for a notebook or a library."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import nn
from torch.optim import Optimizer

from chainrule.objective import Objective

from .governor import Governor
from .session import Session, active


@dataclass(slots=True)
class Watch:
    """A run watched from inside the program.

    Attributes:
        name: Name of the run.
        session: The observer's own state.
    """

    name: str
    session: Session

    @property
    def path(self) -> Path:
        """The run file.

        Raises:
            RuntimeError: If no training was seen, so that there is none.
        """
        if self.session.path is None:
            raise RuntimeError(
                "No training was seen inside `chainrule.watch()`: no backward pass and no "
                "optimizer step. Train inside the `with` block."
            )
        return self.session.path

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
        model: Root module to name parameters by; found by itself if not given.
        optimizer: Count only the steps of this optimizer; all are if not given.
        budget: Share of training time that sampling may take.
        every: Sample every N-th step (`"all"`: each one) instead of keeping to a budget.
        name: Name of the run; by default `watch-` and the time.
        folder: Where run files go.
        capture: How many steps are kept so that they can be done again; 0 for none.
        save_captures: Write them beside the run file at the end, for `chainrule.captured`.

    Under `chainrule run` the block joins the run of the whole script.

    Yields:
        The run; afterwards `chainrule.diagnose(run)` gives its findings.

    Raises:
        RuntimeError: If chainrule is already watching in this process.
    """
    outer = active()
    if outer is not None and outer.shared:  # under `chainrule run`: the whole script is watched
        yield Watch(outer.name, outer)
        outer.flush()
        return
    steps = 1 if every == "all" else every
    session = Session(
        folder=Path(folder),
        name=name or time.strftime("watch-%Y%m%d-%H%M%S"),
        command=tuple(sys.argv) or ("python",),
        governor=Governor(None if steps else budget, steps),
        options={"budget": None if steps else budget, "every": steps},
        model=model,
        optimizer=optimizer,
        captures=capture,
        save_captures=save_captures,
    )
    session.start()
    try:
        yield Watch(session.name, session)
    except BaseException as error:
        session.close(failed=True, exit_code=None, exception=f"{type(error).__name__}: {error}")
        raise
    session.close(failed=False, exit_code=None, exception=None)
