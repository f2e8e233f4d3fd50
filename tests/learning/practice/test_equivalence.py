"""What counts as the same: proved by algebra, or by values at many points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.calculus import FormulaError, parse
from chainrule.learning.practice import grade
from chainrule.learning.practice.normal_form import proved_equal


@pytest.mark.parametrize(
    ("formula", "answer", "how"),
    [
        ("sin(x)^2", "2 sin(x) cos(x)", "exact"),
        ("sin(x)^2", "sin(2x)", "numeric"),
        ("tan(x)", "1 + tan(x)^2", "exact"),
        ("1/(1+e^(-x))", "e^x/(1+e^x)^2", "exact"),
        ("sqrt(x^2+9)", "x sqrt(x^2+9)/(x^2+9)", "exact"),
        ("x ln(x)", "ln(e x)", "numeric"),
    ],
)
def test_how_says_what_decided(formula: str, answer: str, how: str) -> None:
    found = grade(formula, "x", answer)
    assert (found.correct, found.how) == (True, how)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("|x|", "1"),
        ("relu(x)", "1"),
        ("sqrt(x^2)", "1"),
        ("x^2", "2|x|"),
        ("x^3", "3x^2 + 0.0001"),
        ("e^(x/1000)", "e^(x/1001)/1000"),
        ("x^2", "2x + C"),
        ("ln(x)", "1/x + 10^-5 x"),
    ],
)
def test_what_agrees_only_somewhere_or_nearly_is_not_the_same(formula: str, answer: str) -> None:
    assert not grade(formula, "x", answer).correct


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("asin(x)", "1/cos(asin(x))"),  # only between −1 and 1
        ("ln(ln(x))", "1/(x ln(x))"),
        ("sqrt(x - 40)", "1/(2sqrt(x-40))"),
        ("ln(1 - x^2 - y^2)", "-2x/(1-x^2-y^2)"),
        ("acosh(x)", "1/(sqrt(x-1) sqrt(x+1))"),
        ("(x + 1)^10", "10x^9 + 90x^8 + 360x^7 + 840x^6 + 1260x^5 + 1260x^4 + 840x^3 + 360x^2 "
         "+ 90x + 10"),
    ],
)  # fmt: skip
def test_narrow_domains_and_long_sums(formula: str, answer: str) -> None:
    assert grade(formula, "x", answer).correct


def test_without_a_domain_nothing_is_graded() -> None:
    with pytest.raises(FormulaError, match="values at some points"):
        grade("sqrt(-1 - x^2)", "x", "x")


POLYNOMIALS = st.lists(st.integers(-5, 5), min_size=2, max_size=4)


def _typed(coefficients: list[int]) -> str:
    return " + ".join(f"({c})*x^{i}" for i, c in enumerate(coefficients))


@settings(max_examples=60, deadline=None)
@given(POLYNOMIALS, POLYNOMIALS)
def test_a_product_is_proved_equal_to_itself_expanded(left: list[int], right: list[int]) -> None:
    expanded = [0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            expanded[i + j] += a * b
    product = parse(f"({_typed(left)})*({_typed(right)})").root
    assert proved_equal(product, parse(_typed(expanded)).root)
    expanded[0] += 1
    assert not proved_equal(product, parse(_typed(expanded)).root)


@pytest.mark.parametrize(
    ("left", "right"),
    [("sqrt(x^2)", "x"), ("(x^2)^(1/2)", "x"), ("|x|", "x"), ("ln(x^2)", "2 ln(-x)")],
)
def test_what_holds_on_one_side_only_is_not_proved(left: str, right: str) -> None:
    assert not proved_equal(parse(left).root, parse(right).root)
