"""Losses: what each example, and each entry of it, adds to one number."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.figures import factor_figure, figure
from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Column, Index, Rule, one, place

_NONE, _MEAN, _SUM = 0, 1, 2  # at::Reduction


def _share(applied: Applied) -> float:
    """What one entry counts: 1/N for a mean over N, else 1."""
    if applied.saved("reduction") != _MEAN:
        return 1.0
    return 1 / math.prod(applied.input_shape(0))


def _column(applied: Applied, index: Index, value: float, symbol: str, figures: str) -> Column:
    kept = applied.saved("reduction") == _NONE
    shape = applied.shape
    target = index if kept else ()
    return Column(
        positions=one(shape, target) if kept else torch.zeros(1, dtype=torch.int64),
        coefficients=torch.tensor([value], dtype=torch.float64),
        symbol=symbol,
        adjoint=",".join(map(str, target)),
        figures=(lambda _: figures) if figures else None,
    )


# ---- negative log-likelihood -----------------------------------------------------------------


def _likelihood(applied: Applied, argument: int, index: Index) -> Column:
    """L = -Σ w[class] · log p[n, class] / Σ w[class]; an ignored example counts nothing."""
    target = applied.tensor("target")
    example = (index[0], *index[2:]) if len(index) > 1 else ()
    mine = index[1] if len(index) > 1 else index[0]
    label = int(target[example]) if target.dim() else int(target)
    reduction = applied.saved("reduction")
    weight = applied.saved("weight")
    weighed = float(exact(weight[mine])) if isinstance(weight, Tensor) else 1.0
    total = float(exact(applied.tensor("total_weight"))) if reduction == _MEAN else 1.0
    counts = label == mine and label != applied.saved("ignore_index")
    value = -weighed / total if counts else 0.0
    w = f"w[{mine}]" if isinstance(weight, Tensor) else "1"
    over = f"/{figure(total)}" if reduction == _MEAN else ""
    where = place("target", tuple(target.shape), *example)
    kept = reduction == _NONE
    return Column(
        positions=one(applied.shape, example) if kept else torch.zeros(1, dtype=torch.int64),
        coefficients=torch.tensor([value], dtype=torch.float64),
        symbol=f"(-{w}{over} if {where} = {mine}, else 0)",
        adjoint=",".join(map(str, example)) if kept else "",
        figures=lambda _: f"-{figure(weighed)}{over}" if counts else "0",
    )


def _likelihood_backward(applied: Applied, argument: int) -> str:
    mean = applied.saved("reduction") == _MEAN
    share = f"{figure(float(exact(applied.tensor('total_weight'))))}" if mean else "1"
    weight = "1" if not isinstance(applied.saved("weight"), Tensor) else "w[class]"
    amount = f"-{weight}/{share}" if mean else f"-{weight}"
    return f"G · ({amount} at each example's class, else 0)"


# ---- two inputs, entry by entry --------------------------------------------------------------


Slope = Callable[[Applied, float, float, str, str], tuple[float, str, str]]
"""∂l/∂x at one entry, from x and t and their names: number, symbols, numbers as written."""


def _entry(slope: Slope, applied: Applied, argument: int, index: Index) -> Column:
    x = float(exact(applied.tensor("self")[index]))
    t = float(exact(applied.tensor("target")[index]))
    names = [place(applied.label(k), applied.input_shape(0), *index) for k in (0, 1)]
    value, symbol, figures = slope(applied, x, t, names[0], names[1])
    if argument == 1:
        if applied.kind not in ("MseLoss", "SmoothL1Loss", "HuberLoss"):
            raise UnreadableError("its derivative by the target is not written out here")
        value, symbol, figures = -value, f"-{symbol}", f"-({figures})"
    weight = _weight(applied, index)
    share = _share(applied)
    over = f"/{round(1 / share)}" if share != 1 else ""
    if weight is not None:
        symbol, figures = f"w·{symbol}", f"{factor_figure(weight)}·({figures})"
        value *= weight
    return _column(applied, index, value * share, f"{symbol}{over}", f"{figures}{over}")


def _weight(applied: Applied, index: Index) -> float | None:
    try:
        weight = applied.saved("weight")
    except UnreadableError:
        return None
    if not isinstance(weight, Tensor):
        return None
    return float(exact(weight.expand(applied.input_shape(0))[index]))


def _squared(applied: Applied, x: float, t: float, u: str, v: str) -> tuple[float, str, str]:
    return 2 * (x - t), f"2·({u} - {v})", f"2·({figure(x)} - {factor_figure(t)})"


def _smooth(applied: Applied, x: float, t: float, u: str, v: str) -> tuple[float, str, str]:
    beta = float(applied.saved("beta"))
    away = x - t
    if beta and abs(away) < beta:
        difference = f"({figure(x)} - {factor_figure(t)})"
        return away / beta, f"({u} - {v})/{figure(beta)}", f"{difference}/{figure(beta)}"
    return math.copysign(1.0, away), f"sign({u} - {v})", figure(math.copysign(1.0, away))


def _huber(applied: Applied, x: float, t: float, u: str, v: str) -> tuple[float, str, str]:
    delta = float(applied.saved("delta"))
    away = x - t
    if abs(away) <= delta:
        return away, f"({u} - {v})", f"({figure(x)} - {factor_figure(t)})"
    value = math.copysign(delta, away)
    return value, f"{figure(delta)}·sign({u} - {v})", figure(value)


def _binary(applied: Applied, x: float, t: float, u: str, v: str) -> tuple[float, str, str]:
    # PyTorch keeps the denominator from being 0 by 10⁻¹²
    below = max(x * (1 - x), 1e-12)
    spelled = f"({figure(x)} - {factor_figure(t)})/({figure(x)}·(1 - {figure(x)}))"
    return (x - t) / below, f"({u} - {v})/({u}·(1 - {u}))", spelled


def _logits(applied: Applied, x: float, t: float, u: str, v: str) -> tuple[float, str, str]:
    if isinstance(applied.saved("pos_weight"), Tensor):
        raise UnreadableError("its formula with pos_weight is not written out here")
    sigma = 1 / (1 + math.exp(-x)) if x > -700 else 0.0
    return sigma - t, f"(σ({u}) - {v})", f"({figure(sigma)} - {factor_figure(t)})"


def _expression(name: str, applied: Applied) -> str:
    return f"{name}({applied.label(0)}, {applied.label(1)})"


def _amount(applied: Applied) -> str:
    share = _share(applied)
    return "" if share == 1 else f" / {round(1 / share)}"


def _entrywise(kind: str, name: str, backward: str, slope: Slope) -> Rule:
    return Rule(
        kinds=(kind,),
        expression=partial(_expression, name),
        backward=lambda applied, argument: (
            ("-" if argument else "")
            + backward.format(x=applied.label(0), t=applied.label(1))
            + _amount(applied)
        ),
        column=partial(_entry, slope),
        multiplications=lambda applied, argument: math.prod(applied.input_shape(0)),
        saves={"self": 0, "target": 1},
    )


RULES = (
    Rule(
        kinds=("NllLoss", "NllLoss2D"),
        expression=lambda applied: f"nll_loss({applied.label(0)}, target)",
        backward=_likelihood_backward,
        column=_likelihood,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(0)),
        saves={"self": 0},
    ),
    _entrywise("MseLoss", "mse_loss", "G · 2·({x} - {t})", _squared),
    _entrywise("SmoothL1Loss", "smooth_l1_loss", "G · clamp({x} - {t})", _smooth),
    _entrywise("HuberLoss", "huber_loss", "G · clamp({x} - {t})", _huber),
    _entrywise(
        "BinaryCrossEntropy",
        "binary_cross_entropy",
        "G · ({x} - {t}) / ({x}·(1 - {x}))",
        _binary,
    ),
    _entrywise(
        "BinaryCrossEntropyWithLogits",
        "binary_cross_entropy_with_logits",
        "G · (σ({x}) - {t})",
        _logits,
    ),
)
