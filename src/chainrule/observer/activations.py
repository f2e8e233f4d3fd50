"""Local derivatives of elementwise activations, read from the gradients that pass through.

For y = σ(z) elementwise, backward turns g into g ⊙ σ′(z): the quotient of the two *is* the
derivative, whatever the activation and however it was called. Where g is 0 nothing can be said
and the element is left out. Where PyTorch keeps y to compute σ′ from it, so do we, and look at
y alone: σ′ = 1[y > 0], y(1 − y), 1 − y².
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chainrule.records import CAN_DIE, LARGEST_DERIVATIVE, Activation

_SMALL = 1 / 20  # of the largest derivative: tanh beyond |y| ≈ 0.975
_ELEMENTS = 1024  # for the fractions: standard error below 1.6 points
_UNIT_ELEMENTS = 2**12  # for the dead units: every example, fewer positions
_RUN = 4  # neighbouring positions read together

Numbers = NDArray[Any]
Sample = Numbers | Tensor

FROM_OUTPUT: dict[str, Callable[[Numbers], Numbers]] = {
    "Relu": lambda y: y > 0,
    "Sigmoid": lambda y: y * (1 - y),
    "Tanh": lambda y: 1 - y * y,
}
"""σ′ by y, of the activations of which PyTorch keeps y."""

_SCATTER = 2654435769  # 2³²/φ, odd: successive turns lie far apart and reach every place
_turns = itertools.count()


class Derivatives:
    """Collects what tells σ′ of all activations of one backward pass; see `finish`.

    Attributes:
        met: The activations.
    """

    def __init__(self) -> None:
        self.met: list[_Met] = []
        self._ready: dict[int, _Met] = {}
        self._waiting: dict[int, _Met] = {}
        self._turn = next(_turns) * _SCATTER % 2**32

    def prepare(self, node: int, kind: str, output: Tensor, unit_axis: int) -> None:
        """The pass is about to begin; a sample of an activation's values is kept.

        One after another they take half the time that they take in between the script's own work.

        Args:
            node: Index of the node, kept in the result.
            kind: Key of `FROM_OUTPUT`.
            output: The activation's values, any shape.
            unit_axis: Axis of features or channels; batch and positions are the others.
        """
        if output.is_complex() or output.layout is not torch.strided or output.numel() == 0:
            return
        values = output.detach()
        if values.data_ptr() == 0:  # its memory was freed, to be computed anew within the pass
            return
        met = _Met(node, kind, True, values.device, _sample(values))
        if kind in CAN_DIE and values.dim() > 1:
            axis = unit_axis % values.dim()
            places = _places(tuple(values.shape), axis, self._turn)
            met.dead = _largest(values, places, axis) == 0
            met.examples = _examples(values, places, axis)
        self._ready[node] = met

    def received(self, node: int, kind: str, g: Tensor, unit_axis: int) -> None:
        """The gradient of an activation's output has arrived.

        A sample of it is kept, if none was of the output. Arguments as of `prepare`.
        """
        ready = self._ready.pop(node, None)
        if ready is not None:
            self.met.append(ready)
            return
        if g.is_complex() or g.layout is not torch.strided or g.numel() == 0:
            return
        values = g.detach()
        met = _Met(node, kind, False, values.device, _sample(values))
        self.met.append(met)
        if kind in CAN_DIE and g.dim() > 1:
            axis = unit_axis % g.dim()
            places = _places(tuple(g.shape), axis, self._turn)
            met.looked_at = (places, axis, _largest(values, places, axis))
        self._waiting[node] = met

    def passed(self, node: int, gz: Tensor) -> None:
        """The activation has passed this gradient on, of the same shape, to its input."""
        met = self._waiting.pop(node, None)
        if met is None or gz.layout is not torch.strided:
            return
        gz = gz.detach()
        passed = _sample(gz)
        met.passed = passed if len(passed) == len(met.sample) else None
        if met.looked_at is not None:
            places, axis, arrived = met.looked_at
            met.dead = (_largest(gz, places, axis) == 0) & (arrived > 0)
            met.examples = _examples(gz, places, axis)
            met.looked_at = None


@dataclass(slots=True)
class _Met:
    """One activation of the pass.

    Attributes:
        sample: Some of its values if `by_output`, else of the gradient that it received.
        passed: The same places of the gradient that it passed on.
        looked_at: Where its units are looked at, their axis, the largest |g| that each received.
    """

    node: int
    kind: str
    by_output: bool
    device: torch.device
    sample: Sample
    passed: Sample | None = None
    looked_at: tuple[tuple[slice, ...], int, Tensor] | None = None
    dead: Tensor | None = None
    examples: int = 0

    def activation(
        self, seen: int, total: float, zero: int, small: int, sound: float
    ) -> Activation:
        """Its record, from sums over the values that something can be said of."""
        return Activation(
            node=self.node,
            mean_derivative=total / seen,
            zero_fraction=zero / seen,
            small_fraction=small / seen,
            nonfinite_fraction=1 - sound if sound else math.nan,
            examples=self.examples,
            units=0 if self.dead is None else self.dead.numel(),
            dead_mask=b"" if self.dead is None else pack_bits(self.dead.tolist()),
        )


def finish(passes: Sequence[Derivatives]) -> list[tuple[Activation, ...]]:
    """The statistics of some passes, on the host.

    NumPy's fixed cost of a small operation is a third of it, so all that is alike is done at once.
    """
    kinds: dict[tuple[object, ...], list[_Met]] = {}
    for met in (met for one in passes for met in one.met):
        if met.by_output or met.passed is not None:
            key = (met.kind if met.by_output else "", met.by_output, len(met.sample), met.device)
            kinds.setdefault(key, []).append(met)
    found: dict[int, Activation] = {}
    with np.errstate(all="ignore"):  # 0/0 = NaN: no gradient arrived there
        for alike in kinds.values():
            rows = _fetched([met.sample for met in alike])
            if alike[0].by_output:
                derivative, sound = _from_output(alike[0].kind, rows)
            else:
                passed = [met.passed for met in alike if met.passed is not None]
                derivative, sound = np.abs(_fetched(passed) / rows), [math.nan] * len(alike)
            small = [_SMALL * LARGEST_DERIVATIVE[met.kind] for met in alike]
            measured = _statistics(derivative, np.array(small, np.float32))
            for met, (seen, total, zero, few), share in zip(alike, measured, sound, strict=True):
                if seen:
                    found[id(met)] = met.activation(seen, total, zero, few, share)
    return [tuple([found[id(met)] for met in one.met if id(met) in found]) for one in passes]


def _from_output(kind: str, y: Numbers) -> tuple[Numbers, list[float]]:
    """|σ′| of each row of values, NaN where nothing can be said; and each row's finite share."""
    derivative: Numbers = FROM_OUTPUT[kind](y)
    if math.isfinite(y.min()) and math.isfinite(y.max()):  # faster than a sum
        return derivative, [1.0] * len(y)
    return np.where(y == y, derivative, np.nan), np.isfinite(y).mean(axis=1).tolist()


def _statistics(derivative: Numbers, small: Numbers) -> list[tuple[int, float, int, int]]:
    """Of each row the values known, their sum, how many are 0 and how many are below `small`."""
    totals = derivative.sum(axis=1, dtype=np.float32).tolist()  # pairwise: right to 1e-6
    # a truth value is a byte, and bytes add up faster than NumPy counts the values of each row
    few = (derivative < small[:, None]).view(np.uint8).sum(axis=1, dtype=np.uint16).tolist()
    if derivative.min() > 0:
        other = [derivative.shape[1]] * len(totals)
    else:
        other = [int(np.count_nonzero(row)) for row in derivative]
    result = []
    for at, total in enumerate(totals):
        seen, unequal = derivative.shape[1], other[at]
        if not math.isfinite(total):
            row = derivative[at]
            known = row == row
            seen, total = int(np.count_nonzero(known)), float(row[known].sum(dtype=np.float64))
            unequal -= len(row) - seen  # NaN is not 0
        result.append((seen, total, seen - unequal, few[at]))
    return result


def _sample(values: Tensor) -> Sample:
    """A copy of at most `_ELEMENTS` values, evenly spread; on the device if they are on one."""
    step = -(-values.numel() // _ELEMENTS) | 1  # odd: never in step with a power of two
    if values.dtype is torch.float32 and values.is_cpu and not values.is_neg():
        picked: Numbers = values.numpy().reshape(-1)[::step].copy()
        return picked
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    copy = flat[::step].resolve_neg().to(torch.float32, copy=True)
    return copy.numpy() if copy.is_cpu else copy


def _fetched(samples: list[Sample]) -> Numbers:
    """Samples of one size and place as the rows of an array on the host, with one transfer."""
    on_device = [sample for sample in samples if isinstance(sample, Tensor)]
    if on_device:
        fetched: Numbers = torch.stack(on_device).cpu().numpy()
        return fetched
    whole = np.concatenate([sample for sample in samples if not isinstance(sample, Tensor)])
    return whole.reshape(len(samples), -1)


def _examples(values: Tensor, places: tuple[slice, ...], axis: int) -> int:
    """Values of each unit that are looked at."""
    return values[places].numel() // max(1, values.shape[axis])


def _places(shape: tuple[int, ...], axis: int, turn: int) -> tuple[slice, ...]:
    """Where the dead units of a large tensor are looked for: every example, a few positions.

    Along the innermost axis a short run, since neighbours share a line of memory; where it lies
    changes with every turn, so that many samples see all of a picture.
    """
    places = [slice(None)] * len(shape)
    positions = [d for d in range(1, len(shape)) if d != axis]
    if math.prod(shape) <= _UNIT_ELEMENTS or not positions:
        return tuple(places)
    others = math.prod(size for d, size in enumerate(shape) if d not in positions)
    wanted = max(1, _UNIT_ELEMENTS // others)
    if positions[-1] == len(shape) - 1:
        d = positions.pop()
        run = min(shape[d], wanted if not positions else _RUN)
        turn, part = divmod(turn, -(-shape[d] // run))
        first = min(part * run, shape[d] - run)
        places[d] = slice(first, first + run)
        wanted = -(-wanted // run)
    for d in positions:
        step = max(1, math.floor(shape[d] / wanted ** (1 / len(positions))))
        turn, part = divmod(turn, step)
        places[d] = slice(part, None, step)
    return tuple(places)


def _largest(g: Tensor, places: tuple[slice, ...], axis: int) -> Tensor:
    """Max |g| of each unit over the places looked at; 0 if all of them are."""
    seen = g[places].abs()
    if axis == 1 and seen.dim() > 2:  # in two stages, each along contiguous memory
        return seen.amax(0).flatten(1).amax(1)
    return seen.flatten(0, -2).amax(0)


def pack_bits(bits: list[bool]) -> bytes:
    """One bit a unit, the first in the highest bit of the first byte."""
    if not bits:
        return b""
    padded = bits + [False] * (-len(bits) % 8)
    return int("".join("1" if bit else "0" for bit in padded), 2).to_bytes(len(padded) // 8, "big")
