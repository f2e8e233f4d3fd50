"""`explain_loss` where there is no derivative: kinks, NaN and infinity, with their cause."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chainrule.instruments.backpropagation import explain_loss
from chainrule.instruments.backpropagation.naming import readable


def notes(loss: Tensor, wrt: Tensor) -> str:
    return " ".join(explain_loss(loss, wrt, names={"w": wrt}).notes)


def vector(*numbers: float) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda w: F.relu(w).sum(), "relu(w) has a kink or a jump exactly at w[2] = 0"),
        (lambda w: w.abs().mean(), "|w| has a kink or a jump exactly at w[2] = 0"),
        (lambda w: w.max(), "max(w) has a kink or a jump exactly at w[0] = 1 (2 of 4 entries tie)"),
        (lambda w: w.amax(0), "shares the gradient evenly"),
        (lambda w: w.max(dim=0).values * 1, "gives the whole gradient to one"),
        (lambda w: w.clamp(-1, 1).sum(), "w[0] = 1 (2 of 4 entries are at one)"),
        (lambda w: F.leaky_relu(w).sum(), "leaky_relu(w) has a kink"),
        (lambda w: torch.maximum(w, torch.ones_like(w)).sum(), "two equal numbers"),
    ],
)
def test_a_kink_exactly_at_the_numbers(loss: Callable[[Tensor], Tensor], said: str) -> None:
    w = vector(1.0, 1.0, 0.0, -2.0)
    assert said in notes(loss(w), w)


@pytest.mark.parametrize(
    "loss",
    [
        lambda w: F.relu(w + 3).sum(),
        lambda w: w.abs().sum(),
        lambda w: w.max(),
        lambda w: w.clamp(-1.5, 1.25).sum(),
        lambda w: (F.relu(w * 0) * torch.zeros(3)).sum(),  # no gradient arrives at that kink
    ],
)
def test_beside_a_kink_nothing_is_said(loss: Callable[[Tensor], Tensor]) -> None:
    w = vector(1.0, -0.5, 2.0)
    assert "kink" not in notes(loss(w), w)


def test_a_kink_that_may_be_there_is_said_to_be_possible() -> None:
    w = torch.tensor(0.5, requires_grad=True)
    assert "if u₁ is exactly 0, there is a kink" in notes(torch.relu(w - 0.5), w)
    u = w - 0.5  # kept by the caller: now it is known
    assert "relu(u) has a kink or a jump exactly at u = 0" in " ".join(
        explain_loss(torch.relu(u), w, names={"w": w, "u": u}).notes
    )


def test_the_first_operation_that_is_not_finite() -> None:
    w = torch.tensor(0.5, requires_grad=True)
    said = notes(torch.log(w - 1), w)
    assert "The first operation whose result is not finite is L = log(u₁), of u₁ = -0.5." in said


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda w: torch.log(w).sum(), "u₁ = log(w): u₁[2] = -∞, of w[2] = 0 (2 of 4 entries are"),
        (lambda w: (1 / w).mean(), "1/w: u₁[2] = ∞, of"),
        (lambda w: torch.exp(w * 1000).sum(), "u₂ = exp(u₁): u₂[0] = ∞, of u₁[0] = 1000"),
        (lambda w: (w * float("nan")).sum(), "a number in u₁ = w · NaN is NaN already"),
        (lambda w: (w * torch.tensor([1.0, 2, 3, torch.inf])).sum(), "is ∞ already"),
    ],
)
def test_the_cause_comes_before_what_follows(loss: Callable[[Tensor], Tensor], said: str) -> None:
    w = vector(1.0, 1.0, 0.0, -2.0)
    assert said in notes(loss(w), w)


def test_a_finite_loss_with_an_infinite_gradient() -> None:
    w = vector(4.0, 0.0)
    said = notes(torch.sqrt(w).sum(), w)
    assert "u₁ = √w has no finite slope at w[1] = 0, so ∂L/∂w[1] is ∞" in said


@pytest.mark.parametrize(
    ("name", "written"),
    [("0.weight", "[0].weight"), ("1.0.bias", "[1][0].bias"), ("layers.0.bias", "layers.0.bias")],
)
def test_a_name_is_not_read_as_a_number(name: str, written: str) -> None:
    assert readable(name) == written


def test_the_layers_of_a_sequential_are_written_with_brackets() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    told = explain_loss(
        model(torch.ones(3, 2)).sum(), model[0].weight, names=dict(model.named_parameters())
    )
    assert told.steps[0].label.startswith("[0].weight[")
    assert "[2].weightᵀ" in {node.label for node in told.graph.nodes}
