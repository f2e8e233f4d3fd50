"""The algebra after the calculus: each idea by itself, and what all of them lead to."""

from functools import cache

import pytest
from corpus import problems
from derivation_checks import close
from textbook_formulas import drawn

from chainrule.calculus import Derivation, Evaluation, Node, derive, parse, walk, write
from chainrule.calculus.build import template
from chainrule.calculus.fraction import factor_list
from chainrule.calculus.tidy import FACTORING, REWRITES, TIDYING, applied, factor, reason, tidy
from chainrule.calculus.tidying.idea import size
from chainrule.calculus.tree import Number, Product, Quotient, Sum, Unary

POINT = {"x": 0.83, "y": 1.71, "a": -0.6, "n": 2.3}

IDEAS = {
    "zeros": ("0*x + y - 0", "y"),
    "simple-first": ("cos(x^2)*(2x)", "(2x) · cos(x²)"),
    "ones": ("1*x + y^1 + a/1", "x + y + a"),
    "known-values": ("ln(e) + sqrt(4) + exp(0)", "1 + 2 + 1"),
    "one-fraction": ("x*(y/a)*(-n)", "-x · y · n / a"),
    "turn-difference": ("-(exp(x)*(1 - x))", "exp(x) · (x - 1)"),
    "power-of-product": ("(3x)^2 + (x/y)^3", "3² · x² + x³ / y³"),
    "numbers": ("2*x*3 + 4 + 2^3 + x/2*4", "6x + 2x + 12"),
    "equal-factors": ("x*x^2 + y^3/y", "x³ + y²"),
    "sign-and-size": ("x*sign(x)", "|x|"),
    "like-terms": ("2x + y - 5x", "y - 3x"),
    "pythagoras": ("a*sin(x)^2 + a*cos(x)^2", "a"),
    "cancel": ("(x - 2x*ln(x))/x^4", "(1 - 2 ln(x)) / x³"),
    "multiply-out": ("2x*(x^2 + 1) - 2x*(x^2 - 1)", "4x"),
    "one-line": ("(1 + 1/x)/y", "(x + 1) / (y · x)"),
    "common-denominator": ("sqrt(x) - y^2/sqrt(x)", "(x - y²) / sqrt(x)"),
    "common-factor": ("x*exp(x) + 2*exp(x)", "exp(x) · (x + 2)"),
}
"""What each makes of an expression, everything else left as it is."""


def made(text: str) -> Node:
    """An expression that nobody typed."""
    return template(text, {})


def test_every_idea_is_shown() -> None:
    ids = [idea.id for idea in (*TIDYING, *FACTORING)]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(IDEAS) == set(REWRITES)


@pytest.mark.parametrize("idea_id", list(IDEAS))
def test_an_idea(idea_id: str) -> None:
    before, after = IDEAS[idea_id]
    expression = made(before)
    idea = next(idea for idea in (*TIDYING, *FACTORING) if idea.id == idea_id)
    steps = applied(expression, (idea,))
    assert {step.rule for step in steps} == {idea_id}
    result = steps[-1].after
    assert write(result) == after
    assert close(Evaluation(POINT)(result), Evaluation(POINT)(expression))


@pytest.mark.parametrize(
    ("text", "tidied", "factored"),
    [
        ("x*x*x", "x³", "x³"),
        ("x^2*x^(-2)", "1", "1"),
        ("x/sqrt(x)", "sqrt(x)", "sqrt(x)"),
        ("sqrt(x)*x", "x · sqrt(x)", "x · sqrt(x)"),
        ("1/(2*sqrt(x))*(2x)", "sqrt(x)", "sqrt(x)"),
        ("cbrt(x)*cbrt(x)*cbrt(x)", "x", "x"),
        ("(x^2)^(1/2)", "(x²)^(1 / 2)", "(x²)^(1 / 2)"),
        ("(x^(1/2))^2", "x", "x"),
        ("(x^3)^2", "x⁶", "x⁶"),
        ("x^(-1)*y", "y / x", "y / x"),
        ("exp(x)*exp(-x)", "1", "1"),
        ("e^(2x)*e^x", "e^(3x)", "e^(3x)"),
        ("exp(x)*exp(x)", "exp(2x)", "exp(2x)"),
        ("exp(x)*exp(y)", "exp(x) · exp(y)", "exp(x) · exp(y)"),
        ("sign(x)/abs(x)", "1 / x", "1 / x"),
        ("abs(x)^2", "x²", "x²"),
        ("cosh(x)^2 - sinh(x)^2", "1", "1"),
        ("sin(x)^2 + cos(y)^2", "sin²(x) + cos²(y)", "sin²(x) + cos²(y)"),
        ("x - (y - a)", "x - y + a", "x - y + a"),
        ("-(-x)", "x", "x"),
        ("0.5*x*0.1", "0.05x", "0.05x"),
        ("x/3 + x/6", "x / 2", "x / 2"),
        ("(1 - cos(x))/(cos(x) - 1)", "-1", "-1"),
        ("2/(2x^2 + 2)", "1 / (x² + 1)", "1 / (x² + 1)"),
        ("x^3 - x*(x^2 - 1)", "x", "x"),
        ("6x + 4", "6x + 4", "2(3x + 2)"),
        ("-x - y", "-x - y", "-(x + y)"),
        ("1/x + 1/y", "1 / x + 1 / y", "1 / x + 1 / y"),
        ("exp(-x) - x*exp(-x)", "exp(-x) - x · exp(-x)", "exp(-x) · (1 - x)"),
        # a difference that turned is itself once made everything else stop
        ("(x - x)*y/y^2 + x*2*x", "2x²", "2x²"),
        ("x/x*x*2", "2x", "2x"),
        # fractions within fractions
        ("1/(1 + 1/x)", "x / (x + 1)", "x / (x + 1)"),
        (
            "25*(x/(5*sqrt(x^2 + 1)) - sin(x)/5)/x^2",
            "5(x / sqrt(x² + 1) - sin(x)) / x²",
            "5(x / sqrt(x² + 1) - sin(x)) / x²",
        ),
        ("(1/x - 1/y)*x*y*a", "(y - x) · a", "(y - x) · a"),
        ("exp(x)*(log(x) + 1/x)", "exp(x) · (ln(x) + 1 / x)", "exp(x) · (ln(x) + 1 / x)"),
        (
            "5*(y/(5*sqrt(x^2 + 1)*gelu(x)) - asinh(x)/5 + sin(x)/5)/x^2",
            "(y / (sqrt(x² + 1) · gelu(x)) - asinh(x) + sin(x)) / x²",
            "(y / (sqrt(x² + 1) · gelu(x)) - asinh(x) + sin(x)) / x²",
        ),
        (
            "(1 + x/(1 + x) - x/(1 + x)^2)/(1 + x/(1 + x))^2",
            "(2x² + 2x + 1) / (1 + 2x)²",
            "(2x² + 2x + 1) / (1 + 2x)²",
        ),
        (
            "cos(x)/(2x - 2) - 2sin(x)/(2x - 2)^2",
            "cos(x) / (2x - 2) - 2 sin(x) / (2x - 2)²",
            "((x - 1) · cos(x) - sin(x)) / (2(x - 1)²)",
        ),
        ("(x*exp(y))^4*exp(-y)", "x⁴ · exp(3y)", "x⁴ · exp(3y)"),
        ("(x*exp(y))^4", "(x · exp(y))⁴", "(x · exp(y))⁴"),
    ],
)
def test_what_all_of_them_lead_to(text: str, tidied: str, factored: str) -> None:
    expression = made(text)
    steps = tidy(expression)
    result = steps[-1].after if steps else expression
    assert write(result) == tidied
    more = factor(result)
    assert write(more[-1].after if more else result) == factored


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sin(x)*(-cos(x))", "signs sorted"),
        ("x - (y - a)", "signs sorted"),
        ("1/x*cos(x)", "one fraction line"),
        ("x/y/a", "one fraction line"),
        ("exp(x)*(cos(x)*log(y))", "brackets left out"),
        ("x + (y + a)", "brackets left out"),
        ("1/x*(-cos(x))", "signs sorted, one fraction line"),
    ],
)
def test_a_reason_says_what_was_done_and_no_more(text: str, said: str) -> None:
    steps = [each for each in tidy(made(text)) if each.rule == "one-fraction"]
    assert [reason(each) for each in steps] == [said]


def test_numbers_are_worked_out_before_a_difference_is_turned() -> None:
    rules = [each.rule for each in tidy(made("-(2*3*(a - x))"))]
    assert rules.index("numbers") < rules.index("turn-difference")


def untidied(root: Node) -> list[str]:
    """What a person would not leave: numbers apart, equal factors apart, a sign beside a sign."""
    found = []
    for node in walk(root):
        if node.id >= 0:
            continue
        if isinstance(node, Product | Quotient):
            factors = factor_list(node)
            for side in (factors.above, factors.below):
                typed = [each for each in side if isinstance(each, Number)]
                found += [write(node)] if len(typed) > 1 else []
            found += (
                [write(node)] if {*map(write, factors.above)} & {*map(write, factors.below)} else []
            )
        if isinstance(node, Unary) and isinstance(node.operand, Unary):
            found.append(write(node))
        if isinstance(node, Sum) and any(isinstance(term, Unary) for term in node.terms[1:]):
            found.append(write(node))
    return found


def test_nothing_untidy_is_left() -> None:
    left = {}
    for formula, variable, _ in drawn(7, 250):
        derivation = derive(formula, variable, routes=False)
        for form in (derivation.tidy, derivation.factored):
            if untidied(form):
                left[formula.text] = untidied(form)
    # 2⁴ as it was typed is no number that is cancelled
    assert not {text: said for text, said in left.items() if "((2)^4)" not in text}


@cache
def textbook() -> list[tuple[str, Derivation]]:
    """Every problem of the corpus, derived."""
    found = problems()
    return [(p.title, derive(p.formula, p.variable, routes=False)) for p in found]


def test_steps_follow_one_another() -> None:
    for title, derivation in textbook():
        now = derivation.raw
        for step in (*derivation.tidying, *derivation.factoring):
            assert step.before is now
            assert write(step.before) != write(step.after), title
            now = step.after
        assert now is derivation.factored


def test_what_is_tidy_stays() -> None:
    for title, derivation in textbook():
        assert tidy(derivation.tidy) == (), title
        assert factor(derivation.factored) == (), title


def test_tidying_makes_it_no_longer() -> None:
    for title, derivation in textbook():
        assert size(derivation.tidy) <= size(derivation.raw), title


def test_what_the_learner_typed_is_not_tidied() -> None:
    derivation = derive(parse("x + 1*y*x^2/x"), "x")
    assert derivation.formula.text == "x + 1*y*x^2/x"
    kept = derive(parse("sin(1*x + 0)"), "x")
    assert write(kept.tidy) == "cos(1 * x + 0)"


def test_numbers_that_would_be_too_long_are_left() -> None:
    derivation = derive(parse("0.123456789012 x^2.718281828"), "x")
    assert "0.123456789012" in write(derivation.tidy)
