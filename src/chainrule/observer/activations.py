"""Local derivatives of elementwise activations, read from the gradients that pass through.

For y = σ(z) elementwise, backward turns g into g ⊙ σ′(z): the quotient of the two *is* the
derivative, whatever the activation and however it was called. Where g is 0 nothing can be said
and the element is left out.
"""

import itertools
import math

import torch
from torch import Tensor

from chainrule.records import CAN_DIE, LARGEST_DERIVATIVE, Activation

_SMALL = 1 / 20  # of the largest derivative: tanh beyond |y| ≈ 0.975
_ELEMENTS = 1024  # for the fractions: standard error below 1.6 points
_UNIT_ELEMENTS = 2**12  # for the dead units: every example, fewer positions
_RUN = 4  # neighbouring positions read together

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

    def received(
        self, node: int, kind: str, g: Tensor, unit_axis: int, output: Tensor | None
    ) -> None:
        """The gradient of an activation's output has arrived; a sample of it is kept.

        Args:
            node: Index of the node, kept in the result.
            kind: Key of `LARGEST_DERIVATIVE`.
            g: Gradient of the output, any shape.
            unit_axis: Axis of features or channels; batch and positions are the others.
            output: The activation's values, for its non-finite share, if they may be read.
        """
        row = len(self._nodes)
        if g.is_complex() or g.layout is not torch.strided or row >= len(self._rows):
            return
        g = g.detach()
        _sample(g, self._rows[row, 0])
        if output is not None:
            _sample(output.detach(), self._rows[row, 2])
        kept = None
        if kind in CAN_DIE and g.dim() > 1:
            axis = unit_axis % g.dim()
            places = _places(tuple(g.shape), axis, self._turn)
            kept = (places, axis, _largest(g, places, axis))
        self._arrived.append(kept)
        self._row[node] = row
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
            examples = gz[places].numel() // max(1, gz.shape[axis])
            self._dead[row] = ((_largest(gz, places, axis) == 0) & (arrived > 0), examples)
            self._arrived[row] = None

    def finish(self) -> tuple[Activation, ...]:
        """The statistics, brought to the host."""
        count = len(self._nodes)
        if not count:
            return ()
        g, gz, output = self._rows[:count].unbind(1)
        derivative = (gz / g).abs_()  # 0/0 = NaN: no gradient arrived there
        small = torch.tensor(self._small, device=g.device).unsqueeze(1)
        seen = (derivative == derivative).sum(1)
        zero = (derivative == 0).sum(1)
        saturated = (derivative < small).sum(1)
        # unused places are NaN on purpose; infinities, and NaN where g has a place, are not
        used = (g == g).sum(1)
        sound = output.isfinite().sum(1)
        numbers = torch.stack([seen, zero, saturated, used, sound]).T.tolist()
        totals = derivative.nansum(1).tolist()
        result = []
        for i, node in enumerate(self._nodes):
            seen_i, zero_i, small_i, used_i, sound_i = numbers[i]
            if not seen_i:
                continue
            dead, examples = self._dead.get(i, (None, 0))
            result.append(
                Activation(
                    node=node,
                    mean_derivative=totals[i] / seen_i,
                    zero_fraction=zero_i / seen_i,
                    small_fraction=small_i / seen_i,
                    nonfinite_fraction=1 - sound_i / used_i if sound_i else math.nan,
                    examples=examples,
                    units=0 if dead is None else dead.numel(),
                    dead_mask=b"" if dead is None else pack_bits(dead.tolist()),
                )
            )
        return tuple(result)


def _sample(values: Tensor, row: Tensor) -> None:
    """Copy at most `_ELEMENTS` values, evenly spread, to the start of a row."""
    flat = values.view(-1) if values.is_contiguous() else values.reshape(-1)
    step = -(-flat.numel() // _ELEMENTS) | 1  # odd: never in step with a power of two
    picked = flat[::step]
    row[: picked.numel()].copy_(picked)


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
