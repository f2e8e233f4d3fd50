"""Products of matrices and vectors: one entry of a factor meets a whole row or column."""

import math
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.figures import figure
from chainrule.instruments.backpropagation.saved import exact

from .broadcasting import spread, summed_over
from .rule import Applied, Column, Index, Rule, letters_of, place, rows


def _scale(applied: Applied, name: str) -> float:
    return float(applied.saved(name))


def _times(scale: float, text: str) -> str:
    return text if scale == 1 else f"{figure(scale)}·{text}"


def _product_column(
    first: int, scale: str, applied: Applied, argument: int, index: Index
) -> Column:
    """A column of C = α·A @ B by A or B, matrices or batches of them."""
    alpha = _scale(applied, scale) if scale else 1.0
    left, right = first, first + 1
    batch, (i, j) = index[:-2], index[-2:]
    out = applied.shape
    if argument == left:  # C[.., i, m] moves with B[.., j, m]
        chosen: list[int | slice] = [*batch, i, slice(None)]
        other = exact(applied.input(right)[(*batch, j)])
        written, letters = letters_of(out, chosen)
        name = place(applied.label(right), applied.input_shape(right), *batch, j, written[-1])
    else:  # C[.., n, j] moves with A[.., n, i]
        chosen = [*batch, slice(None), j]
        column: list[int | slice] = [*batch, slice(None), i]
        other = exact(applied.input(left)[tuple(column)])
        written, letters = letters_of(out, chosen)
        name = place(applied.label(left), applied.input_shape(left), *batch, written[-2], i)
    return Column(
        positions=rows(out, *chosen),
        coefficients=other * alpha,
        symbol=_times(alpha, name),
        adjoint=",".join(map(str, written)),
        letters=letters,
    )


def _added_column(applied: Applied, argument: int, index: Index) -> Column:
    """A column of β·C + α·A @ B."""
    if argument > 0:
        return _product_column(1, "alpha", applied, argument, index)
    beta = _scale(applied, "beta")
    chosen = spread(applied.input_shape(0), applied.shape, index)
    written, letters = letters_of(applied.shape, chosen)
    positions = rows(applied.shape, *chosen)
    return Column(
        positions=positions,
        coefficients=None
        if beta == 1
        else torch.full((len(positions),), beta, dtype=torch.float64),
        symbol="" if beta == 1 else figure(beta),
        adjoint=",".join(map(str, written)),
        letters=letters,
    )


def _product_backward(first: int, scale: str, applied: Applied, argument: int) -> str:
    alpha = _scale(applied, scale) if scale else 1.0
    left, right = (transposed(applied.label(k)) for k in (first, first + 1))
    return _times(alpha, f"G @ {right}" if argument == first else f"{left} @ G")


def transposed(label: str) -> str:
    """`Xᵀ`; of `Wᵀ` it is `W`."""
    return label[:-1] if label.endswith("ᵀ") else f"{label}ᵀ"


def _added_backward(applied: Applied, argument: int) -> str:
    if argument > 0:
        return _product_backward(1, "alpha", applied, argument)
    return _times(_scale(applied, "beta"), "G") + summed_over(applied, 0)


def _added_expression(applied: Applied) -> str:
    product = _times(_scale(applied, "alpha"), f"{applied.label(1)} @ {applied.label(2)}")
    return f"{product} + {_times(_scale(applied, 'beta'), applied.label(0))}"


def _product_count(first: int, applied: Applied, argument: int) -> int:
    if argument < first:
        return math.prod(applied.shape)
    return math.prod(applied.shape) * applied.input_shape(first)[-1]


def _added_forward(applied: Applied) -> Tensor:
    product = applied.input(1) @ applied.input(2)
    return _scale(applied, "beta") * applied.input(0) + _scale(applied, "alpha") * product


# ---- with vectors ----------------------------------------------------------------------------


def _vector_column(applied: Applied, argument: int, index: Index) -> Column:
    """A column of A @ v by A or v."""
    if argument == 0:
        i, j = index
        numbers = exact(applied.input(1)[j]).reshape(1)
        return Column(
            positions=torch.tensor([i]),
            coefficients=numbers,
            symbol=place(applied.label(1), applied.input_shape(1), j),
            adjoint=str(i),
        )
    (j,) = index
    written, letters = letters_of(applied.shape, [slice(None)])
    return Column(
        positions=rows(applied.shape, slice(None)),
        coefficients=exact(applied.input(0)[:, j]),
        symbol=place(applied.label(0), applied.input_shape(0), written[0], j),
        adjoint=str(written[0]),
        letters=letters,
    )


def _vector_backward(applied: Applied, argument: int) -> str:
    if argument == 0:
        return f"G ⊗ {applied.label(1)}"
    return f"{transposed(applied.label(0))} @ G"


def _dot_column(applied: Applied, argument: int, index: Index) -> Column:
    other = 1 - argument
    return Column(
        positions=torch.zeros(1, dtype=torch.int64),
        coefficients=exact(applied.input(other)[index]).reshape(1),
        symbol=place(applied.label(other), applied.input_shape(other), *index),
    )


RULES = (
    Rule(
        kinds=("Mm", "Bmm"),
        expression=lambda applied: f"{applied.label(0)} @ {applied.label(1)}",
        backward=partial(_product_backward, 0, ""),
        column=partial(_product_column, 0, ""),
        multiplications=partial(_product_count, 0),
        saves={"self": 0, "mat2": 1},
        forward=lambda applied: applied.input(0) @ applied.input(1),
    ),
    Rule(
        kinds=("Addmm",),
        expression=_added_expression,
        backward=_added_backward,
        column=_added_column,
        multiplications=partial(_product_count, 1),
        saves={"mat1": 1, "mat2": 2},
        forward=_added_forward,
    ),
    Rule(
        kinds=("Baddbmm",),
        expression=_added_expression,
        backward=_added_backward,
        column=_added_column,
        multiplications=partial(_product_count, 1),
        saves={"batch1": 1, "batch2": 2},
        forward=_added_forward,
    ),
    Rule(
        kinds=("Mv",),
        expression=lambda applied: f"{applied.label(0)} @ {applied.label(1)}",
        backward=_vector_backward,
        column=_vector_column,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(0)),
        saves={"self": 0, "vec": 1},
        forward=lambda applied: applied.input(0) @ applied.input(1),
    ),
    Rule(
        kinds=("Dot",),
        expression=lambda applied: f"{applied.label(0)} · {applied.label(1)}",
        backward=lambda applied, argument: f"G · {applied.label(1 - argument)}",
        column=_dot_column,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(argument)),
        saves={"self": 0, "tensor": 1},
        forward=lambda applied: applied.input(0) @ applied.input(1),
    ),
)
