"""`chainrule.explain`, as one calls it in a notebook."""

import subprocess
import sys
from typing import Any

import pytest
import torch

import chainrule
from chainrule.calculus import FormulaError, derive, parse, write
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation, derive_matrix, mathematics
from chainrule.records.loss_explanation import LossExplanation


def test_a_formula_is_derived_and_renders_itself() -> None:
    found = chainrule.explain("sigmoid(w*x + b)", "w")
    assert isinstance(found, Derivation)
    assert found.held == ("x", "b")
    assert "\\frac" in found._repr_latex_()
    assert "chain rule" in found._repr_markdown_()


def test_definitions_equations_and_matrices() -> None:
    composed = chainrule.explain("z = x^2 y; x = cos t; y = sin t")
    assert isinstance(composed, Derivation)
    assert composed.variable == "t"
    curve = chainrule.explain("x^2 + y^2 = 25")
    assert isinstance(curve, ImplicitDerivation)
    assert write(curve.factored) == "-x / y"
    assert "\\frac{x}{y}" in curve._repr_markdown_()
    shapes = {"X": (3, 2), "w": (2,), "y": (3,)}
    found = chainrule.explain("sum((X @ w - y)^2)", "w", shapes=shapes)
    assert isinstance(found, MatrixDerivation)
    assert mathematics(found.gradient) == "2Xᵀ(X w − y)"
    assert "&= 2X^{\\top}(X\\,w - y)" in found._repr_markdown_()


def test_a_point_and_a_notation_are_kept() -> None:
    found = chainrule.explain("x^2 sin(x)", at={"x": 1}, notation="lagrange")
    assert isinstance(found, Derivation)
    assert repr(found) == ("<f′(x) = 2x · sin(x) + x² · cos(x), of x^2 sin(x), 2.22324 at x = 1>")
    text = str(found)
    assert "Differentiated by x, in Lagrange's notation" in text
    assert "f′(1) = 2.22324" in text
    assert "\x1b" not in text
    assert "the derivative is **2.22324**" in found._repr_markdown_()


def test_a_formula_of_numbers_only_has_a_slope_at_a_point_of_its_variable() -> None:
    assert "0 at x = 2" in repr(chainrule.explain("3", wrt="x", at={"x": 2}))
    with pytest.raises(FormulaError, match="Expected no value of a name, but y is not"):
        chainrule.explain("3", wrt="x", at={"y": 2})


def test_a_curve_keeps_its_point_and_shows_all_steps() -> None:
    found = chainrule.explain("x^2 + y^2 = 25", at={"x": 3, "y": 4}, notation="operator")
    assert repr(found) == "<D y = −x/y, of x^2 + y^2 = 25, -0.75 at x = 3, y = 4>"
    text = str(found)
    for said in ("power rule", "D²y = −25/y³", "D²y = -0.390625", "D y = -0.75"):
        assert said in text
    markdown = found._repr_markdown_()
    assert "power rule" in markdown
    assert "D^{2} y = -\\frac{25}{y^{3}}" in markdown


def test_matrices_keep_their_point() -> None:
    at = {"X": [[1, 2], [3, 4]], "w": [1.0, -1.0]}
    found = chainrule.explain("sum(X @ w)", "w", at=at)
    assert repr(found) == "<∂L/∂w = Xᵀ 𝟏₂, of sum(X @ w)>"
    assert "Here: ∂L/∂w = [4, 6]" in str(found)
    assert "\\begin{bmatrix} 4 \\\\ 6 \\end{bmatrix}" in found._repr_markdown_()


def test_one_entry_of_a_matrix_formula_is_worked_out_by_itself() -> None:
    shapes = {"X": (3, 2), "w": (2,), "y": (3,)}
    text = "sum((X @ w - y)^2)"
    first = chainrule.explain(text, "w", shapes=shapes)
    assert "One entry first: L written out, and differentiated by w₁ alone" in str(first)
    assert "differentiated by w₁ alone" in first._repr_markdown_()
    second = chainrule.explain(text, "w", shapes=shapes, entry=1)
    assert "differentiated by w₂ alone" in str(second)
    large = chainrule.explain(text, "w", shapes={"X": (30, 20), "w": (20,), "y": (30,)})
    assert "One entry first" not in str(large)
    with pytest.raises(FormulaError, match="Expected the place of one entry of w"):
        chainrule.explain(text, "w", shapes=shapes, entry=(0, 1))
    with pytest.raises(TypeError, match="entry is a setting for vectors and matrices"):
        chainrule.explain("x^2 + y^2 = 25", entry=0)


def test_the_symbols_stand_at_the_end() -> None:
    found = chainrule.explain("sin(x^2)", "x")
    assert "dy/dx   function  The slope of y along x" in str(found).partition("Symbols")[2]
    assert "- $\\frac{d}{dx}$: operator." in found._repr_markdown_().partition("**Symbols**")[2]


def test_derivations_without_a_face_print_short() -> None:
    derivation = derive(parse("x^2"), "x")
    assert str(derivation) == "dy/dx = 2x"
    assert repr(derivation) == "<Derivation of x^2 by x: dy/dx = 2x>"
    matrices = derive_matrix(parse("sum(X @ w)"), "w", {"X": (3, 2), "w": (2,)})
    assert str(matrices) == "∂L/∂w = Xᵀ 𝟏₃"
    assert repr(matrices) == "<MatrixDerivation of sum(X @ w) by w: ∂L/∂w = Xᵀ 𝟏₃>"


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (("x^2",), {"entry": 0}, TypeError, "entry is a setting for vectors and matrices"),
        (("x^2",), {"at": {"y": 1}}, FormulaError, "x is missing and y is not in the formula"),
        (("x^2",), {"at": {"x": "a"}}, FormulaError, "Expected a number for x, found str"),
        (("x^2",), {"at": {"x": float("inf")}}, FormulaError, "a finite number for x, found inf"),
        (("x^2",), {"notation": "leibnitz"}, FormulaError, "Did you mean 'leibniz'"),
        (("x^2",), {"of": "x"}, FormulaError, "Expected an equation"),
        (("x^2", 3), {}, TypeError, "the name of a variable"),
        (
            ("sum(A)", "A"),
            {"at": {"A": [1, 2]}, "shapes": {"A": (3, 3)}},
            FormulaError,
            "a 3 × 3 matrix, found a vector of 2",
        ),
        (
            ("sum(A @ A)", "A"),
            {"notation": "word", "shapes": {"A": (2, 2)}},
            FormulaError,
            "Did you mean 'words'",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    arguments: Any, settings: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        chainrule.explain(*arguments, **settings)


def test_a_setting_of_formulas_is_refused_for_a_loss() -> None:
    w = torch.tensor(0.5, requires_grad=True)
    with pytest.raises(TypeError, match="at is a setting for a formula, found a loss"):
        chainrule.explain(w * w, w, at={"x": 1})  # type: ignore[call-overload]


def test_a_loss_of_pytorch_is_explained_with_its_own_numbers() -> None:
    w = torch.tensor(0.5, requires_grad=True)
    loss = (torch.tanh(w * 2) - 1) ** 2
    found = chainrule.explain(loss, w)
    assert isinstance(found, LossExplanation)
    slope = torch.autograd.grad(loss, w)[0].item()
    assert found.graph.derivative["w"] == pytest.approx(slope)
    assert w.grad is None
    assert "tanh" in found._repr_markdown_()


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(TypeError, match="Expected a formula as text or a loss"):
        chainrule.explain(3)  # type: ignore[call-overload]
    with pytest.raises(FormulaError, match=r"of one variable, found 2 \(x, y\)"):
        chainrule.explain("x*y")


def test_explaining_a_formula_loads_no_torch() -> None:
    code = "import sys, chainrule; chainrule.explain('x^2 sin(x)'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("at", [1]), ("at", "x=1"), ("at", 2.0), ("shapes", [3]), ("shapes", "x=3")],
)
def test_a_point_or_shapes_that_are_no_dictionary_are_refused_in_a_sentence(
    setting: str, value: Any
) -> None:
    with pytest.raises(TypeError, match=rf"^Expected {setting} as a dictionary .* found "):
        chainrule.explain("x^2", **{setting: value})
