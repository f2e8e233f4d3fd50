"""Kinks in formulas of vectors and matrices: which entries they concern, and what is no kink."""

import pytest

from chainrule.calculus import parse
from chainrule.calculus.matrix import MatrixEvaluation, derive_matrix, matrix_record
from chainrule.calculus.matrix.kinks import matrix_kinks


def said(text: str, variable: str, **point: object) -> tuple[str, ...]:
    at = MatrixEvaluation(point, text)  # type: ignore[arg-type]
    shapes = {name: value.shape for name, value in at.point.items()}
    return matrix_kinks(derive_matrix(parse(text, variables=tuple(point)), variable, shapes), at)


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("sum(relu(w))", [0, 1], "by w₁ (0 from the left, 1 from the right; the formula gives 0):"),
        ("sum(abs(w))", [[0, 1], [1, 2]], "by w₁₁ (-1 from the left, 1 from the right;"),
        ("max(w)", [1, 1], "nor by w₂ (0 from the left, 1 from the right; the formula gives 0.5)"),
        ("relu(w)", [2, 0], "by w₂ (0 from the left, 1 from the right; the formula gives 0)"),
        ("norm(w, 1)", [0, 1], "by w₁ (-1 from the left, 1 from the right; the formula gives 0)"),
    ],
)
def test_the_entries_concerned_are_named(text: str, value: object, words: str) -> None:
    (sentence,) = said(text, "w", w=value)
    assert words in sentence
    assert "has a kink there" in sentence


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(relu(w)^2)", [0, 1]),
        ("sum(relu(w))", [0.5, 1]),
        ("sum(w^2)", [0, 0]),
        ("max(w)", [2, 1]),
        ("max(w)", [0, 1]),
    ],
)
def test_what_has_a_derivative_is_no_kink(text: str, value: object) -> None:
    assert said(text, "w", w=value) == ()


def test_where_kinks_cancel_the_slope_of_both_sides_is_told() -> None:
    (sentence,) = said("sum(relu(w) - relu(-w))", "w", w=[0, 1])
    assert "w₁ (1 on both sides; the formula gives 0): kinks of relu cancel" in sentence
    assert said("sum(min(w, 1) + max(w, 1))", "w", w=[1, 3]) == ()  # here the formula gives 1


@pytest.mark.parametrize("text", ["sum(sign(w)^2)", "sum(where(w, 1, 2))", "sum(atan2(w, -1))"])
def test_at_a_jump_no_slopes_are_made_up(text: str) -> None:
    (sentence,) = said(text, "w", w=[0, 1])
    assert "by w₁: " in sentence
    assert "jumps there" in sentence


def test_a_kink_of_a_product_is_told_of_each_entry_of_the_weights() -> None:
    (sentence,) = said("sum(relu(A @ x))", "A", A=[[1, -1], [2, 1]], x=[1, 1])
    assert "A₁₁" in sentence and "A₁₂" in sentence and "A₂₁" not in sentence


def test_the_record_has_it() -> None:
    at = MatrixEvaluation({"w": [0.0, 1.0]})
    found = derive_matrix(parse("sum(relu(w))"), "w", {"w": (2,)})
    assert len(matrix_record(found, at)["kinks"]) == 1
    assert matrix_record(found)["kinks"] == []
