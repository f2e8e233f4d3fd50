"""Operations that make one number of many: sums, means, extremes, norms, variances."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.figures import factor_figure, figure
from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Column, Index, Rule, Shape, normal, one, place, rows


def _axes(applied: Applied) -> tuple[int, ...]:
    """The axes that are reduced; all if none are named."""
    rank = len(applied.input_shape(0))
    try:
        dim = applied.saved("dim")
    except UnreadableError:
        dim = None
    if dim is None or dim == ():
        return tuple(range(rank))
    dims = dim if isinstance(dim, tuple) else (dim,)
    return tuple(sorted(normal(int(d), rank) for d in dims))


def _reduced(applied: Applied, index: Index) -> Index:
    """The entry of the output that an entry of the input goes into."""
    axes = _axes(applied)
    if len(applied.shape) == len(index):  # keepdim
        return tuple(0 if axis in axes else i for axis, i in enumerate(index))
    return tuple(i for axis, i in enumerate(index) if axis not in axes)


def _size(applied: Applied) -> int:
    shape = applied.input_shape(0)
    return math.prod(shape[axis] for axis in _axes(applied))


def _line(applied: Applied, index: Index) -> tuple[int | slice, ...]:
    """The entries that are reduced together with one."""
    axes = _axes(applied)
    return tuple(slice(None) if axis in axes else i for axis, i in enumerate(index))


Slope = Callable[[Applied, Index], tuple[float, str, str]]
"""∂(result)/∂(entry): its number, in symbols, and as numbers are written (may be empty)."""


def _column(slope: Slope, applied: Applied, argument: int, index: Index) -> Column:
    value, symbol, figures = slope(applied, index)
    target = _reduced(applied, index)
    return Column(
        positions=one(applied.shape, target),
        coefficients=None if not symbol else torch.tensor([value], dtype=torch.float64),
        symbol=symbol,
        adjoint=",".join(map(str, target)),
        figures=(lambda _: figures) if figures else None,
    )


def _me(applied: Applied, index: Index) -> str:
    return place(applied.label(0), applied.input_shape(0), *index)


def _result(applied: Applied, index: Index) -> float:
    return float(exact(applied.tensor("result")[_reduced(applied, index)]))


def _mean(applied: Applied, index: Index) -> tuple[float, str, str]:
    size = _size(applied)
    return 1 / size, f"1/{size}", f"1/{size}"


def _extreme(applied: Applied, index: Index) -> tuple[float, str, str]:
    """PyTorch shares the gradient evenly among entries that tie."""
    x = exact(applied.tensor("self")[_line(applied, index)])
    mine = float(exact(applied.tensor("self")[index]))
    best = _result(applied, index)
    ties = int((x == best).sum())
    share = 1 / ties if mine == best else 0.0
    what = "largest" if applied.kind in ("Max", "Amax") else "smallest"
    text = f"(1 if {_me(applied, index)} is the {what}, else 0)"
    return share, text, f"1/{ties}" if share not in (0.0, 1.0) else ""


def _extreme_along(applied: Applied, index: Index) -> tuple[float, str, str]:
    axis = _axes(applied)[0]
    at = int(applied.tensor("indices")[_reduced(applied, index)])
    what = "largest" if applied.kind == "Max" else "smallest"
    text = f"(1 if {_me(applied, index)} is the {what}, else 0)"
    return float(at == index[axis]), text, ""


def _log_sum_exp(applied: Applied, index: Index) -> tuple[float, str, str]:
    x, result = float(exact(applied.tensor("self")[index])), _result(applied, index)
    symbol = f"exp({_me(applied, index)} - logsumexp)"
    return math.exp(x - result), symbol, f"exp({figure(x)} - {factor_figure(result)})"


def _norm(applied: Applied, index: Index) -> tuple[float, str, str]:
    order = float(applied.saved("ord"))
    x, result = float(exact(applied.tensor("self")[index])), _result(applied, index)
    if order == 1:
        return math.copysign(1.0, x) if x else 0.0, f"sign({_me(applied, index)})", ""
    if order != 2:
        raise UnreadableError(f"the norm of order {figure(order)} is not written out here")
    slope = x / result if result else 0.0  # the subgradient that PyTorch takes at 0
    label = applied.label(0)
    return slope, f"{_me(applied, index)}/‖{label}‖", f"{factor_figure(x)}/{figure(result)}"


def _variance(applied: Applied, index: Index) -> tuple[float, str, str]:
    correction = applied.saved("correction")
    size = _size(applied)
    rest = size - (1.0 if correction is None else float(correction))
    x = exact(applied.tensor("self")[_line(applied, index)])
    away = float(exact(applied.tensor("self")[index])) - float(x.mean())
    label = applied.label(0)
    if applied.kind == "Std":
        result = _result(applied, index)
        return (
            away / (rest * result) if result else 0.0,
            f"({_me(applied, index)} - mean({label}))/({figure(rest)}·std({label}))",
            f"{factor_figure(away)}/({figure(rest)}·{figure(result)})",
        )
    return (
        2 * away / rest,
        f"2·({_me(applied, index)} - mean({label}))/{figure(rest)}",
        f"2·{factor_figure(away)}/{figure(rest)}",
    )


def _product(applied: Applied, index: Index) -> tuple[float, str, str]:
    x = exact(applied.tensor("self"))[_line(applied, index)].clone()
    mine = float(exact(applied.tensor("self")[index]))
    if mine != 0:
        value = float(x.prod()) / mine
    else:
        x.view(-1)[int((x.view(-1) == 0).nonzero()[0])] = 1.0
        value = float(x.prod())
    return value, "(the product of the other entries)", ""


def _cumulative(applied: Applied, argument: int, index: Index) -> Column:
    axis = normal(int(applied.saved("dim")), len(index))
    chosen: list[int | slice] = [*index]
    chosen[axis] = slice(index[axis], None)
    written: list[int | str] = [*index]
    written[axis] = "n"
    positions = rows(applied.shape, *chosen)
    several = len(positions) > 1
    return Column(
        positions=positions,
        adjoint=",".join(map(str, written if several else index)),
        letters="n" if several else "",
    )


def _named(applied: Applied, name: str) -> str:
    axes = _axes(applied)
    if len(axes) == len(applied.input_shape(0)):
        return f"{name}({applied.label(0)})"
    along = axes[0] if len(axes) == 1 else axes
    return f"{name}({applied.label(0)}, dim={along})"


def _inputs(applied: Applied, argument: int) -> int:
    shape: Shape = applied.input_shape(0)
    return math.prod(shape)


def _rule(
    kinds: tuple[str, ...],
    name: str,
    backward: str,
    slope: Slope,
    *,
    forward: Callable[[Applied], Tensor] | None = None,
    saves: bool = True,
    result: bool = True,
) -> Rule:
    return Rule(
        kinds=kinds,
        expression=lambda applied: _named(applied, name),
        backward=lambda applied, argument: backward.format(x=applied.label(0), n=_size(applied)),
        column=partial(_column, slope),
        multiplications=_inputs,
        saves={"self": 0} if saves else {},
        result="result" if result else "",
        forward=forward,
    )


def _over(applied: Applied, method: str) -> Tensor:
    x = applied.input(0)
    keep = len(applied.shape) == x.dim()
    made: Tensor = getattr(x, method)(dim=_axes(applied), keepdim=keep) if x.dim() else x
    return made


RULES = (
    _rule(
        ("Sum",),
        "sum",
        "G, copied to every entry that was summed",
        lambda applied, index: (1.0, "", ""),
        forward=lambda applied: _over(applied, "sum"),
        saves=False,
        result=False,
    ),
    _rule(
        ("Mean",),
        "mean",
        "G / {n}, copied to every entry",
        _mean,
        forward=lambda applied: _over(applied, "mean"),
        saves=False,
        result=False,
    ),
    _rule(("Amax", "MaxBackward1"), "max", "G where {x} is largest, else 0", _extreme),
    _rule(("Amin", "MinBackward1"), "min", "G where {x} is smallest, else 0", _extreme),
    _rule(
        ("MaxBackward0",),
        "max",
        "G where {x} is largest, else 0",
        _extreme_along,
        saves=False,
        result=False,
    ),
    _rule(
        ("MinBackward0",),
        "min",
        "G where {x} is smallest, else 0",
        _extreme_along,
        saves=False,
        result=False,
    ),
    _rule(("Logsumexp",), "logsumexp", "G · softmax({x})", _log_sum_exp),
    _rule(("LinalgVectorNorm",), "norm", "G · {x} / ‖{x}‖", _norm),
    _rule(("Var",), "var", "G · 2·({x} - mean({x})) / (n - correction)", _variance, result=False),
    _rule(("Std",), "std", "G · ({x} - mean({x})) / ((n - correction)·std)", _variance),
    _rule(("Prod",), "prod", "G · (the product of the other entries)", _product),
    Rule(
        kinds=("Cumsum",),
        expression=lambda applied: f"cumsum({applied.label(0)}, dim={applied.saved('dim')})",
        backward=lambda applied, argument: "G, summed from each entry to the end",
        column=_cumulative,
        forward=lambda applied: applied.input(0).cumsum(int(applied.saved("dim"))),
    ),
)
