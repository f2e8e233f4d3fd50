"""Layer, batch and group norm: z = (x - mean)·r, y = w·z + b, with the mean and r of a group.

Within the group an entry moves every other, through the mean and through r = 1/√(variance + ε):

    ∂y_m/∂x_k = w_m · r · ([m=k] - (1 + z_m·z_k) / D)

with D entries in the group. A batch norm in evaluation mode has constants in their place.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.figures import factor_figure
from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Column, Index, Rule, Shape, flat, letters_of, rows


@dataclass(frozen=True, slots=True)
class _Group:
    """The entries that share a mean.

    Attributes:
        chosen: They, as an index with slices.
        mean: Their mean, or the running one.
        scale: r.
        weights: w of each, flat.
        fixed: True if mean and r do not depend on the entries.
    """

    chosen: list[int | slice]
    mean: float
    scale: float
    weights: Tensor
    fixed: bool = False


def _layer(applied: Applied, index: Index) -> _Group:
    tail = len(applied.saved("normalized_shape"))
    lead = index[: len(index) - tail]
    chosen: list[int | slice] = [*lead, *([slice(None)] * tail)]
    where = (*lead, *([0] * tail))
    weight = _optional(applied, "weight")
    size = math.prod(applied.shape[len(lead) :])
    weights = _ones(size) if weight is None else exact(weight).reshape(-1)
    mean, scale = (float(exact(applied.tensor(n)[where])) for n in ("result1", "result2"))
    return _Group(chosen, mean, scale, weights)


def _batch(applied: Applied, index: Index) -> _Group:
    channel = index[1]
    chosen: list[int | slice] = [slice(None), channel, *([slice(None)] * (len(index) - 2))]
    size = math.prod(applied.shape) // applied.shape[1]
    weights = _of_channel(applied, channel, size)
    if not applied.saved("training"):
        variance = float(exact(applied.tensor("running_var")[channel]))
        mean = float(exact(applied.tensor("running_mean")[channel]))
        scale = 1 / math.sqrt(variance + float(applied.saved("eps")))
        return _Group(chosen, mean, scale, weights, fixed=True)
    mean, scale = (float(exact(applied.tensor(n)[channel])) for n in ("result1", "result2"))
    return _Group(chosen, mean, scale, weights)


def _grouped(applied: Applied, index: Index) -> _Group:
    groups, channels = int(applied.saved("group")), applied.shape[1]
    each = channels // groups
    group = index[1] // each
    first = group * each
    spatial = math.prod(applied.shape[2:])
    tail = [slice(None)] * (len(index) - 2)
    chosen: list[int | slice] = [index[0], slice(first, first + each), *tail]
    weight = _optional(applied, "weight")
    weights = _ones(each * spatial)
    if weight is not None:
        weights = exact(weight[first : first + each]).repeat_interleave(spatial)
    mean, scale = (
        float(exact(applied.tensor(n).reshape(-1, groups)[index[0], group]))
        for n in ("result1", "result2")
    )
    return _Group(chosen, mean, scale, weights)


def _ones(size: int) -> Tensor:
    return torch.ones(size, dtype=torch.float64)


def _optional(applied: Applied, attribute: str) -> Tensor | None:
    value = applied.saved(attribute)
    return value if isinstance(value, Tensor) else None


def _of_channel(applied: Applied, channel: int, size: int) -> Tensor:
    weight = _optional(applied, "weight")
    return _ones(size) if weight is None else exact(weight[channel]).expand(size)


Grouping = Callable[[Applied, Index], _Group]


def _input_column(grouping: Grouping, applied: Applied, index: Index) -> Column:
    group = grouping(applied, index)
    positions = rows(applied.shape, *group.chosen)
    me = flat(applied.shape, index)
    k = int((positions == me).nonzero()[0])
    if group.fixed:
        value = group.weights[k] * group.scale
        return Column(
            positions=positions[k : k + 1],
            coefficients=value.reshape(1),
            symbol="w·r",
            adjoint=",".join(map(str, index)),
            figures=lambda _: (
                f"{factor_figure(float(group.weights[k]))}·{factor_figure(group.scale)}"
            ),
        )
    x = exact(applied.tensor("input")[tuple(group.chosen)]).reshape(-1)
    hat = (x - group.mean) * group.scale
    size = len(hat)
    same = torch.zeros_like(hat)
    same[k] = 1.0

    def spelled(m: int) -> str:
        inner = f"(1 + {factor_figure(float(hat[m]))}·{factor_figure(float(hat[k]))})/{size}"
        lead = f"{factor_figure(float(group.weights[m]))}·{factor_figure(group.scale)}"
        return f"{lead}·({'1' if m == k else '0'} - {inner})"

    return Column(
        positions=positions,
        coefficients=group.weights * group.scale * (same - (1 + hat * hat[k]) / size),
        symbol=f"wₘ·r·([m=k] - (1 + zₘ·zₖ)/{size})",
        letters="m",
        figures=spelled,
    )


def _scaled(
    applied: Applied, argument: int, chosen: list[int | slice], hat: Callable[[], Tensor]
) -> Column:
    """A column by the weight (Σ z·G) or by the bias (Σ G)."""
    written, letters = letters_of(applied.shape, chosen)
    spelled = ",".join(map(str, written))
    return Column(
        positions=rows(applied.shape, *chosen),
        coefficients=hat().reshape(-1) if argument == 1 else None,
        symbol=f"z[{spelled}]" if argument == 1 else "",
        adjoint=spelled,
        letters=letters,
    )


def _layer_column(applied: Applied, argument: int, index: Index) -> Column:
    if argument == 0:
        return _input_column(_layer, applied, index)
    lead: list[int | slice] = [slice(None)] * (len(applied.shape) - len(index))
    chosen = [*lead, *index]

    def hat() -> Tensor:
        last = (*lead, *([0] * len(index)))
        mean, scale = (exact(applied.tensor(n)[last]) for n in ("result1", "result2"))
        return (exact(applied.tensor("input")[tuple(chosen)]) - mean) * scale

    return _scaled(applied, argument, chosen, hat)


def _batch_column(applied: Applied, argument: int, index: Index) -> Column:
    if argument == 0:
        return _input_column(_batch, applied, index)
    chosen: list[int | slice] = [
        slice(None),
        index[0],
        *([slice(None)] * (len(applied.shape) - 2)),
    ]

    def hat() -> Tensor:
        group = _batch(applied, (0, index[0], *([0] * (len(applied.shape) - 2))))
        return (exact(applied.tensor("input")[tuple(chosen)]) - group.mean) * group.scale

    return _scaled(applied, argument, chosen, hat)


def _group_column(applied: Applied, argument: int, index: Index) -> Column:
    if argument == 0:
        return _input_column(_grouped, applied, index)
    tail = [slice(None)] * (len(applied.shape) - 2)
    chosen: list[int | slice] = [slice(None), index[0], *tail]

    def hat() -> Tensor:
        groups = int(applied.saved("group"))
        group = index[0] // (applied.shape[1] // groups)
        like = [-1, *([1] * len(tail))]
        mean, scale = (
            exact(applied.tensor(n).reshape(-1, groups)[:, group]).reshape(like)
            for n in ("result1", "result2")
        )
        return (exact(applied.tensor("input")[tuple(chosen)]) - mean) * scale

    return _scaled(applied, argument, chosen, hat)


def _backward(applied: Applied, argument: int) -> str:
    if argument == 1:
        return "sum of G ⊙ z over the entries that share a weight, z = (x - mean)·r"
    if argument == 2:
        return "sum of G over the entries that share a bias"
    try:
        fixed = not applied.saved("training")
    except UnreadableError:
        fixed = False
    if fixed:
        return "w·r · G"
    return "r·(h - mean(h) - z ⊙ mean(h ⊙ z)), h = w ⊙ G, z = (x - mean)·r"


def _count(applied: Applied, argument: int) -> int:
    total = math.prod(applied.shape)
    return total if argument else total * _group_size(applied)


def _group_size(applied: Applied) -> int:
    shape: Shape = applied.shape
    if applied.kind == "NativeLayerNorm":
        return math.prod(applied.saved("normalized_shape"))
    if applied.kind == "NativeGroupNorm":
        return math.prod(shape[1:]) // int(applied.saved("group"))
    return math.prod(shape) // shape[1] if applied.saved("training") else 1


def _rule(kind: str, name: str, column: Callable[[Applied, int, Index], Column]) -> Rule:
    return Rule(
        kinds=(kind,),
        expression=lambda applied: f"{name}({applied.label(0)})",
        backward=_backward,
        column=column,
        multiplications=_count,
        saves={"input": 0, "weight": 1},
    )


RULES = (
    _rule("NativeLayerNorm", "layer_norm", _layer_column),
    _rule("NativeBatchNorm", "batch_norm", _batch_column),
    _rule("NativeGroupNorm", "group_norm", _group_column),
)
