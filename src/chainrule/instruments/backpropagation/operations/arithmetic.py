"""Sums, products, quotients, powers, maxima: two inputs, entry by entry, with broadcasting."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.figures import factor_figure, figure, superscript
from chainrule.instruments.backpropagation.saved import exact

from .broadcasting import operand, pick, spread, summed_over
from .rule import Applied, Column, Index, Rule, letters_of, place, rows

Coefficient = Callable[
    [Applied, int, list[int | slice], list[int | str]],
    tuple[Tensor | None, str, Callable[[int], str] | None],
]


def _column(coefficient: Coefficient, applied: Applied, argument: int, index: Index) -> Column:
    chosen = spread(applied.input_shape(argument), applied.shape, index)
    written, letters = letters_of(applied.shape, chosen)
    numbers, symbol, figures = coefficient(applied, argument, chosen, written)
    return Column(
        positions=rows(applied.shape, *chosen),
        coefficients=numbers,
        symbol=symbol,
        adjoint=",".join(map(str, written)),
        letters=letters,
        figures=figures,
    )


def _named(applied: Applied, argument: int, written: list[int | str]) -> str:
    shape = applied.input_shape(argument)
    return place(applied.label(argument), shape, *pick(shape, applied.shape, written))


# ---- sums ------------------------------------------------------------------------------------


def _scale(applied: Applied, argument: int) -> float:
    """What stands before an input of a sum: 1, -1, or ± alpha."""
    try:
        alpha = float(applied.saved("alpha"))
    except UnreadableError:
        alpha = 1.0
    if applied.kind == "Rsub":
        return -alpha if argument == 0 else 1.0
    if argument == 0:
        return 1.0
    return -alpha if applied.kind == "Sub" else alpha


def _constant(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    scale = _scale(applied, argument)
    if scale == 1:
        return None, "", None
    count = len(rows(applied.shape, *chosen))
    return torch.full((count,), scale, dtype=torch.float64), figure(scale), None


def _sum_expression(applied: Applied) -> str:
    first, second = applied.label(0), applied.label(1)
    size = abs(_scale(applied, 1 if applied.kind != "Rsub" else 0))
    times = "" if size == 1 else f"{figure(size)}·"
    if applied.kind == "Rsub":
        return f"{second} - {times}{first}"
    return f"{first} {'-' if applied.kind == 'Sub' else '+'} {times}{second}"


def _sum_backward(applied: Applied, argument: int) -> str:
    scale = _scale(applied, argument)
    sign = {1.0: "", -1.0: "-"}.get(scale, f"{figure(scale)} · ")
    return f"{sign}G{summed_over(applied, argument)}"


def _sum_forward(applied: Applied) -> Tensor:
    first, second = applied.input(0), applied.input(1)
    return first * _scale(applied, 0) + second * _scale(applied, 1)


# ---- products --------------------------------------------------------------------------------


def _factor(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    other = 1 - argument
    return operand(applied, other, chosen), _named(applied, other, written), None


def _product_backward(applied: Applied, argument: int) -> str:
    return f"G ⊙ {applied.label(1 - argument)}{summed_over(applied, argument)}"


def _divided(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    below = operand(applied, 1, chosen)
    under = _named(applied, 1, written)
    if argument == 0:
        return 1 / below, f"1/{under}", lambda k: f"1/{factor_figure(float(below[k]))}"
    above = operand(applied, 0, chosen)
    numbers = -above / below**2
    return (
        numbers,
        f"-{_named(applied, 0, written)}/{under}²",
        lambda k: f"-{factor_figure(float(above[k]))}/{factor_figure(float(below[k]))}²",
    )


def _quotient_backward(applied: Applied, argument: int) -> str:
    over = applied.label(1)
    tail = summed_over(applied, argument)
    return f"G / {over}{tail}" if argument == 0 else f"-G ⊙ {applied.label(0)} / {over}²{tail}"


# ---- powers ----------------------------------------------------------------------------------


def _raised(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    power = float(applied.saved("exponent"))
    base = operand(applied, 0, chosen)
    name = _named(applied, 0, written)
    if power == 0:
        return torch.zeros_like(base), "0", None
    numbers = power * base ** (power - 1)
    raised = "" if power == 2 else superscript(power - 1)
    times = figure(power)
    return (
        numbers,
        f"{times}·{name}{raised}",
        lambda k: f"{times}·{factor_figure(float(base[k]))}{raised}",
    )


def _power_backward(applied: Applied, argument: int) -> str:
    power = float(applied.saved("exponent"))
    raised = "" if power == 2 else superscript(power - 1)
    return f"G ⊙ {figure(power)}·{applied.label(0)}{raised}"


def _general_power(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    base, power = operand(applied, 0, chosen), operand(applied, 1, chosen)
    u, v = _named(applied, 0, written), _named(applied, 1, written)
    if argument == 0:
        # 0⁰⁻¹·0: PyTorch takes the derivative of u⁰ to be 0 everywhere
        numbers = torch.where(power == 0, 0.0, power * base ** (power - 1))
        return (
            numbers,
            f"{v}·{u}^({v} - 1)",
            lambda k: f"{figure(float(power[k]))}·{_powered(float(base[k]), float(power[k]) - 1)}",
        )
    result = base**power
    numbers = torch.where((base == 0) & (power >= 0), 0.0, result * torch.log(base))
    return (
        numbers,
        f"{u}^{v}·ln {u}",
        lambda k: f"{figure(float(result[k]))}·ln {factor_figure(float(base[k]))}",
    )


def _powered(base: float, power: float) -> str:
    return f"{factor_figure(base)}^{factor_figure(power)}"


def _exponential(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    """A number raised to a tensor: the tensor is the only input."""
    base = torch.tensor(float(applied.saved("self")), dtype=torch.float64)
    result = exact(applied.tensor("result")[tuple(chosen)]).reshape(-1)
    name, x = factor_figure(float(base)), _named(applied, 0, written)
    numbers = result * torch.log(base)
    return numbers, f"{name}^{x}·ln {name}", lambda k: f"{figure(float(result[k]))}·ln {name}"


# ---- choices ---------------------------------------------------------------------------------


def _larger(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    mine, other = operand(applied, argument, chosen), operand(applied, 1 - argument, chosen)
    wins = mine > other if applied.kind == "Maximum" else mine < other
    numbers = torch.where(mine == other, 0.5, wins.to(torch.float64))
    names = _named(applied, argument, written), _named(applied, 1 - argument, written)
    sign = ">" if applied.kind == "Maximum" else "<"
    return numbers, f"(1 if {names[0]} {sign} {names[1]}, 1/2 if equal, else 0)", None


def _chosen(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    condition = applied.tensor("condition").expand(applied.shape)[tuple(chosen)]
    taken = exact(condition).reshape(-1)
    numbers = taken if argument == 0 else 1 - taken
    return numbers, f"(1 if the condition is {argument == 0}, else 0)", None


def _unmasked(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    if argument == 1:
        raise UnreadableError("the value that fills a mask is not written out here")
    mask = applied.tensor("mask").expand(applied.shape)[tuple(chosen)]
    return 1 - exact(mask).reshape(-1), "(0 where the mask is True, else 1)", None


def _dropped(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    kept = exact(applied.tensor("result1")[tuple(chosen)]).reshape(-1)
    share = 1 - float(applied.saved("p"))
    return kept / share if share else kept, f"(1/{figure(share)} if it was kept, else 0)", None


def _clamped(
    applied: Applied, argument: int, chosen: list[int | slice], written: list[int | str]
) -> tuple[Tensor | None, str, Callable[[int], str] | None]:
    low, high = (None if _lacks(applied, side) else applied.saved(side) for side in ("min", "max"))
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        raise UnreadableError("its bounds are tensors")
    x = exact(applied.tensor("self")[tuple(chosen)]).reshape(-1)
    inside = torch.ones_like(x)
    bounds = ""
    if low is not None:
        inside = inside * (x >= low)
        bounds = f"{figure(float(low))} ≤ "
    bounds += _named(applied, 0, written)
    if high is not None:
        inside = inside * (x <= high)
        bounds += f" ≤ {figure(float(high))}"
    return inside, f"(1 if {bounds}, else 0)", None


def _lacks(applied: Applied, side: str) -> bool:
    return applied.kind == {"min": "ClampMax", "max": "ClampMin"}[side]


def _two(sign: str, applied: Applied) -> str:
    return f"{applied.label(0)} {sign} {applied.label(1)}"


def _called(name: str, applied: Applied) -> str:
    return f"{name}({', '.join(applied.label(k) for k in range(applied.count))})"


def _masked_backward(condition: str, applied: Applied, argument: int) -> str:
    return f"G where {condition}, else 0{summed_over(applied, argument)}"


RULES = (
    Rule(
        kinds=("Add", "Sub", "Rsub"),
        expression=_sum_expression,
        backward=_sum_backward,
        column=partial(_column, _constant),
        forward=_sum_forward,
    ),
    Rule(
        kinds=("Mul",),
        expression=partial(_two, "·"),
        backward=_product_backward,
        column=partial(_column, _factor),
        saves={"self": 0, "other": 1},
        forward=lambda applied: applied.input(0) * applied.input(1),
    ),
    Rule(
        kinds=("Div",),
        expression=partial(_two, "/"),
        backward=_quotient_backward,
        column=partial(_column, _divided),
        saves={"self": 0, "other": 1},
        forward=lambda applied: applied.input(0) / applied.input(1),
    ),
    Rule(
        kinds=("PowBackward0",),
        expression=lambda applied: (
            f"{applied.label(0)}{superscript(float(applied.saved('exponent')))}"
        ),
        backward=_power_backward,
        column=partial(_column, _raised),
        saves={"self": 0},
        forward=lambda applied: applied.input(0) ** applied.saved("exponent"),
    ),
    Rule(
        kinds=("PowBackward1",),
        expression=partial(_two, "^"),
        backward=lambda applied, argument: (
            (
                f"G ⊙ {applied.label(1)}·{applied.label(0)}^({applied.label(1)} - 1)"
                if argument == 0
                else f"G ⊙ {applied.label(0)}^{applied.label(1)} · ln {applied.label(0)}"
            )
            + summed_over(applied, argument)
        ),
        column=partial(_column, _general_power),
        saves={"self": 0, "exponent": 1},
        result="result",
    ),
    Rule(
        kinds=("PowBackward2",),
        expression=lambda applied: (
            f"{factor_figure(float(applied.saved('self')))}^{applied.label(0)}"
        ),
        backward=lambda applied, argument: (
            f"G ⊙ {factor_figure(float(applied.saved('self')))}^{applied.label(0)} · "
            f"ln {factor_figure(float(applied.saved('self')))}"
        ),
        column=partial(_column, _exponential),
        saves={"exponent": 0},
        result="result",
    ),
    Rule(
        kinds=("Maximum", "Minimum"),
        expression=lambda applied: _called("max" if applied.kind == "Maximum" else "min", applied),
        backward=lambda applied, argument: _masked_backward(
            f"{applied.label(argument)} is the "
            + ("larger" if applied.kind == "Maximum" else "smaller"),
            applied,
            argument,
        ),
        column=partial(_column, _larger),
        saves={"self": 0, "other": 1},
        forward=lambda applied: (torch.maximum if applied.kind == "Maximum" else torch.minimum)(
            applied.input(0), applied.input(1)
        ),
    ),
    Rule(
        kinds=("Where",),
        expression=lambda applied: f"where(condition, {applied.label(0)}, {applied.label(1)})",
        backward=lambda applied, argument: _masked_backward(
            f"the condition is {argument == 0}", applied, argument
        ),
        column=partial(_column, _chosen),
    ),
    Rule(
        kinds=("MaskedFill",),
        expression=lambda applied: f"masked_fill({applied.label(0)})",
        backward=lambda applied, argument: _masked_backward(
            f"the mask is {argument == 1}", applied, argument
        ),
        column=partial(_column, _unmasked),
    ),
    Rule(
        kinds=("NativeDropout",),
        expression=lambda applied: f"dropout({applied.label(0)})",
        backward=lambda applied, argument: (
            f"G / {figure(1 - float(applied.saved('p')))} where the entry was kept, else 0"
        ),
        column=partial(_column, _dropped),
    ),
    Rule(
        kinds=("Clamp", "ClampMin", "ClampMax"),
        expression=lambda applied: f"clamp({applied.label(0)})",
        backward=lambda applied, argument: _masked_backward(
            f"{applied.label(0)} is within the bounds", applied, argument
        ),
        column=partial(_column, _clamped),
        saves={"self": 0},
    ),
)
