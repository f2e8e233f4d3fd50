"""What `watch(model=…, optimizer=…)` leaves out: passes, steps and parameters of other models."""

import weakref
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from .optimizers import tensors_of


class Narrowing:
    """Tells what belongs to one model, to one optimizer, or to both.

    Args:
        model: Only passes that reach its parameters count, and only optimizers that hold some.
        optimizer: Only its steps count, and without `model` only passes that reach what it holds.
    """

    def __init__(self, model: nn.Module | None, optimizer: Optimizer | None) -> None:
        self._model = None if model is None else weakref.ref(model)
        self._optimizer = None if optimizer is None else weakref.ref(optimizer)
        self.on = model is not None or optimizer is not None
        self._foreign_step = False

    def wants(self, tensor: Tensor) -> bool:
        """True if it is a parameter to be recorded."""
        return not self.on or any(tensor is p for p in self._parameters())

    def ignores(self, optimizer: Optimizer) -> bool:
        """True if the optimizer's steps do not count."""
        if not self.on:
            return False
        if self._optimizer is not None and self._optimizer() is not optimizer:
            return True
        if self._model is None:
            return False
        own = {id(p) for p in self._parameters()}
        return not any(id(p) in own for p in tensors_of(optimizer))

    def stepped(self) -> None:
        """An optimizer that is ignored made a step."""
        self._foreign_step = True

    def reaches(self, roots: Sequence[Any]) -> bool:
        """True if a backward pass from these nodes brings a gradient to what is watched."""
        if not self.on:
            return True
        own = {id(p) for p in self._parameters()}
        waiting = [root for root in roots if root is not None]
        seen = set(waiting)
        while waiting:
            node = waiting.pop()
            if id(getattr(node, "variable", None)) in own:
                return True
            for following, _ in node.next_functions:
                if following is not None and following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return False

    def starts_anew(self) -> bool:
        """True if the passes since the last step that counts were those of a step that does not.

        An optimizer that is ignored has stepped, and the gradients that the passes left were
        thrown away since: a generator's loss reaches the discriminator, too.
        """
        if not self._foreign_step:
            return False
        self._foreign_step = False
        return not any(
            p.grad is not None and bool(p.grad._nnz() if p.grad.is_sparse else p.grad.any())
            for p in self._parameters()
        )

    def _parameters(self) -> list[Tensor]:
        if self._model is not None:
            model = self._model()
            return [] if model is None else list(model.parameters())
        optimizer = self._optimizer() if self._optimizer is not None else None
        return [] if optimizer is None else tensors_of(optimizer)
