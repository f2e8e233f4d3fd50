"""`chainrule.explain`, as one calls it in a notebook."""

import subprocess
import sys

import pytest
import torch

import chainrule
from chainrule.calculus import FormulaError, write
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation, mathematics
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
    assert "∂L/∂w = 2Xᵀ(X w − y)" in found._repr_markdown_()


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
