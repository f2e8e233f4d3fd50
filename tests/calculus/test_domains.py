"""Points outside a function's domain: what was expected, what was found, and where."""

import pytest

from chainrule.calculus import DomainError, Evaluation, FormulaError, derive, parse
from chainrule.calculus.domains import NEEDS, SETTINGS
from chainrule.calculus.float_functions import FLOAT_FUNCTIONS
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.narrate import narrate

OUTSIDE = {
    "log": -1.0,
    "log2": 0.0,
    "log10": -3.0,
    "sqrt": -1.0,
    "asin": 2.0,
    "acos": -2.0,
    "atanh": 1.0,
    "acosh": 0.5,
    "asech": -1.0,
    "asec": 0.5,
    "acsc": 0.5,
    "acoth": 0.5,
    "acsch": 0.0,
    "csch": 0.0,
    "coth": 0.0,
    "cot": 0.0,
    "csc": 0.0,
}


@pytest.mark.parametrize("function", sorted(NEEDS))
def test_every_function_says_what_it_needs(function: str) -> None:
    assert function in FLOAT_FUNCTIONS
    text = f"3 + {function}(2x)"
    with pytest.raises(DomainError) as caught:
        Evaluation({"x": OUTSIDE[function] / 2}, text)(parse(text).root)
    assert f"{function} needs {NEEDS[function][0]}, found " in caught.value.reason
    assert f"choose a point where 2x {NEEDS[function][1]}" in caught.value.reason
    assert caught.value.column == 5


def test_other_operations_say_what_fails() -> None:
    for text, x, said in (
        ("1/(x - 1)", 1.0, "The denominator x - 1 must not be 0"),
        ("x^(-2)", 0.0, "0 to the power −2 divides by 0"),
        ("x^(1/3)", -8.0, "cbrt(u) takes cube roots"),
        ("exp(x)/exp(x)", 900.0, "exp(x) is too large for float64"),
    ):
        with pytest.raises(DomainError) as caught:
            Evaluation({"x": x}, text)(parse(text).root)
        assert said in caught.value.reason


@pytest.mark.parametrize("base", [1.0, 0.0, -2.0])
def test_a_logarithm_without_a_base_points_at_the_base(base: float) -> None:
    text = "3 + log(2x, b)"
    root = parse(text).root
    with pytest.raises(DomainError) as caught:
        Evaluation({"x": 2.0, "b": base}, text)(root)
    found = f"{base:g}".replace("-", "−")
    assert f"log needs a base above 0 other than 1, found {found}, at" in caught.value.reason
    assert caught.value.column == text.index("b") + 1
    for by in ("x", "b"):
        derivation = derive(parse(text), by)
        assert narrate(derivation, evaluation=Evaluation({"x": 2.0, "b": base}, text)).value is None
    with pytest.raises(DomainError):
        MatrixEvaluation({"x": [2.0, 3.0], "b": base}, text)(root)


@pytest.mark.parametrize(
    ("text", "place", "wrong"),
    [("huber(x, 1, d)", "d", 0.0), ("norm(2x, p)", "p", -1.0), ("softplus(x, b)", "b", 0.0)],
)
def test_settings_without_a_function_are_refused(text: str, place: str, wrong: float) -> None:
    function = text.partition("(")[0]
    found = f"{wrong:g}".replace("-", "−")
    said = f"{function} needs {SETTINGS[function].needs}, found {found}"
    for evaluation in (Evaluation, MatrixEvaluation):
        with pytest.raises(DomainError, match=said) as caught:
            evaluation({"x": 3.0, place: wrong}, text)(parse(text).root)
        assert caught.value.column == text.index(place) + 1
    with pytest.raises(FormulaError, match=said) as refused:
        parse(text.replace(place, f"{wrong:g}"))
    assert refused.value.column == text.index(place) + 1


def test_each_base_of_a_vector_of_bases_is_looked_at() -> None:
    parse("sum(log(x, [2, 10]))")
    with pytest.raises(FormulaError, match="found 1: every power of 1 is 1") as caught:
        parse("sum(log(x, [2, 1]))")
    assert caught.value.column == 16


def test_a_logarithm_of_a_negative_number_to_a_good_base_points_at_itself() -> None:
    with pytest.raises(DomainError, match="log needs a number above 0, found −4, at") as caught:
        Evaluation({"x": -2.0, "b": 3.0}, "3 + log(2x, b)")(parse("3 + log(2x, b)").root)
    assert caught.value.column == 5
