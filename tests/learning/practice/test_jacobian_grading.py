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


def test_a_jacobian_is_not_transposed_because_one_entry_fits_there() -> None:
    found = grade("[x^2 y, x y^2]", "x,y", "[[2x y, x^2 + 3], [y^2, 2x y]]").diagnoses
    assert "jacobian-transposed" not in {each.mutation for each in found}
