"""Softmax and log-softmax: every entry of a row moves every entry of that row."""

from collections.abc import Callable

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.figures import factor_figure, figure
from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Column, Index, Rule, normal, place, rows


def _row(applied: Applied, index: Index) -> tuple[int, list[int | slice], list[int | str], str]:
    axis = normal(int(applied.saved("dim")), len(index))
    chosen: list[int | slice] = [*index]
    written: list[int | str] = [*index]
    if index:
        chosen[axis] = slice(None)
    several = bool(index) and applied.shape[axis] > 1
    if several:
        written[axis] = "m"
    return axis, chosen, written, "m" if several else ""


def _column(
    applied: Applied,
    index: Index,
    numbers: Callable[[Tensor, int], Tensor],
    symbol: Callable[[str, str, str], str],
    spelled: Callable[[float, float, bool], str],
    probabilities: Callable[[Tensor], Tensor],
) -> Column:
    axis, chosen, written, letters = _row(applied, index)
    p = probabilities(exact(applied.tensor("result")[tuple(chosen)])).reshape(-1)
    k = index[axis] if index else 0
    mine = float(p[k])
    return Column(
        positions=rows(applied.shape, *chosen),
        coefficients=numbers(p, k),
        symbol=symbol(
            place("p", applied.shape, *index),
            place("p", applied.shape, *written),
            f"[{letters or 0}={k}]",
        ),
        adjoint=",".join(map(str, written)),
        letters=letters,
        figures=lambda j: spelled(mine, float(p[j]), j == k),
    )


def _log_softmax(applied: Applied, argument: int, index: Index) -> Column:
    """∂log p_m/∂z_k = [m=k] - p_k."""

    def numbers(p: Tensor, k: int) -> Tensor:
        made = torch.full_like(p, -float(p[k]))
        made[k] += 1
        return made

    return _column(
        applied,
        index,
        numbers,
        lambda mine, other, same: f"({same} - {mine})",
        lambda mine, other, same: f"{'1' if same else '0'} - {figure(mine)}",
        torch.exp,
    )


def _softmax(applied: Applied, argument: int, index: Index) -> Column:
    """∂p_m/∂z_k = p_m·([m=k] - p_k)."""

    def numbers(p: Tensor, k: int) -> Tensor:
        made = -p * float(p[k])
        made[k] += float(p[k])
        return made

    return _column(
        applied,
        index,
        numbers,
        lambda mine, other, same: f"{other}·({same} - {mine})",
        lambda mine, other, same: (
            f"{factor_figure(other)}·({'1' if same else '0'} - {figure(mine)})"
        ),
        lambda result: result,
    )


def _along(applied: Applied, argument: int) -> int:
    axis = normal(int(applied.saved("dim")), len(applied.shape))
    total = 1
    for size in applied.shape:
        total *= size
    return total * (applied.shape[axis] if applied.shape else 1)


RULES = (
    Rule(
        kinds=("LogSoftmax",),
        expression=lambda applied: f"log_softmax({applied.label(0)}, dim={applied.saved('dim')})",
        backward=lambda applied, argument: (
            f"G - p ⊙ (sum of G along axis {applied.saved('dim')}), p = softmax({applied.label(0)})"
        ),
        column=_log_softmax,
        multiplications=_along,
        result="result",
    ),
    Rule(
        kinds=("Softmax", "SafeSoftmax"),
        expression=lambda applied: f"softmax({applied.label(0)}, dim={applied.saved('dim')})",
        backward=lambda applied, argument: (
            f"p ⊙ (G - sum of G ⊙ p along axis {applied.saved('dim')}), "
            f"p = softmax({applied.label(0)})"
        ),
        column=_softmax,
        multiplications=_along,
        result="result",
    ),
)
