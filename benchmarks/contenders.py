"""What is timed: chainrule and its peers, each switched on for one segment and off for the next."""

import os
import tempfile
import time
from collections.abc import Callable
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


class Contender:
    """Bare against bare: nothing is switched on, so what is measured is noise."""

    name = "bare again (noise floor)"
    warm_up = 0

    def __init__(self, workload: Workload) -> None:
        self.workload = workload

    def on(self) -> None:
        """Switch on for the coming segment."""

    def off(self) -> None:
        """Switch off; nothing may stay behind."""

    def step(self) -> None:
        """One training step, as a user of the tool would write it."""
        self.workload.step()

    def finish(self) -> None:
        """After the last segment."""


class Chainrule(Contender):
    """chainrule, writing a real run file; every step sampled."""

    name = "chainrule, every step sampled"
    every: int | None = 1
    warm_up = 5

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.session = Session(
            folder=Path(tempfile.mkdtemp()),
            name="bench",
            command=("bench",),
            governor=Governor(None if self.every else 0.01, self.every),
            options={},
        )
        self.session.start()
        assert self.session.observation is not None
        self.observation = self.session.observation
        self._detach: list[Callable[[], Any]] = []
        for _ in range(self.warm_up):
            self.step()
        while self.session._detach:  # from here on attached by `on` alone
            self.session._detach.pop()()
        self.observation._disarm()

    def on(self) -> None:
        """Attach, and arm if the governor wants the next step."""
        o = self.observation
        self._detach = [
            entry.attach(o.backward.enter, o.lights.enter),
            o.evaluations.attach(),
            register_optimizer_step_pre_hook(o.before_step).remove,
            register_optimizer_step_post_hook(o.after_step).remove,
        ]
        o._present.ended_s = time.perf_counter()
        if o.governor.wants(o.step):
            o._arm()

    def off(self) -> None:
        """Detach."""
        self.observation._disarm()
        for undo in self._detach:
            undo()

    def finish(self) -> None:
        """Close the run file."""
        self.session.close(failed=False, exit_code=0, exception=None)


class ChainruleDefault(Chainrule):
    """chainrule at its default budget of 1 %."""

    name = "chainrule, default budget"
    every = None
    warm_up = 60


class WandbWatch(Contender):
    """`wandb.watch(log="all", log_freq=1)`, offline, the loss logged each step."""

    name = 'wandb.watch(log="all", log_freq=1)'

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
        import wandb

        self.wandb = wandb
        self.run = wandb.init(project="bench", dir=tempfile.mkdtemp())

    def on(self) -> None:
        """Watch."""
        self.wandb.watch(self.workload.model, log="all", log_freq=1)

    def off(self) -> None:
        """Stop watching."""
        self.wandb.unwatch(self.workload.model)

    def step(self) -> None:
        """A step and its log entry."""
        self.wandb.log({"loss": self.workload.step()})

    def finish(self) -> None:
        """End the run."""
        self.run.finish()


class TensorBoard(Contender):
    """`add_histogram` of every parameter's gradient and `add_scalar` of the loss, each step."""

    name = "TensorBoard histograms of all gradients"

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(tempfile.mkdtemp())
        self.count = 0

    def step(self) -> None:
        """A step and its histograms."""
        loss = self.workload.step()
        self.writer.add_scalar("loss", loss, self.count)
        for name, parameter in self.workload.model.named_parameters():
            if parameter.grad is not None:
                self.writer.add_histogram(name, parameter.grad, self.count)
        self.count += 1

    def finish(self) -> None:
        """Close the event file."""
        self.writer.close()


CONTENDERS = (Contender, ChainruleDefault, Chainrule, WandbWatch, TensorBoard)
