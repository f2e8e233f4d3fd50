"""`chainrule gradient`, `jacobian` and `hessian` of vectors and matrices, beside autograd."""

import json
from typing import Any

import pytest
import torch
from torch import Tensor

from chainrule.faces.cli import status_of

SHAPES = ("--shapes", "X=3x2,w=2,y=3")
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)
W = torch.tensor([0.5, -0.25], dtype=torch.float64)
Y = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
AT = ("--at", "X=[[1,2],[3,4],[5,6]],w=[0.5,-0.25],y=[0,1,2]")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--format", "json"))
    return found


def squared(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return ((x @ w - y) ** 2).sum()


def activated(x: Tensor, w: Tensor, y: Tensor) -> Tensor:
    return torch.tanh(x @ w) - y


def test_gradients_are_those_of_autograd(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "gradient", "sum((X @ w - y)^2)", *AT)
    assert found["wrt"] == ["X", "w", "y"]
    assert found["shapes"] == {"X": [3, 2], "w": [2], "y": [3]}
    expected = torch.autograd.functional.jacobian(squared, (X, W, Y))
    for name, gradient in zip("Xwy", expected, strict=True):
        torch.testing.assert_close(torch.tensor(found["value"][name]), gradient, check_dtype=False)
    assert [each["wrt"] for each in found["gradient"]] == ["X", "w", "y"]


def test_jacobians_are_those_of_autograd(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "jacobian", "tanh(X @ w) - y", *AT)
    assert found["wrt"] == ["w", "y"]  # by X it has three axes
    expected = torch.autograd.functional.jacobian(activated, (X, W, Y))[1:]
    for name, jacobian in zip("wy", expected, strict=True):
        torch.testing.assert_close(torch.tensor(found["value"][name]), jacobian, check_dtype=False)


@pytest.mark.parametrize("definition", ["tanh(X @ w) - y", "r; r = tanh(X @ w) - y"])
def test_a_hessian_is_that_of_autograd(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, _, rest = definition.partition(";")
    formula = f"L = sum(({first})^2){';' if rest else ''}{rest}"
    found = document(capsys, "hessian", formula, *AT, "--wrt", "w")
    assert found["wrt"] == ["w1", "w2"]

    def loss(w: Tensor) -> Tensor:
        return (activated(X, w, Y) ** 2).sum()

    expected = torch.autograd.functional.hessian(loss, W)
    torch.testing.assert_close(torch.tensor(found["value"]), expected, check_dtype=False)


def test_entries_that_are_not_there_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "hessian", "trace(W)^2", "--shapes", "W=2x2")
    assert found["wrt"] == ["W11", "W22"]
    assert found["absent"] == ["W₁₂", "W₂₁"]


def test_definitions_beside_matrices_are_put_in(capsys: pytest.CaptureFixture[str]) -> None:
    import chainrule

    named = "L = sum(r^2); r = X @ w - y"
    typed = document(capsys, "explain", named, *AT, "--wrt", "w")
    itself = document(capsys, "explain", "sum((X @ w - y)^2)", *AT, "--wrt", "w")
    assert typed["gradient"] == itself["gradient"]
    assert typed["entries"] == itself["entries"]
    found = chainrule.explain(named, "w", shapes={"X": (3, 2), "w": 2, "y": 3})
    assert str(found).count("∂L/∂w = 2Xᵀ(X w − y)") == 1
