"""The forward passes that are looked at: those of captured steps, and the parameters of more.

The parameters are looked at before steps 0, 1, 2, 4, ... whether or not the step is captured;
layers, losses and cuts only where the calls of the step are listened to. To look costs more than
to capture, and what it tells changes slowly: captures beyond these are not looked at.
"""

from collections.abc import Sequence
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule import _guard
from chainrule.observer.modes import unseen
from chainrule.observer.names import Names
from chainrule.observer.optimizers import Optimizers, tensors_of
from chainrule.observer.sink import Sink
from chainrule.records import ForwardPass

from .behind import Reached, reached_from
from .listener import ForwardListener
from .schedulers import Schedulers
from .states import States

_GROWTH = 2  # from step 2 on, as captures: early, and at ever larger gaps


def _after(step: int) -> int:
    """The step to look at next, from the one that was."""
    return step + 1 if step < 2 else _GROWTH * step


class ForwardPasses:
    """Looks at forward passes and records them.

    Args:
        names: Names of modules and parameters.
        optimizers: Those met so far.
        sink: Where records go.

    Attributes:
        listener: Told of the calls of captured steps.
    """

    def __init__(self, names: Names, optimizers: Optimizers, sink: Sink) -> None:
        self.listener = ForwardListener(names)
        self._names = names
        self._sink = sink
        self._states = States(names, optimizers)
        self._schedulers = Schedulers(optimizers, sink)
        self._reached = Reached()
        self._passes = 0
        self._passes_at_step: dict[int, int] = {}  # of each optimizer: as many had there been
        self._next = 0
        self._next_captured = 0
        self._on = False

    def wants(self, step: int, *, captured: bool) -> bool:
        """True if a step is to be looked at that is sampled, or captured."""
        return step >= (self._next_captured if captured else self._next)

    def start(self, step: int, *, captured: bool = False) -> None:
        """The coming step is looked at."""
        self._on = True
        self._passes = 0
        self._passes_at_step.clear()
        self._reached = Reached()
        self.listener.start()
        self._states.start()
        while self._next <= step:
            self._next = _after(self._next)
        while captured and self._next_captured <= step:
            self._next_captured = _after(self._next_captured)

    def stop(self) -> None:
        """Look no more."""
        if self._on:
            self._on = False
            self._reached = Reached()
            self.listener.forget()
            self._states.start()

    def begins(self, outputs: Sequence[Any]) -> None:
        """A backward pass of the step begins; calls are not listened to meanwhile."""
        if not self._on:
            return
        self._passes += 1
        roots = [t for t in outputs if isinstance(t, Tensor)]
        try:
            with torch.no_grad():
                self.listener.begins(roots)
                found = reached_from([t.grad_fn for t in roots if t.grad_fn is not None])
                self._states.begins(found.leaves.values(), found.right)
        except Exception as error:
            _guard.report("looking at a forward pass", error)
            return
        self._reached.calls |= found.calls
        self._reached.near |= found.near

    def before_step(self, optimizer: Optimizer) -> None:
        """An optimizer is about to step."""
        if self._on:
            try:
                with unseen(), torch.no_grad():
                    self._states.before_step(tensors_of(optimizer))
            except Exception as error:
                _guard.report("looking at the parameters", error)

    def after_step(
        self, optimizer: Optimizer, index: int, step: int, frame: FrameType | None
    ) -> float:
        """An optimizer has stepped.

        Args:
            optimizer: It.
            index: Its number.
            step: The step that ends here.
            frame: Where it was stepped.

        Returns:
            Seconds that it took to listen to the forward pass.
        """
        if not self._on:
            return 0.0
        try:
            with unseen(), torch.no_grad():
                self._record(optimizer, index, step, frame)
        except Exception as error:
            _guard.report("recording a forward pass", error)
        listened, self.listener.own_s = self.listener.own_s, 0.0
        return listened

    def _record(self, optimizer: Optimizer, index: int, step: int, frame: FrameType | None) -> None:
        reached, listener = self._reached, self.listener
        before = self._passes_at_step
        since_any = self._passes - max(before.values(), default=0)
        layers = listener.layers(reached)
        self._sink.forward_pass(
            ForwardPass(
                step=step,
                optimizer=index,
                layers=layers,
                losses=listener.losses(reached),
                cuts=listener.cuts(reached),
                normalizations=listener.normalizations(reached),
                parameters=self._states.after_step(tensors_of(optimizer)),
                evaluating=self._names.roots_evaluating({c.parameter for c in layers}),
                passes_since_step=since_any or self._passes - before.get(index, 0),
            )
        )
        listener.next_update(reached)
        before[index] = self._passes
        self._reached = Reached()
        self._schedulers.look(optimizer, frame, step + 1)

    def finish(self, step: int) -> None:
        """The run is over after so many steps."""
        self.stop()
        self._schedulers.read(step)
