"""Convolution: a weight meets the input at every position, an input entry meets many weights."""

import itertools
import math

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.saved import exact

from .rule import LETTERS, Applied, Column, Index, Rule, flat, letters_of, rows


def _plain(applied: Applied) -> None:
    if applied.saved("transposed"):
        raise UnreadableError("the formula of a transposed convolution is not written out here")


def _column(applied: Applied, argument: int, index: Index) -> Column:
    _plain(applied)
    if argument == 0:
        return _input_column(applied, index)
    if argument == 1:
        return _weight_column(applied, index)
    return _bias_column(applied, index)


def _bias_column(applied: Applied, index: Index) -> Column:
    chosen: list[int | slice] = [
        slice(None),
        index[0],
        *([slice(None)] * (len(applied.shape) - 2)),
    ]
    written, letters = letters_of(applied.shape, chosen)
    return Column(
        positions=rows(applied.shape, *chosen),
        adjoint=",".join(map(str, written)),
        letters=letters,
    )


def _weight_column(applied: Applied, index: Index) -> Column:
    """∂L/∂w[o,c,a,b] = Σ x̄[n, c, p·stride + a·dilation, …] · G[n,o,p,q], x̄ the padded input."""
    made, within, *kernel = index
    out = applied.shape
    groups = int(applied.saved("groups"))
    channel = made // (out[1] // groups) * applied.tensor("weight").shape[1] + within
    x = exact(applied.tensor("input")[:, channel])
    padding, stride, dilation = (applied.saved(n) for n in ("padding", "stride", "dilation"))
    pads = [n for amount in reversed(padding) for n in (amount, amount)]
    padded = torch.nn.functional.pad(x, pads)
    for axis, (a, step, wide) in enumerate(zip(kernel, stride, dilation, strict=True), start=1):
        first = a * wide
        last = first + step * (out[axis + 1] - 1) + 1
        padded = padded[(*([slice(None)] * axis), slice(first, last, step))]
    chosen: list[int | slice] = [slice(None), made, *([slice(None)] * len(kernel))]
    written, letters = letters_of(out, chosen)
    name = applied.label(0) if not any(padding) else f"padded({applied.label(0)})"
    at = [written[0], channel]
    for part, a, step, wide in zip(written[2:], kernel, stride, dilation, strict=True):
        at.append(_moved(part, a * wide, step))
    return Column(
        positions=rows(out, *chosen),
        coefficients=padded.reshape(-1),
        symbol=f"{name}[{','.join(map(str, at))}]",
        adjoint=",".join(map(str, written)),
        letters=letters,
    )


def _moved(part: int | str, shift: int, step: int) -> int | str:
    """`m`, `2m+1`, `3`: the input's position below an output's."""
    if isinstance(part, int):
        return part * step + shift
    scaled = part if step == 1 else f"{step}{part}"
    return f"{scaled}+{shift}" if shift else scaled


def _input_column(applied: Applied, index: Index) -> Column:
    """∂L/∂x[n,c,i,…] = Σ w[o, c, i + padding - p·stride, …] · G[n,o,p,…]."""
    example, channel, *spatial = index
    weight: Tensor = applied.tensor("weight")
    out = applied.shape
    groups = int(applied.saved("groups"))
    group, within = divmod(channel, weight.shape[1])
    each = out[1] // groups
    padding, stride, dilation = (applied.saved(n) for n in ("padding", "stride", "dilation"))
    meets: list[list[tuple[int, int]]] = []
    for axis, i in enumerate(spatial):
        found = []
        for a in range(weight.shape[axis + 2]):
            position, rest = divmod(i + padding[axis] - a * dilation[axis], stride[axis])
            if rest == 0 and 0 <= position < out[axis + 2]:
                found.append((position, a))
        meets.append(sorted(found))
    filters = exact(weight[group * each : (group + 1) * each, within])
    positions, numbers = [], []
    for made in range(each):
        for pairs in itertools.product(*meets):
            at = (example, group * each + made, *(p for p, _ in pairs))
            positions.append(flat(out, at))
            numbers.append(float(filters[(made, *(a for _, a in pairs))]))
    letters = LETTERS[: 1 + len(spatial)]
    return Column(
        positions=torch.tensor(positions, dtype=torch.int64),
        coefficients=torch.tensor(numbers, dtype=torch.float64),
        symbol=f"(the entry of {applied.label(1)} that meets it there)",
        adjoint=",".join([str(example), *letters]),
        letters=letters,
    )


def _backward(applied: Applied, argument: int) -> str:
    if argument == 2:
        return "G, summed over examples and positions"
    if argument == 1:
        return f"{applied.label(0)} ⋆ G, summed over examples and positions"
    return f"G convolved back with {applied.label(1)}"


def _count(applied: Applied, argument: int) -> int:
    if argument == 2:
        return math.prod(applied.shape)
    return math.prod(applied.shape) * math.prod(applied.input_shape(1)[1:])


RULES = (
    Rule(
        kinds=("Convolution",),
        expression=lambda applied: (
            f"conv({applied.label(0)}, {applied.label(1)})"
            + (f" + {applied.label(2)}" if applied.count > 2 and applied.label(2) else "")
        ),
        backward=_backward,
        column=_column,
        multiplications=_count,
        saves={"input": 0, "weight": 1},
    ),
)
