"""Trees as Unicode, LaTeX, words and code: they mean what the tree means."""

import math
import re

import pytest
from formula_trees import trees
from hypothesis import HealthCheck, assume, given, settings
from scalar_formulas import NAMES, points, scalar_texts
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import (
    ALL_FUNCTIONS,
    DomainError,
    Evaluation,
    FormulaError,
    Function,
    derive,
    parse,
)
from chainrule.calculus.latex import latex
from chainrule.calculus.pretty import pretty
from chainrule.calculus.script import MOST_PARTS
from chainrule.calculus.speech import Speech, spoken_function
from chainrule.calculus.torch_code import TorchCode
from chainrule.calculus.tree import Name, Node, Number, Power, Product, Quotient, Sum, Unary

X, Y = Name(name="x", text="x"), Name(name="y", text="y")


def quietly(node: Node, point: dict[str, float]) -> float | None:
    try:
        return Evaluation(point)(node)
    except DomainError:
        return None


def check_meaning(node: Node, point: dict[str, float]) -> None:
    text = pretty(node)
    again = parse(text, variables=NAMES).root
    expected, found = quietly(node, point), quietly(again, point)
    if expected is None or found is None or not math.isfinite(expected):
        return  # where rounding decides what is in the domain
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), text


def check_many(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(text=scalar_texts, point=points)
    def run(text: str, point: dict[str, float]) -> None:
        formula = parse(text)
        check_meaning(formula.root, point)
        if not formula.names:
            return
        derivation = derive(formula, formula.names[0], routes=False)
        for node in (derivation.raw, derivation.tidy, derivation.factored):
            check_meaning(node, point)
            check_latex(latex(node))

    run()


def check_latex(text: str) -> None:
    """Braces, \\left and environments are balanced."""
    depth = 0
    for sign in re.sub(r"\\[{}]", "", text):
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0, text
    assert depth == 0, text
    assert len(re.findall(r"\\left(?![a-z])", text)) == len(re.findall(r"\\right(?![a-z])", text))
    begun, ended = (re.findall(rf"\\{word}\{{(\w+)\}}", text) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended), text


def test_what_is_written_can_be_typed_again_and_means_the_same() -> None:
    check_many(120)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thousands_of_formulas_mean_the_same() -> None:
    check_many(4000)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(tree=trees)
def test_any_tree_can_be_written_in_every_script(tree: Node) -> None:
    check_latex(latex(tree))
    assert Speech().write(tree)
    assert TorchCode().write(tree)
    text = pretty(tree)
    try:
        again = parse(text)
    except FormulaError as error:
        # numbers beyond float64, or a base of which nobody can take such a power
        assert re.search("float64|divides|no real", error.reason), (text, error.reason)
        assume(False)
        return
    assert pretty(again) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(2*x) * cos(1+x^2)", "2x · cos(1 + x²)"),
        ("x**2 * (-1)", "x² · (−1)"),
        ("((a))−b×c÷d", "a − b · c / d"),
        ("sin(x)**2 / (2*x)", "sin²(x)/(2x)"),
        ("(x+1)^(1/2) + x^-1", "(x + 1)^(1/2) + x⁻¹"),
        ("sqrt(x) * sqrt(x+1)^2", "√x · √(x + 1)²"),
        ("(√x)²", "(√x)²"),
        ("|x| |y-1|", "|x| · |y − 1|"),
        ("abs(|x| y)", "abs(|x| · y)"),
        ("-(-x) - (y - z)", "−(−x) − (y − z)"),
        ("x/y/z", "(x/y)/z"),
        ("x/(y/z)", "x/(y/z)"),
        ("2 * 3 * x", "2 · 3x"),
        ("2 e5", "2 · e5"),
        ("1 x", "1 · x"),
        ("2(x+1)", "2(x + 1)"),
        ("x^2^3", "x^(2³)"),
        ("[[1, x], [y, 2]] @ v", "[[1, x], [y, 2]] @ v"),
        ("norm(w)^2 + transpose(A)", "‖w‖² + Aᵀ"),
        ("where(x, 1, 2x)", "where(x, 1, 2x)"),
        ("e^(-x^2/2)", "e^(−x²/2)"),
        ("exp(x) / (2 π)", "exp(x)/(2π)"),
        ("x * y / z * w", "(x · y / z) · w"),
        ("x/2 * y", "x/2 · y"),
    ],
)
def test_it_looks_as_on_paper(text: str, expected: str) -> None:
    assert pretty(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x)/(2x)", r"\frac{\sin\left(x\right)}{2 x}"),
        ("sqrt(x+1)^3", r"\left(\sqrt{x + 1}\right)^{3}"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("x1 + w_hidden + loss", r"x_{1} + w_{\mathrm{hidden}} + \mathrm{loss}"),
        ("θ * Δx", r"\theta \cdot \Delta x"),
        ("sin²(x) |y|", r"\sin^{2}\left(x\right) \cdot \left|y\right|"),
        ("log(x, 2) + ln(x) + log2(x)^2", None),
        ("where(x, 1, -x)", None),
        ("[[1, x], [y, 2]] @ [x, y]", None),
        ("‖w‖² + Aᵀ + inverse(A) + norm(x, 1)", None),
        ("-x/2 - (-x)", r"-\frac{x}{2} - \left(-x\right)"),
        ("2e-3 * x", r"2 \cdot 10^{-3} \cdot x"),
        ("x * where(x, 1, 2) * y", None),
        ("cbrt(x) * dot(x, y) + outer(x, y)", None),
    ],
)
def test_latex(text: str, expected: str | None, snapshot: SnapshotAssertion) -> None:
    written = latex(parse(text))
    check_latex(written)
    assert written == (snapshot if expected is None else expected)


@pytest.mark.parametrize("function", ALL_FUNCTIONS, ids=lambda function: function.name)
def test_every_function_has_a_form_in_every_script(
    function: Function, snapshot: SnapshotAssertion
) -> None:
    most = function.most or 3
    arguments = ", ".join(["x", "y", "z"][:most])
    tree = parse(f"{function.name}({arguments})")
    written = latex(tree)
    check_latex(written)
    assert spoken_function(function.name)
    assert parse(pretty(tree)).root == tree.root or parse(pretty(tree)).names == tree.names
    forms = [pretty(tree), written, Speech().write(tree), TorchCode().write(tree)]
    assert all(forms)
    if function.kind in ("elementwise", "loss"):
        assert forms == snapshot


def test_mathtext_draws_it() -> None:
    """Matplotlib reads a large part of LaTeX; what it lacks, cases and matrices, is left out."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    for text in ("gelu(x)/x^2", "sqrt(x1)^3 + |θ|", "-log(x, 2)/tanh(x+1)^2", "‖w‖ cbrt(x)"):
        parser.parse(f"${latex(parse(text)).replace(chr(92) + 'top', 'T')}$")
        parser.parse(f"${latex(derive(parse(text), parse(text).names[0]).tidy)}$")


def test_shared_parts_are_counted_where_writing_them_out_would_have_no_end() -> None:
    node: Node = X
    for _ in range(60):
        node = Product(factors=(node, node), operators=("·",))
    assert len(pretty(node)) < 20 * MOST_PARTS
    assert "parts" in pretty(node)
    assert "parts" in latex(node)
    assert "parts" in Speech().write(node)
    assert TorchCode().write(node)


def test_a_deep_tree_is_written_without_recursion() -> None:
    node: Node = X
    for _ in range(1500):
        node = Unary(operator="-", operand=node)
    assert pretty(node).count("−") == 1500


def test_holes_are_filled_with_what_a_notation_writes() -> None:
    hole = Name(name="□0", text="□0")
    product = Product(factors=(Number(text="2"), hole), operators=("",))
    assert pretty(product, {"□0": "d/dx(x²)"}) == "2 · d/dx(x²)"
    assert pretty(Quotient(numerator=hole, denominator=X), {"□0": "u′"}) == "u′ / x"
    assert pretty(Quotient(numerator=X, denominator=hole), {"□0": "d/dx(u)"}) == "x/(d/dx(u))"
    assert pretty(Power(base=hole, exponent=Number(text="2")), {"□0": "D(x)"}) == "(D(x))²"
    minus = Sum(terms=(X, hole), operators=("-",))
    assert latex(minus, {"□0": r"\frac{dy}{dx}"}) == r"x - \frac{dy}{dx}"


def test_the_logarithm_is_called_as_the_learner_calls_it() -> None:
    made = derive(parse("2^x"), "x").raw
    assert pretty(made) == "2^x · ln(2)"
    assert pretty(made, ln="log") == "2^x · log(2)"
    assert pretty(parse("log(x)")) == "log(x)"
