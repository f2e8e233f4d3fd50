"""ln of products, quotients, powers and roots: taken apart first, and with the same value."""

import math

import pytest
from derivation_checks import Checked, check, close
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainrule.calculus import DomainError, Evaluation, derive, parse, write
from chainrule.calculus.derivation import Step
from chainrule.calculus.narrate import narrate
from chainrule.calculus.rules import ALL_RULES

LAWS = "logarithm-laws"


def first_step(text: str, variable: str = "x") -> Step:
    return derive(parse(text), variable).root


def taken_apart(text: str, variable: str = "x") -> str:
    """What the laws make of a logarithm, as the way that is shown or another one."""
    root = first_step(text, variable)
    ways = [step for step in (root, *root.alternatives) if step.rule == LAWS]
    return write(ways[0].steps[0].operand) if ways else ""


@pytest.mark.parametrize(
    ("text", "sum_of_logarithms"),
    [
        ("ln(x^3)", "3 ln(x)"),
        ("ln(x^2)", "2 ln(|x|)"),
        ("ln(sqrt(x))", "1 / 2 · ln(x)"),
        ("ln(1/x)", "-ln(x)"),
        ("ln(x/(x + 1))", "ln(|x|) - ln(|x + 1|)"),
        ("ln(x^3 sqrt(x + 1))", "3 ln(x) + 1 / 2 · ln(x + 1)"),
        ("ln(x (x^2 + 1))", "ln(x) + ln(x^2 + 1)"),
        ("ln(sqrt(x/(x + 1)))", "1 / 2 · (ln(|x|) - ln(|x + 1|))"),
        ("ln((x^3)^2)", "6 ln(|x|)"),
        ("ln(x^x)", "x · ln(x)"),
        ("ln(x^a)", "a · ln(|x|)"),
        ("ln(a^x)", "x · ln(a)"),
        ("ln(exp(x)/(exp(x) + exp(y)))", "x - ln(exp(x) + exp(y))"),
        ("ln(-x/(x - 3))", "ln(|x|) - ln(|x - 3|)"),
        ("log2(2^x)", "x · log2(2)"),
        ("log10(exp(x))", "x · log10(e)"),
        ("log(x^3, 3)", "3 log(x, 3)"),
    ],
)
def test_what_the_laws_make_is_the_way_that_is_shown(text: str, sum_of_logarithms: str) -> None:
    assert first_step(text).rule == LAWS
    assert taken_apart(text) == sum_of_logarithms
    assert "chain" in {step.rule for step in first_step(text).alternatives}


@pytest.mark.parametrize(
    ("text", "sum_of_logarithms"),
    [
        ("ln(2x)", "ln(2) + ln(x)"),
        ("ln(-2x)", "ln(2) + ln(-x)"),
        ("log10(a x)", "log10(|a|) + log10(|x|)"),
    ],
)
def test_a_mere_number_in_front_is_another_way(text: str, sum_of_logarithms: str) -> None:
    assert first_step(text).rule == "chain"
    assert taken_apart(text) == sum_of_logarithms


@pytest.mark.parametrize("text", ["ln(x)", "ln(x + 1)", "ln(sin(x))", "log(x, x)", "ln(x)^2"])
def test_there_is_no_law_for_the_rest(text: str) -> None:
    assert taken_apart(text) == ""


def test_the_bars_are_explained_with_the_letters_of_the_problem() -> None:
    remark = first_step("ln(p/(p + 1))", "p").remark
    assert remark.startswith("Where p and p + 1 are positive the bars change nothing")
    assert first_step("ln(x^3)").remark == ""


ATOMS = ("x", "(x + 1)", "(2 - x)", "sin(x)", "(x^2 + 1)", "exp(x)", "y", "3", "(-x)")
PIECES = st.one_of(
    st.sampled_from(ATOMS),
    st.builds("({}^{})".format, st.sampled_from(ATOMS), st.sampled_from(["2", "3", "(-2)", "y"])),
    st.builds("sqrt({})".format, st.sampled_from(ATOMS)),
    st.builds("({}*{})^{}".format, *[st.sampled_from(ATOMS)] * 2, st.sampled_from(["2", "3"])),
    st.builds("cbrt({}/{})".format, *[st.sampled_from(ATOMS)] * 2),
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    pieces=st.lists(PIECES, min_size=1, max_size=4),
    signs=st.lists(st.sampled_from("*/"), min_size=3, max_size=3),
    log=st.sampled_from(["ln({})", "log2({})", "log({}, 3)"]),
    x=st.sampled_from([-2.3, -0.7, 0.4, 1.1, 1.9, 3.7]),
    y=st.sampled_from([-3.0, 2.0, 3.0]),
)
def test_the_sum_has_the_value_of_the_logarithm(
    pieces: list[str], signs: list[str], log: str, x: float, y: float
) -> None:
    inside = pieces[0] + "".join(
        sign + piece for sign, piece in zip(signs, pieces[1:], strict=False)
    )
    text = log.format(inside)
    assume("x" in inside)
    at = Evaluation({"x": x, "y": y})
    formula = parse(text)
    try:
        value = at(formula.root)
    except DomainError:
        return
    written = taken_apart(text)
    if written:
        assert close(at(parse(written).root), value), f"{text} as {written}"


@pytest.mark.parametrize("x", [-2.3, 0.7])
@pytest.mark.parametrize("text", ["ln(x/(x - 1) + 3)", "ln(x^2 (x + 5))", "ln(x (x + 1))"])
def test_it_agrees_with_everything_else_left_of_0_too(text: str, x: float) -> None:
    checked = Checked()
    check(parse(text), "x", {"x": x}, checked)
    assert not checked.disagreements, "\n".join(checked.disagreements)


def test_numbers_left_of_0() -> None:
    evaluation = Evaluation({"x": -2.0})
    narration = narrate(derive(parse("ln(x/(x + 1))"), "x"), evaluation=evaluation)
    assert narration.value == pytest.approx(0.5)
    assert narration.line.no_value == ""
    assert all(check.agrees for check in narration.checks)


def test_the_rule_is_told_as_an_equation() -> None:
    line = narrate(derive(parse("ln(x^3)"), "x")).line
    assert line.rewritten == "ln(x³) = 3 ln(x)"
    assert narrate(derive(parse("ln(x^3)"), "x"), "words").line.rewritten
    assert len(ALL_RULES[LAWS].mutations) >= 5


@pytest.mark.parametrize("text", ["(x*cbrt(-1))^x", "(x*(-1)^3)^x", "ln(x*cbrt(-1))"])
def test_a_factor_minus_one_below_a_root_or_a_power(text: str) -> None:
    told = narrate(derive(parse(text), "x"), evaluation=Evaluation({"x": -0.5}, text))
    by_hand = (0.5**-0.5) * (math.log(0.5) + 1) if "^x" in text else 1 / -0.5
    assert told.value == pytest.approx(by_hand)
    assert {check.agrees for check in told.checks} == {True}
