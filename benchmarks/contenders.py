"""Chainrule, switched on for one segment of steps and off for the next."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from benchmarks.workloads import Workload
from chainrule.observer import entry
from chainrule.observer.governor import Governor
from chainrule.observer.session import Session


@dataclass(frozen=True)
class Count:
    """What a contender counted of itself; a difference of two covers the time between.

    Attributes:
        steps: Steps that it watched.
        sampled: Steps that it sampled.
        spent_s: Seconds that it says it took.
    """

    steps: int
    sampled: int
    spent_s: float

    def __sub__(self, earlier: "Count") -> "Count":
        return Count(
            self.steps - earlier.steps,
            self.sampled - earlier.sampled,
            self.spent_s - earlier.spent_s,
        )


class Contender:
    """Bare against bare: nothing is switched on, so what is measured is noise.

    Attributes:
        name: As it stands in the table.
        package: What it needs beyond chainrule; "" for nothing.
        warm_up: Steps that it watches before any is timed.
    """

    name = "bare again (noise floor)"
    package = ""
    warm_up = 0

    def __init__(self, workload: Workload, warm_up: int | None = None) -> None:
        self.workload = workload
        if warm_up is not None:
            self.warm_up = warm_up

    def on(self) -> None:
        """Switch on for the coming segment."""

    def off(self) -> None:
        """Switch off; nothing may stay behind."""

    def step(self) -> None:
        """One training step, as a user of the tool would write it."""
        self.workload.step()

    def count(self) -> Count | None:
        """What it has counted of itself so far, if it does."""
        return None

    def finish(self) -> None:
        """After the last segment."""


class ChainruleEveryStep(Contender):
    """chainrule with every step sampled, writing a real run file."""

    name = "chainrule, every step sampled"
    warm_up = 5
    budget: float | None = None
    every: int | None = 1

    def __init__(self, workload: Workload, warm_up: int | None = None) -> None:
        super().__init__(workload, warm_up)
        self._folder = tempfile.TemporaryDirectory(prefix="chainrule-bench-")
        self.session = Session(
            folder=Path(self._folder.name),
            name="bench",
            command=("bench",),
            governor=Governor(self.budget, self.every),
            options={},
        )
        self.session.start()
        assert self.session.observation is not None
        self.observation = self.session.observation
        for _ in range(self.warm_up):
            self.step()
        self.observation._disarm()
        self.session.abandon()  # from here on attached by `on` alone
        self._left_s = time.perf_counter()
        self._attached: list[Callable[[], Any]] = []

    def on(self) -> None:
        """Attach, and arm if the governor wants the next step.

        The time since `off` is taken out of the run: the writer flushes once a second of
        watched training, not of the clock, which bare segments move on as well.
        """
        watching = self.observation
        self._attached = [
            entry.attach(watching.on_backward),
            register_optimizer_step_pre_hook(watching.before_step).remove,
            register_optimizer_step_post_hook(watching.after_step).remove,
        ]
        if watching.governor.wants(watching.step):
            watching._arm()
        now = time.perf_counter()
        away = now - self._left_s
        watching.started_s += away
        self.session.sink._flushed += away
        watching.last_end_s = now

    def off(self) -> None:
        """Detach; a step that was armed and not taken is disarmed."""
        self._left_s = time.perf_counter()
        self.observation._disarm()
        while self._attached:
            self._attached.pop()()

    def count(self) -> Count:
        """Steps, samples and seconds, from the observation and its governor."""
        governor = self.observation.governor
        return Count(self.observation.step, governor.sampled, governor.spent_s)

    def finish(self) -> None:
        """Close the run file. A run that broke on the way was cheap for the wrong reason.

        Raises:
            RuntimeError: If chainrule met an error of its own or did not write its file.
        """
        try:
            self.session.close(failed=False, exit_code=0, exception=None)
            if self.session.path is None or self.session.sink._failed:
                raise RuntimeError(f"{self.name}: no run file was written")
        finally:
            self._folder.cleanup()


class ChainruleDefault(ChainruleEveryStep):
    """chainrule at its default budget of 1 %; its first steps, sampled densely, are warm-up."""

    name = "chainrule, default budget"
    warm_up = 60
    budget = 0.01
    every = None
