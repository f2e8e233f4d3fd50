"""Local derivatives of elementwise activations, read from the gradients that pass through.

For y = σ(z) elementwise, backward turns g into g ⊙ σ′(z): the quotient of the two *is* the
derivative, whatever the activation and however it was called. Where g is 0 nothing can be said
and the element is left out. Where PyTorch keeps y to compute σ′ from it, so do we, and look at
y alone: σ′ = 1[y > 0], y(1 − y), 1 − y².
"""

import itertools
import math
from collections.abc import Callable
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

_FROM_OUTPUT: dict[str, Callable[[Numbers], Numbers]] = {
    "Relu": lambda y: y > 0,
    "Sigmoid": lambda y: y * (1 - y),
    "Tanh": lambda y: 1 - y * y,
}

_SCATTER = 2654435769  # 2³²/φ, odd: successive turns lie far apart and reach every place
_turns = itertools.count()


class Derivatives:
    """Collects σ′ of all activations of one backward pass; the arithmetic is done once, for all.

    Args:
        count: Activations there may be.
        device: Where their gradients are.
    """

    def __init__(self, count: int, device: torch.device) -> None:
        # rows: gradient received, gradient passed on, the activation's own values
        self._rows = torch.full((count, 3, _ELEMENTS), torch.nan, device=device)
        self._nodes: list[int] = []
        self._row: dict[int, int] = {}
        self._small: list[float] = []
        self._arrived: list[tuple[tuple[slice, ...], int, Tensor] | None] = []
        self._turn = next(_turns) * _SCATTER % 2**32
        self._dead: dict[int, tuple[Tensor, int]] = {}
        self._used: list[int] = []
        self._from_output: dict[str, list[int]] = {kind: [] for kind in _FROM_OUTPUT}

    def received(
        self, node: int, kind: str, g: Tensor, unit_axis: int, output: Tensor | None
    ) -> None:
        """The gradient of an activation's output has arrived; a sample of it is kept.

        Args:
            node: Index of the node, kept in the result.
            kind: Key of `LARGEST_DERIVATIVE`.
            g: Gradient of the output, any shape.
            unit_axis: Axis of features or channels; batch and positions are the others.
            output: The activation's values, if they may be read.
        """
        row = len(self._nodes)
        if g.is_complex() or g.layout is not torch.strided or row >= len(self._rows):
            return
        by_output = output is not None and output.shape == g.shape and kind in _FROM_OUTPUT
        values = output.detach() if by_output and output is not None else g.detach()
        self._used.append(_sample(values, self._rows[row, 2 if by_output else 0]))
        kept = None
        if kind in CAN_DIE and g.dim() > 1:
            axis = unit_axis % g.dim()
            places = _places(tuple(g.shape), axis, self._turn)
            kept = (places, axis, _largest(values, places, axis))
        if not by_output:
            self._row[node] = row
            if output is not None:
                _sample(output.detach(), self._rows[row, 2])
        else:
            self._from_output[kind].append(row)
            if kept is not None:
                self._dead[row] = (kept[2] == 0, _examples(values, places, axis))
                kept = None
        self._arrived.append(kept)
        self._nodes.append(node)
        self._small.append(_SMALL * LARGEST_DERIVATIVE[kind])

    def passed(self, node: int, gz: Tensor) -> None:
        """The activation has passed this gradient on, of the same shape, to its input."""
        row = self._row.get(node)
        if row is None or gz.layout is not torch.strided:
            return
        gz = gz.detach()
        _sample(gz, self._rows[row, 1])
        kept = self._arrived[row]
        if kept is not None:
            places, axis, arrived = kept
            none_passes = (_largest(gz, places, axis) == 0) & (arrived > 0)
            self._dead[row] = (none_passes, _examples(gz, places, axis))
            self._arrived[row] = None

    def finish(self) -> tuple[Activation, ...]:
        """The statistics, on the host: NumPy's fixed cost of a small operation is a third."""
        count = len(self._nodes)
        if not count:
            return ()
        g, gz, output = self._rows[:count].cpu().numpy().swapaxes(0, 1)
        with np.errstate(all="ignore"):  # 0/0 = NaN: no gradient arrived there
            derivative = self._derivative(g, gz, output)
            known = derivative == derivative
            seen = np.count_nonzero(known, axis=1).tolist()
            zero = np.count_nonzero(derivative == 0, axis=1).tolist()
            small = np.count_nonzero(
                derivative < np.array(self._small, derivative.dtype)[:, None], axis=1
            ).tolist()
            total = np.where(known, derivative, 0).sum(1, dtype=np.float64).tolist()
            # unused places are NaN on purpose; infinities, and NaN in a used place, are not sound
            sound = np.count_nonzero(np.isfinite(output), axis=1).tolist()
        result = []
        for i, node in enumerate(self._nodes):
            if not seen[i]:
                continue
            dead, examples = self._dead.get(i, (None, 0))
            result.append(
                Activation(
                    node=node,
                    mean_derivative=total[i] / seen[i],
                    zero_fraction=zero[i] / seen[i],
                    small_fraction=small[i] / seen[i],
                    nonfinite_fraction=1 - sound[i] / self._used[i] if sound[i] else math.nan,
                    examples=examples,
                    units=0 if dead is None else dead.numel(),
                    dead_mask=b"" if dead is None else pack_bits(dead.tolist()),
                )
            )
        return tuple(result)

    def _derivative(self, g: Numbers, gz: Numbers, output: Numbers) -> Numbers:
        """|σ′| of each activation and element; NaN where nothing can be said."""
        for kind, rows in self._from_output.items():
            if len(rows) == len(g):  # mostly all are of one kind
                return _from_output(kind, output)
        derivative: Numbers = np.abs(gz / g)
        for kind, rows in self._from_output.items():
            if rows:
                derivative[rows] = _from_output(kind, output[rows])
        return derivative


def _from_output(kind: str, y: Numbers) -> Numbers:
    value: Numbers = np.where(y == y, np.abs(_FROM_OUTPUT[kind](y)), np.nan)
    return value


def _sample(values: Tensor, row: Tensor) -> int:
    """Copy at most `_ELEMENTS` values, evenly spread, to the start of a row; how many."""
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    step = -(-flat.numel() // _ELEMENTS) | 1  # odd: never in step with a power of two
    picked = flat[::step]
    row[: picked.numel()].copy_(picked)
    return picked.numel()


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
