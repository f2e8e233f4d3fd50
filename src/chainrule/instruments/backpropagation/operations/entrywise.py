"""Functions of one number, applied to each entry.

Each is a row of a table: how it is written, its derivative in symbols, the same with the numbers
that PyTorch saved, and the derivative as a function of them. `{x}` is the input, `{y}` the output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError
from chainrule.instruments.backpropagation.figures import factor_figure
from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Column, Index, Rule, one, place

Parameters = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A row of the table.

    Attributes:
        name: PyTorch's, without `Backward`.
        call: How it is written.
        symbol: Its derivative, in x.
        derivative: Its numbers, from the saved value and the parameters.
        figures: How the numbers are written; a function of value and derivative where there are
            cases.
        keeps: What PyTorch saves of it.
        parameters: Saved numbers that it depends on.
        forward: The function itself, for those that do not save their result.
        approximation: The row that holds where `approximate` is `tanh`.
    """

    name: str
    call: str
    symbol: str
    derivative: Callable[[Tensor, Parameters], Tensor]
    figures: str | Callable[[float, float], str]
    keeps: str = "self"
    parameters: tuple[str, ...] = ()
    forward: Callable[[Tensor, Parameters], Tensor] | None = None
    approximation: "Function | None" = None


def case(value: float, slope: float) -> str:
    """A derivative that has cases: its number, and at which value."""
    return f"{factor_figure(slope)}, at {factor_figure(value)}"


def _row(applied: Applied, row: Function) -> Function:
    if row.approximation is not None and applied.saved("approximate") == "tanh":
        return row.approximation
    return row


def _parameters(applied: Applied, row: Function) -> Parameters:
    return {name: float(applied.saved(name)) for name in row.parameters}


def _written(applied: Applied, row: Function, x: str, template: str) -> str:
    known = {name: factor_figure(value) for name, value in _parameters(applied, row).items()}
    return template.format(x=x, y=row.call.format(x=x), **known)


def _expression(row: Function, applied: Applied) -> str:
    return _row(applied, row).call.format(x=applied.label(0))


def _backward(row: Function, applied: Applied, argument: int) -> str:
    row = _row(applied, row)
    if row.name == "Neg":
        return "-G"
    return f"G ⊙ ({_bare(_written(applied, row, applied.label(0), row.symbol))})"


def _bare(text: str) -> str:
    inner = text[1:-1]
    wrapped = text.startswith("(") and text.endswith(")") and "(" not in inner
    return inner if wrapped else text


def _column(row: Function, applied: Applied, argument: int, index: Index) -> Column:
    row = _row(applied, row)
    shape = applied.shape
    parameters = _parameters(applied, row)
    if row.keeps:
        value = exact(applied.tensor(row.keeps)[index]).reshape(1)
    else:
        value = torch.zeros(1, dtype=torch.float64)  # its derivative is the same everywhere
    slope = row.derivative(value, parameters)
    number = float(value)
    if isinstance(row.figures, str):
        spelled = factor_figure(number)
        known = {name: factor_figure(held) for name, held in parameters.items()}
        written = row.figures.format(x=spelled, y=spelled, **known)
    else:
        written = row.figures(number, float(slope))
    return Column(
        positions=one(shape, index),
        coefficients=slope,
        symbol=_written(applied, row, place(applied.label(0), shape, *index), row.symbol),
        adjoint=",".join(map(str, index)),
        figures=lambda _: written,
    )


def _forward(row: Function, applied: Applied) -> Tensor:
    row = _row(applied, row)
    if row.forward is None:
        raise UnreadableError("PyTorch kept no result")
    return row.forward(applied.input(0), _parameters(applied, row))


def rule_of(row: Function) -> Rule:
    """The rule of a row of the table."""
    return Rule(
        kinds=(row.name,),
        expression=partial(_expression, row),
        backward=partial(_backward, row),
        column=partial(_column, row),
        saves={"self": 0} if row.keeps == "self" else {},
        result="result" if row.keeps == "result" else "",
        forward=None if row.forward is None else partial(_forward, row),
    )
