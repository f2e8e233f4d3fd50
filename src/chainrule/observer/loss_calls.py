"""Calls of PyTorch's loss functions, known by the question that each of them asks first.

`torch.nn.functional.cross_entropy` and its like begin by asking `has_torch_function_variadic`
whether a tensor of another class wants to take over. While we listen, a function of ours answers
that question as PyTorch does, and computes the loss a second time from the same arguments: it has
returned before the loss function goes on, so none of our frames is in a traceback of the script,
and what is not a loss costs nothing. A loss is a small part of a forward pass, and draws no random
numbers.
"""

import sys
import time
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.jit import _builtins
from torch.nn import _reduction
from torch.overrides import has_torch_function_variadic

from chainrule import _guard

from .modes import unseen

OnLoss = Callable[[str, Tensor, float], None]
"""Told the function, its mean over the batch, and how many examples that is."""

Arguments = Mapping[str, Any]


def _enum(given: Arguments) -> int:
    return _reduction.get_enum(given["reduction"])


_torch: Any = torch  # whose functions have no types
_nn: Any = torch._C._nn


def _of_two(function: Callable[..., Tensor], *further: str) -> Callable[[Arguments], Tensor]:
    """A function of an input and a target of any two shapes that broadcast."""

    def compute(given: Arguments) -> Tensor:
        pair = _torch.broadcast_tensors(given["input"], given["target"])
        return function(*pair, _enum(given), *(given[name] for name in further))

    return compute


_functional: Any = F

COMPUTED: dict[str, Callable[[Arguments], Tensor]] = {
    "cross_entropy": lambda given: _nn.cross_entropy_loss(
        given["input"],
        given["target"],
        given["weight"],
        _enum(given),
        given["ignore_index"],
        given["label_smoothing"],
    ),
    "nll_loss": lambda given: _nn.nll_loss_nd(
        given["input"], given["target"], given["weight"], _enum(given), given["ignore_index"]
    ),
    "mse_loss": _of_two(_nn.mse_loss),
    "l1_loss": _of_two(_nn.l1_loss),
    "smooth_l1_loss": _of_two(_nn.smooth_l1_loss, "beta"),
    "huber_loss": _of_two(_nn.huber_loss, "delta"),
    "binary_cross_entropy": lambda given: _nn.binary_cross_entropy(
        given["input"], given["target"], given["weight"], _enum(given)
    ),
    "binary_cross_entropy_with_logits": lambda given: torch.binary_cross_entropy_with_logits(
        given["input"], given["target"], given["weight"], given["pos_weight"], _enum(given)
    ),
}
"""Each loss function computed from its arguments by what it computes it with itself."""

_NAMES: dict[CodeType, str] = {
    getattr(F, name).__code__: name for name in COMPUTED if hasattr(F, name)
}


class LossCalls:
    """Tells of the calls of some loss functions while it is on.

    Args:
        on_loss: Told each.

    Attributes:
        wanted: Names of the functions that are told.
        own_s: Seconds that hearing them took.
    """

    def __init__(self, on_loss: OnLoss) -> None:
        self.wanted: frozenset[str] = frozenset()
        self.own_s = 0.0
        self._on_loss = on_loss
        self._original: Any = None

        def answer(*arguments: Any) -> bool:
            original = self._original or has_torch_function_variadic
            overridden = bool(original(*arguments))
            if not overridden:
                frame = sys._getframe(1)
                name = _NAMES.get(frame.f_code)
                if name in self.wanted:
                    self._called(name, frame.f_locals)
            return overridden

        # a function that is scripted meanwhile must find the question under its own name
        _builtins._register_builtin(answer, "aten::has_torch_function")
        self._answer = answer

    def start(self) -> None:
        """From now on calls are told."""
        if _functional.has_torch_function_variadic is not self._answer:
            self._original = _functional.has_torch_function_variadic
            _functional.has_torch_function_variadic = self._answer

    def stop(self) -> None:
        """Take it back."""
        if _functional.has_torch_function_variadic is self._answer:
            _functional.has_torch_function_variadic = self._original
        self._original = None

    def _called(self, name: str, given: Arguments) -> None:
        began = time.perf_counter()
        try:
            if _can_compute(name, given):
                with unseen(), torch.no_grad():
                    value = COMPUTED[name](given)
                    if given["reduction"] == "sum":
                        value = value / max(1, _summed(name, given))
                    self._on_loss(name, value, _examples(given))
        except Exception as error:
            if not isinstance(error, RuntimeError | IndexError | ValueError | TypeError):
                _guard.report("computing the loss of an evaluation", error)
            # else the arguments do not fit, of which the script is about to hear itself
        self.own_s += time.perf_counter() - began


def _can_compute(name: str, given: Arguments) -> bool:
    """False for tensors of further kinds, for old arguments, and while somebody counts calls."""
    if given.get("size_average") is not None or given.get("reduce") is not None:
        return False
    if given.get("weight") is not None and COMPUTED[name].__name__ == "compute":
        return False  # these take their weights elsewhere
    if torch._C._autograd._profiler_enabled():
        return False
    return all(
        type(given[part]) in (Tensor, torch.nn.Parameter) and given[part].layout is torch.strided
        for part in ("input", "target")
    )


def _summed(name: str, given: Arguments) -> int:
    """How many terms a sum has: its mean is what losses of other batches compare with."""
    tensor, target = given["input"], given["target"]
    if name in ("cross_entropy", "nll_loss"):
        return int(target.numel() if target.shape != tensor.shape else tensor.shape[0])
    return int(max(tensor.numel(), target.numel()))


def _examples(given: Arguments) -> float:
    tensor = given["input"]
    return float(tensor.shape[0]) if tensor.dim() else 1.0
