"""Steps that were measured and are yet to be written down.

In a training process a line of Python takes several times as long as elsewhere, since the script's
own work has filled the caches since it last ran. So what can be worked out later is left until the
file is written, and then done for all steps since the last time, one after another.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from chainrule import _guard
from chainrule.records import Activation, BackwardPass, StepSample

from .activations import Derivatives, finish
from .probes import Probes
from .sink import Sink
from .updates import Changes

_AT_ONCE = 8
"""Steps worked out together: of ten activations they fill 320 kB, which a processor's cache holds.
With all steps of a second, 75 of a small network, it took a quarter longer."""

_MOST = 128
"""Steps that wait: each keeps 4 kB of each activation, 50 MB for a network of a hundred."""


@dataclass(slots=True)
class MeasuredPass:
    """A backward pass whose graph is known.

    Attributes: as of `BackwardPass`, but for

        seed_norms: One for each output that the pass started from.
        derivatives: What is kept of its activations; None if it has none.
    """

    step: int
    index: int
    graph: int
    loss: float | Tensor
    scale: float
    seed_norms: Sequence[float | Tensor]
    accumulates: bool
    node_norms: Sequence[float | Tensor]
    edge_norms: Sequence[float | Tensor]
    numels: Sequence[int]
    derivatives: Derivatives | None

    def record(self, activations: tuple[Activation, ...]) -> BackwardPass:
        """What is written of it."""
        return BackwardPass(
            step=self.step,
            index=self.index,
            graph=self.graph,
            loss=float(self.loss),
            scale=self.scale,
            seed_norm=math.hypot(*map(float, self.seed_norms)) if self.seed_norms else 1.0,
            accumulates=self.accumulates,
            node_norms=tuple(map(float, self.node_norms)),
            edge_norms=tuple(map(float, self.edge_norms)),
            numels=tuple(self.numels),
            activations=activations,
        )


@dataclass(slots=True)
class MeasuredStep:
    """A step.

    Attributes: as of `StepSample`, but for

        changes: What it did to the parameters; None if no optimizer has stepped.
        passes: Its backward passes.
    """

    step: int
    optimizer: int
    changes: Changes | None
    passes: Sequence[MeasuredPass]
    time_s: float = 0.0
    overhead_s: float = 0.0


class MeasuredSteps:
    """Those that wait.

    Args:
        sink: Where they go.
        probes: Told of each when it is written.
    """

    def __init__(self, sink: Sink, probes: Probes) -> None:
        self._sink = sink
        self._probes = probes
        self._waiting: list[MeasuredStep] = []

    def add(self, step: MeasuredStep) -> None:
        """One was measured."""
        self._waiting.append(step)
        if len(self._waiting) >= _MOST:
            self.write()

    def write(self) -> None:
        """Hand them on."""
        while self._waiting:
            steps = self._waiting[:_AT_ONCE]
            del self._waiting[:_AT_ONCE]  # first: an error must not come again with each attempt
            try:
                self._write(steps)
            except Exception as error:
                _guard.report("writing down measured steps", error)

    def _write(self, steps: Sequence[MeasuredStep]) -> None:
        passes = [p for step in steps for p in step.passes]
        activations = iter(finish([p.derivatives for p in passes if p.derivatives is not None]))
        for step in steps:
            records = tuple(
                [
                    p.record(next(activations) if p.derivatives is not None else ())
                    for p in step.passes
                ]
            )
            self._probes.sampled(records)
            self._sink.sample(
                StepSample(
                    step=step.step,
                    optimizer=step.optimizer,
                    time_s=step.time_s,
                    overhead_s=step.overhead_s,
                    parameters=() if step.changes is None else step.changes.samples(),
                    backward_passes=records,
                )
            )
