"""The peers that show distributions of gradients at every step, set to do just that."""

import os
import tempfile

from benchmarks.contenders import Contender
from benchmarks.workloads import Workload


class WandbWatch(Contender):
    """`wandb.watch(log="all", log_freq=1)`, offline, the loss logged each step."""

    name = 'wandb.watch(log="all", log_freq=1)'
    package = "wandb"

    def __init__(self, workload: Workload, warm_up: int | None = None) -> None:
        super().__init__(workload, warm_up)
        self._folder = tempfile.TemporaryDirectory(
            prefix="wandb-bench-", ignore_cleanup_errors=True
        )
        for variable in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
            os.environ[variable] = self._folder.name
        os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
        import wandb

        self._wandb = wandb
        self._run = wandb.init(project="bench", dir=self._folder.name)

    def on(self) -> None:
        """Watch. `idx=0` keeps the names of the first time: new ones would pile up in the run."""
        self._run.watch(self.workload.model, log="all", log_freq=1, idx=0)

    def off(self) -> None:
        """Stop watching."""
        self._run.unwatch(self.workload.model)

    def step(self) -> None:
        """A step and its log entry."""
        self._run.log({"loss": self.workload.step()})

    def finish(self) -> None:
        """End the run and the process beside it."""
        self._run.finish()
        self._wandb.teardown()
        self._folder.cleanup()


class TensorBoard(Contender):
    """`add_histogram` of every parameter's gradient and `add_scalar` of the loss, each step."""

    name = "TensorBoard, histograms of all gradients"
    package = "tensorboard"

    def __init__(self, workload: Workload, warm_up: int | None = None) -> None:
        super().__init__(workload, warm_up)
        from torch.utils.tensorboard import SummaryWriter

        self._folder = tempfile.TemporaryDirectory(prefix="tensorboard-bench-")
        self._writer = SummaryWriter(self._folder.name)
        self._step = 0

    def step(self) -> None:
        """A step and its histograms."""
        loss = self.workload.step()
        self._writer.add_scalar("loss", loss, self._step)
        for name, parameter in self.workload.model.named_parameters():
            if parameter.grad is not None:
                self._writer.add_histogram(name, parameter.grad, self._step)
        self._step += 1

    def finish(self) -> None:
        """Close the event file."""
        self._writer.close()
        self._folder.cleanup()
