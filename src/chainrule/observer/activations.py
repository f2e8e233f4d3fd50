"""Local derivatives of elementwise activations, read from the gradients that pass through.

For y = σ(z) elementwise, backward turns g into g ⊙ σ′(z): the quotient of the two *is* the
derivative, whatever the activation and however it was called. Where g is 0 nothing can be said
and the element is left out.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chainrule.records import CAN_DIE, LARGEST_DERIVATIVE, Activation

from .norms import dense

_SMALL = 1 / 20  # of the largest derivative: tanh beyond |y| ≈ 0.975
_ELEMENTS = 4096  # for the fractions: standard error below 0.8 points
_UNIT_ELEMENTS = 2**15  # for the dead units: every example, fewer positions


@dataclass(slots=True)
class Measurement:
    """Statistics still on their device, and the mask of dead units with them."""

    node: int
    numbers: Tensor
    examples: int
    dead: Tensor | None


def measure(
    node: int, kind: str, received: Tensor, passed: Tensor, unit_axis: int, output: Tensor | None
) -> Measurement | None:
    """Derivative statistics of one activation from the gradients on both of its sides.

    Args:
        node: Index of the node, kept in the result.
        kind: Key of `LARGEST_DERIVATIVE`.
        received: Gradient of the output, any shape.
        passed: Gradient of the input, the same shape.
        unit_axis: Axis of features or channels; batch and positions are the others.
        output: The activation's values, for its non-finite share, if they may be read.
    """
    if received.shape != passed.shape or received.is_complex():
        return None
    g, gz = dense(received.detach()), dense(passed.detach())
    small = _SMALL * LARGEST_DERIVATIVE[kind]
    derivative = (_some(gz) / _some(g)).abs_()  # 0/0 = NaN: no gradient arrived there
    values = derivative == derivative
    wrong = torch.zeros((), device=g.device)
    if output is not None:
        sample = _some(output.detach())
        wrong = (sample - sample != 0).float().mean()  # x − x is 0 only for finite x
    else:
        wrong = wrong + float("nan")
    numbers = torch.stack(
        [
            values.sum().float(),
            derivative.nansum(),
            (derivative == 0).sum().float(),
            (derivative < small).sum().float(),
            wrong,
        ]
    )
    dead, examples = None, 0
    if kind in CAN_DIE and g.dim() >= 2:
        dead, examples = _dead(g, gz, unit_axis)
    return Measurement(node, numbers, examples, dead)


def _some(t: Tensor) -> Tensor:
    """At most about `_ELEMENTS` values, evenly spread."""
    flat = t.reshape(-1) if t.is_contiguous() else t.flatten()
    step = max(1, flat.numel() // _ELEMENTS) | 1  # odd: never in step with a power of two
    return flat[::step].float()


def _dead(g: Tensor, gz: Tensor, axis: int) -> tuple[Tensor, int]:
    """Units whose derivative is 0 wherever a gradient arrived, and the values each was seen on."""
    if g.dim() > 2:
        positions = [d for d in range(1, g.dim()) if d != axis % g.dim()]
        excess = g.numel() / _UNIT_ELEMENTS
        index: list[Any] = [slice(None)] * g.dim()
        for d in positions:
            step = min(g.shape[d], max(1, round(excess ** (1 / len(positions)))))
            index[d] = slice(None, None, step)
        g, gz = g[tuple(index)], gz[tuple(index)]
    others = [d for d in range(g.dim()) if d != axis % g.dim()]
    arrived = (g != 0).sum(others)
    passed = (gz != 0).sum(others)
    units = g.shape[axis]
    return (passed == 0) & (arrived > 0), g.numel() // units if units else 0


def finish(measurement: Measurement) -> Activation | None:
    """Bring a measurement to the host; None if no gradient arrived at any element looked at."""
    seen, total, zero, small, wrong = measurement.numbers.tolist()
    if not seen:
        return None
    dead = measurement.dead
    return Activation(
        node=measurement.node,
        mean_derivative=total / seen,
        zero_fraction=zero / seen,
        small_fraction=small / seen,
        nonfinite_fraction=wrong,
        examples=measurement.examples if dead is not None else 0,
        units=0 if dead is None else dead.numel(),
        dead_mask=b"" if dead is None else pack_bits(dead.tolist()),
    )


def pack_bits(bits: list[bool]) -> bytes:
    """One bit a unit, the first in the highest bit of the first byte."""
    if not bits:
        return b""
    padded = bits + [False] * (-len(bits) % 8)
    return int("".join("1" if bit else "0" for bit in padded), 2).to_bytes(len(padded) // 8, "big")
