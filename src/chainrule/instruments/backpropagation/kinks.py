"""Kinks exactly at the numbers of a loss, where there is no derivative but one on each side."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import UNWRITABLE
from .figures import figure
from .forward import Forward, Operation
from .measure import Measured
from .operations.rule import place, unflat


@dataclass(frozen=True, slots=True)
class _Kink:
    """Where an operation has one, and what PyTorch takes there."""

    at: Callable[[Operation], Tensor]
    """True for the entries of an input at a kink."""
    sides: str
    taken: str
    ties: bool = False


def _where(*borders: float) -> Callable[[Operation], Tensor]:
    def at(operation: Operation) -> Tensor:
        x = operation.input(0)
        return torch.stack([x == border for border in borders]).any(0)

    return at


def _at_saved(*names: str) -> Callable[[Operation], Tensor]:
    def at(operation: Operation) -> Tensor:
        x = operation.input(0)
        found = torch.zeros_like(x, dtype=torch.bool)
        for name in names:
            border = operation.saved(name)
            if border is not None:
                found |= x == border
        return found

    return at


def _equal(operation: Operation) -> Tensor:
    return operation.input(0) == operation.input(1)


def _tied(operation: Operation) -> Tensor:
    """Entries that share the extreme of a whole tensor, or of an axis."""
    x = operation.input(0)
    largest = operation.kind in ("Max", "Amax")
    try:
        dim = operation.saved("dim")
    except UNWRITABLE:
        dim = ()
    dims = dim if isinstance(dim, tuple) else (dim,)
    axes = tuple(int(d) for d in dims) or tuple(range(x.dim()))
    best = (x.amax if largest else x.amin)(dim=axes, keepdim=True)
    mine = x == best
    return mine & (mine.sum(dim=axes, keepdim=True) > 1)


def _along(operation: Operation) -> str:
    """What PyTorch does with entries that tie."""
    try:
        operation.saved("indices")
    except UNWRITABLE:
        return "shares the gradient evenly among them"
    return "gives the whole gradient to one of them"


_ONE_AND_0 = "its slope is 0 on one side and 1 on the other"
_KINKS = {
    "Relu": _Kink(_where(0.0), _ONE_AND_0, "takes 0"),
    "LeakyRelu": _Kink(_where(0.0), "its slope is another on either side", "takes that of x < 0"),
    "Abs": _Kink(_where(0.0), "its slope is -1 on the left and 1 on the right", "takes 0"),
    "Sign": _Kink(_where(0.0), "it jumps", "takes 0"),
    "Sgn": _Kink(_where(0.0), "it jumps", "takes 0"),
    "Threshold": _Kink(_at_saved("threshold"), _ONE_AND_0, "takes 0"),
    "Hardtanh": _Kink(_at_saved("min_val", "max_val"), _ONE_AND_0, "takes 0"),
    "Clamp": _Kink(_at_saved("min", "max"), _ONE_AND_0, "takes 1"),
    "ClampMin": _Kink(_at_saved("min"), _ONE_AND_0, "takes 1"),
    "ClampMax": _Kink(_at_saved("max"), _ONE_AND_0, "takes 1"),
    "Maximum": _Kink(_equal, "either of two equal numbers could be the larger", "takes half", True),
    "Minimum": _Kink(
        _equal, "either of two equal numbers could be the smaller", "takes half", True
    ),
    "L1Loss": _Kink(
        _equal, "the slope of the distance is -1 on one side and 1 on the other", "takes 0"
    ),
    **dict.fromkeys(
        ("Max", "Min", "Amax", "Amin"),
        _Kink(_tied, "each of the equal entries could be it", "", True),
    ),
}


def kink_notes(forward: Forward, measured: Measured) -> list[str]:
    """A sentence for each operation that passes gradient through a kink exactly at its numbers.

    Numbers that were not kept cannot be asked, and an entry that gets no gradient changes nothing.
    """
    notes = []
    for index in sorted(set(measured.visits)):
        recorded, operation = forward.walk.operations[index], forward.operations[index]
        kink = _KINKS.get(recorded.kind)
        if kink is None:
            continue
        try:
            at = kink.at(operation)
            received = measured.received.get(index, (None,))[0]
            if received is not None and received.shape == at.shape:
                at = at & (received != 0)
            if not bool(at.any()) or (received is not None and not bool(received.any())):
                continue
            notes.append(_note(forward, index, kink, at))
        except UNWRITABLE:
            notes += _perhaps(forward, measured, index)
    return notes


def _perhaps(forward: Forward, measured: Measured, index: int) -> list[str]:
    """Of relu alone PyTorch keeps the result: one number that is 0 may be at the kink or left."""
    recorded = forward.walk.operations[index]
    result, received = forward.value(index), measured.received.get(index, (None,))[0]
    asked = recorded.kind == "Relu" and result is not None and result.numel() == 1
    if not asked or received is None or float(result or 0.0) or not bool(received.any()):
        return []
    x = forward.operations[index].label(0)
    return [
        f"relu({x}) is 0, and PyTorch did not keep {x}: if {x} is exactly 0, there is a kink, "
        "where the slope is 0 on one side and 1 on the other, PyTorch takes 0, and the loss has no "
        f"derivative. Keep {x} in a variable to see."
    ]


def _note(forward: Forward, index: int, kink: _Kink, at: Tensor) -> str:
    operation = forward.operations[index]
    rule, kind = forward.rules[index], forward.walk.operations[index].kind
    what = kind if rule is None else rule.expression(operation)
    many = int(at.sum())
    first = unflat(tuple(at.shape), int(at.reshape(-1).nonzero()[0]))
    x = operation.input(0).expand(at.shape)
    name = place(operation.label(0), tuple(at.shape), *first)
    number = f"{name} = {figure(float(x[first]))}"
    if many > 1:
        number += f" ({many} of {at.numel()} entries {'tie' if kink.ties else 'are at one'})"
    taken = kink.taken or _along(operation)
    return (
        f"{what} has a kink or a jump exactly at {number}: {kink.sides}, and PyTorch {taken}. The "
        "loss has no derivative there, only one for each side."
    )
