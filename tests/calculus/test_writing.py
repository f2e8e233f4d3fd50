"""What was read can be written, and what is written is read as the same."""

import pytest
from formula_trees import meaning, soups, trees
from hypothesis import HealthCheck, given, settings
from scalar_formulas import scalar_texts

from chainrule.calculus import FormulaError, Node, parse, write
from chainrule.calculus.tree import Call, Name, Number, Power, Product, Sum


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(x**2+y-11)**2", "(x**2 + y - 11)**2"),
        ("2x(y+1)", "2x (y + 1)"),
        ("((a))−b×c÷d", "((a)) - b × c ÷ d"),
        ("sin²x cos 2x", "sin² x cos 2x"),
        ("|x||y|‖w‖ᵀ", "|x| |y| ‖w‖ᵀ"),
        ("[[1,2],[3,4]]@x", "[[1, 2], [3, 4]] @ x"),
        ("ln(x)x⁻¹", "ln(x) x⁻¹"),
    ],
)
def test_it_is_written_as_it_was_typed(text: str, expected: str) -> None:
    assert write(parse(text)) == expected
    assert parse(expected) == parse(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=scalar_texts)
def test_reading_what_was_written_gives_the_tree(text: str) -> None:
    formula = parse(text)
    again = parse(write(formula))
    assert again == formula
    assert [node.id for node in again.nodes()] == [node.id for node in formula.nodes()]


def check_texts(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, derandomize=True)
    @given(text=soups)
    def check(text: str) -> None:
        try:
            formula = parse(text)
        except FormulaError:
            return
        assert parse(write(formula)) == formula

    check()


def check_trees(examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(tree=trees)
    def check(tree: Node) -> None:
        check_meaning(tree)

    check()


def test_whatever_is_read_can_be_written() -> None:
    check_texts(800)


def test_a_tree_that_was_built_keeps_its_meaning() -> None:
    check_trees(200)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thousands_of_texts_and_trees_are_written_rightly() -> None:
    check_texts(10_000)
    check_trees(3000)


NO_NUMBER = ("float64", "divides", "no real", "A logarithm needs a base")
"""Why a tree of numbers, put together at random, may be refused: it has no value anywhere."""


def check_meaning(tree: Node) -> None:
    text = write(tree)
    try:
        formula = parse(text)
    except FormulaError as error:
        assert any(why in error.reason for why in NO_NUMBER)
        return
    assert meaning(formula.root) == meaning(tree), text
    assert write(formula) == text


def test_parentheses_that_are_missing_are_added() -> None:
    x, y, two = Name(name="x", text="x"), Name(name="y", text="y"), Number(text="2")
    total = Sum(terms=(x, y), operators=("-",))
    assert write(Power(base=total, exponent=total)) == "(x - y)^(x - y)"
    assert write(Product(factors=(x, two, total), operators=("", ""))) == "x · 2(x - y)"
    assert write(Call(function="sin", text="sin", arguments=(total,), spelling="bare")) == (
        "sin(x - y)"
    )
