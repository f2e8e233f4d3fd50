"""Where an observation puts its records: the run file, or nothing once that has failed.

The file is made when training first shows itself, so that a script that never trains leaves
none. A full disk or an unwritable folder is said once, and training goes on unrecorded; the
verdict is told of it at the end.
"""

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from chainrule import _guard
from chainrule.records import (
    Event,
    FinalPlace,
    ForwardPass,
    Graph,
    OptimizerOutline,
    Parameter,
    Scheduler,
    StepSample,
    StepScan,
    StepSharpness,
)
from chainrule.store import RunFileError, RunWriter

_FIRST_FLUSH_S = 0.05  # a run killed in its first second still leaves something to read
_FLUSH_S = 1.0


class Sink:
    """Writes records of one run.

    Args:
        create: Makes the run file; called once, at the first record.
        on_created: Told the path of the file.
        on_failed: Told why, if it cannot be made or written any more.
        world_size: Number of ranks.
        name: Name asked for; if it was taken, the other one is said.

    Attributes:
        failure: Why recording has ended before the training; empty while it goes on.
        listeners: Called after each flush and at the end.
    """

    def __init__(
        self,
        create: Callable[[], RunWriter],
        on_created: Callable[[Path], None] = lambda path: None,
        world_size: int = 1,
        name: str = "",
        on_failed: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._create = create
        self._name = name
        self._on_created = on_created
        self._on_failed = on_failed
        self.failure = ""
        self.listeners: list[Callable[[], None]] = []
        self._opening = threading.RLock()  # optimizers of two threads may step at once
        self._world_size = world_size
        self._writer: RunWriter | None = None
        self._failed = False
        self._pid = os.getpid()
        self._flushed = -math.inf
        self._interval = _FIRST_FLUSH_S

    @property
    def path(self) -> Path | None:
        """The run file; None before the first record or if it could not be made."""
        return self._writer.path if self._writer is not None else None

    def _open(self) -> RunWriter | None:
        if self._writer is None:
            with self._opening:
                self._make()
        return None if self._failed else self._writer

    def _make(self) -> None:
        if self._writer is not None or self._failed or os.getpid() != self._pid:
            return
        try:
            writer = self._create()
        except RunFileError as error:
            self._fail(error, "Training goes on, unrecorded.")
            return
        self._writer = writer
        self._on_created(writer.path)
        if self._name and writer.name != self._name:
            sys.stderr.write(
                f"chainrule: a run named {self._name} exists; this one is {writer.name}.\n"
            )

    def _fail(self, error: Exception, consequence: str) -> None:
        self._failed = True
        self.failure = str(error)
        sys.stderr.write(f"chainrule: {error} {consequence}\n")
        sys.stderr.flush()
        self._on_failed(self.failure)

    def describe(self, device: str) -> None:
        """Note where the parameters live."""
        if writer := self._open():
            self._try(lambda: writer.describe(device=device, world_size=self._world_size))

    def point(self, series: str, step: int, value: float) -> None:
        """One value of a series."""
        writer = self._writer  # of every step: by the shortest way
        if writer is None or self._failed:
            writer = self._open()
        if writer is not None:
            writer.point(series, step, value)

    def add_parameter(self, parameter: Parameter) -> None:
        """A new or changed parameter."""
        if writer := self._open():
            self._try(lambda: writer.add_parameter(parameter))

    def add_optimizer(self, optimizer: OptimizerOutline) -> None:
        """A new optimizer."""
        if writer := self._open():
            self._try(lambda: writer.add_optimizer(optimizer))

    def add_graph(self, graph: Graph) -> None:
        """A new graph."""
        if writer := self._open():
            self._try(lambda: writer.add_graph(graph))

    def step_scan(self, scan: StepScan) -> None:
        """How long a step should have been."""
        if writer := self._open():
            self._try(lambda: writer.add_step_scan(scan))

    def step_sharpness(self, sharpness: StepSharpness) -> None:
        """How sharply the loss of a step bends."""
        if writer := self._open():
            self._try(lambda: writer.add_step_sharpness(sharpness))

    def forward_pass(self, forward: ForwardPass) -> None:
        """What was seen of a forward pass."""
        if writer := self._open():
            self._try(lambda: writer.add_forward_pass(forward))

    def scheduler(self, scheduler: Scheduler) -> None:
        """A learning-rate scheduler, as it is now."""
        if writer := self._open():
            self._try(lambda: writer.add_scheduler(scheduler))

    def final_place(self, place: FinalPlace) -> None:
        """Where the run ended."""
        if writer := self._open():
            self._try(lambda: writer.add_final_place(place))

    def sample(self, sample: StepSample) -> None:
        """A sampled step."""
        if writer := self._open():
            writer.sample(sample)

    def event(self, event: Event) -> None:
        """Something that happened once."""
        if writer := self._open():
            writer.event(event)

    def totals(
        self,
        *,
        steps: int,
        backward_passes: int,
        sampled_steps: int,
        observed_s: float,
        training_s: float,
    ) -> None:
        """Counts of the run so far."""
        if self._writer is not None and not self._failed:
            self._writer.totals(
                steps=steps,
                backward_passes=backward_passes,
                sampled_steps=sampled_steps,
                observed_s=observed_s,
                training_s=training_s,
            )

    def questions(self, seconds: float) -> None:
        """What questions after the last step took."""
        if self._writer is not None and not self._failed:
            self._writer.questions(seconds)

    def flush(self, now: float | None = None) -> None:
        """Write what is pending."""
        if (writer := self._writer) is not None and not self._failed:
            self._try(writer.flush)
            self._flushed = time.perf_counter() if now is None else now
            self._interval = min(2 * self._interval, _FLUSH_S)
            self._tell()

    def due(self, now: float) -> bool:
        """True if it is time to flush: often in the first seconds, then every second."""
        return now - self._flushed >= self._interval

    def close(self, *, failed: bool, exit_code: int | None, exception: str | None) -> None:
        """Write the closing row."""
        if (writer := self._writer) is not None and not self._failed:
            self._try(
                lambda: writer.close(
                    status="failed" if failed else "finished",
                    exit_code=exit_code,
                    exception=exception,
                    ended_at=time.time(),
                )
            )
            self._tell()

    def _tell(self) -> None:
        if os.getpid() != self._pid:
            return
        for listener in self.listeners:
            try:
                listener()
            except Exception as error:
                _guard.report("showing the run", error)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except RunFileError as error:
            if not self._failed:
                self._fail(error, "Training goes on, its recording ends here.")
