"""Jacobians of lists of formulas, entry by entry, and what several entries have in common."""

import pytest

from chainrule.learning.practice import grade


def test_jacobians_row_by_row() -> None:
    formulas = "[x^2 y, 5x + sin(3y)]"
    assert grade(formulas, "x,y", "[[2x y, x^2], [5, 3cos(3y)]]").correct
    (turned,) = grade(formulas, "x,y", "[[2x y, 5], [x^2, 3cos(3y)]]").diagnoses
    assert turned.mutation == "jacobian-transposed"
    (inner,) = grade(formulas, "x,y", "[[2x y, x^2], [5, cos(3y)]]").diagnoses
    assert inner.mutation == "chain-inner-lost"
    assert inner.message.startswith("Row 2, by y: ")
    (zero,) = grade("[x^2 y, 5x]", "x,y", "[[2x y, x^2], [5, 1]]").diagnoses
    assert zero.mutation == "entry-not-zero"
    (kept,) = grade("[x^2 y, 5x]", "x,y", "[[2x y, x^2], [5, 5x]]").diagnoses
    assert kept.mutation == "held-kept"


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        ("[[3y z, 2x, 3y], [3x z, 0, 3x], [3x y, 0, 5]]", ["jacobian-transposed"]),
        ("[[3y z, 3x y, 3x z], [2x, 0, 0], [3y, 5, 3x]]", ["gradient-order"]),
        ("[[2x, 0, 0], [3y z, 3x z, 3x y], [3y, 3x, 5]]", ["gradient-order"]),
        (
            "[[3y z, x, 3y], [3x z, 0, 3x], [3x y, 0, 5]]",
            ["jacobian-transposed", "power-factor-lost", "slip-number"],
        ),
        ("[[y z, x z, x y], [2x, 0, 0], [y, x, 5]]", ["multiple-lost"]),
        ("[[3z, 3x z, 3x], [2x, 0, 0], [3y, 3x, 5]]", ["multiple-lost"]),
    ],
)
def test_what_is_the_same_in_several_entries_of_a_jacobian(
    answer: str, mistakes: list[str]
) -> None:
    formulas = "[3x y z, x^2, 3x y + 5z]"
    found = [each.mutation for each in grade(formulas, "x,y,z", answer).diagnoses]
    assert found == mistakes


@pytest.mark.parametrize(
    ("formulas", "answer"),
    [
        ("[x^2 + 3, x y]", "[[2x, 3], [0, x]]"),  # only a 0 fits the transpose
        ("[x^2, 3x + y]", "[[2x, 3], [1, 1]]"),
        ("[x y, x + y]", "[[y, 1], [0, 1]]"),
        ("[x^2 y, x y^2]", "[[2x y, y^2], [3, 2x y]]"),  # one entry alone may be chance
    ],
)
def test_a_jacobian_is_not_transposed_because_an_entry_fits_there(
    formulas: str, answer: str
) -> None:
    found = grade(formulas, "x,y", answer).diagnoses
    assert "jacobian-transposed" not in {each.mutation for each in found}


def test_where_a_transpose_is_wrong_besides_is_said_by_formula_and_variable() -> None:
    turned, *_ = grade("[a x + b y, c x + d y]", "x,y", "[[a, c], [b, 0]]").diagnoses
    assert turned.message.endswith("But for one entry, the derivative of formula 2 by y.")


def test_formulas_that_are_alike_stand_in_another_order_too() -> None:
    (found,) = grade("[x y, x y, x]", "x,y", "[[1, 0], [y, x], [y, x]]").diagnoses
    assert found.mutation == "gradient-order"


@pytest.mark.parametrize("zero", ["0", "0.0", "-0", "0*y", "y - y", "3 - 3"])
def test_an_entry_that_is_zero_may_be_written_in_any_form(zero: str) -> None:
    assert grade("[x^2, y^2]", "x,y", f"[[2x, {zero}], [0, 2y]]").correct


def test_zero_is_no_factor_that_was_left_out() -> None:
    assert not grade("[0*x + y, 0*x*y]", "x,y", "[[5, 1], [3, 0]]").diagnoses
