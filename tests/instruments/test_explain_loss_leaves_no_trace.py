"""Explaining a loss disturbs nothing, and says what it could not read."""

import math
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explained_models import Residual, small_network
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from chainrule.instruments.backpropagation import ExplanationError, explain_loss

# ---- nothing is disturbed --------------------------------------------------------------------


def test_the_run_is_as_it_was() -> None:
    torch.manual_seed(5)
    net = Residual()
    x, target = torch.randn(4, 1, 6, 6), torch.tensor([0, 1, 2, 1])

    def gradients(explained: bool) -> tuple[list[Tensor], float, list[object]]:
        torch.manual_seed(6)
        random.seed(6)
        np.random.seed(6)
        net.zero_grad()
        hidden = F.dropout(net(x), 0.3)
        hidden.retain_grad()
        loss = F.cross_entropy(hidden, target)
        buffers = [b.clone() for b in net.buffers()]
        if explained:
            explain_loss(loss, net.conv.weight)
            assert all(p.grad is None for p in net.parameters())
            assert hidden.grad is None
            assert all(torch.equal(a, b) for a, b in zip(buffers, net.buffers(), strict=True))
        states = [torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()]
        loss.backward()
        found = [p.grad for p in (*net.parameters(), hidden) if p.grad is not None]
        return found, loss.item(), states

    plain, value, states = gradients(False)
    after, explained_value, explained_states = gradients(True)
    assert value == explained_value
    assert torch.equal(states[0], explained_states[0])  # type: ignore[arg-type]
    assert states[1:] == explained_states[1:]
    assert len(plain) == len(after)
    assert all(torch.equal(a, b) for a, b in zip(plain, after, strict=True))


def test_grad_that_is_there_stays_the_same_object() -> None:
    loss, tensors = small_network()
    loss.backward(retain_graph=True)
    kept = tensors["w1"].grad
    assert kept is not None
    copy = kept.clone()
    explain_loss(loss, tensors["w1"])
    assert tensors["w1"].grad is kept
    assert torch.equal(kept, copy)


def test_a_users_hook_is_called_once_and_its_change_is_said() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    h = x * 3
    calls = []

    def halve(gradient: Tensor) -> Tensor:
        calls.append(1)
        return gradient / 2

    h.register_hook(halve)
    loss = (h**2).sum()
    told = explain_loss(loss, x)
    assert len(calls) == 1
    assert any("hook of yours changes it" in note for note in told.notes)
    assert told.norms["x"] == pytest.approx((9 * x).norm().item(), rel=1e-6)


def test_no_hook_of_ours_is_left() -> None:
    loss, tensors = small_network()
    node = loss.grad_fn
    explain_loss(loss, tensors["w1"])
    seen = []
    node.register_hook(lambda *_: seen.append(1))  # type: ignore[union-attr]
    loss.backward()
    assert seen == [1]


# ---- what cannot be read ---------------------------------------------------------------------


def test_what_was_saved_through_hooks_is_not_unpacked() -> None:
    x = torch.randn(3, requires_grad=True)
    unpacked = []

    def unpack(kept: Tensor) -> Tensor:
        unpacked.append(1)
        return kept

    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
        h = torch.tanh(x)
    loss = h.sum()
    told = explain_loss(loss, x, entry=0)
    assert len(unpacked) == 1  # by autograd itself
    assert any("through hooks" in note for note in told.notes)
    assert "through hooks" in told.steps[0].sums[0].unknown
    assert told.steps[0].value == pytest.approx(1 - math.tanh(x[0].item()) ** 2, rel=1e-5)


def test_checkpointing() -> None:
    torch.manual_seed(7)
    layer, x = nn.Linear(3, 3), torch.randn(4, 3)
    made = checkpoint(lambda z: torch.tanh(layer(z)), x, use_reentrant=False)
    told = explain_loss(made.sum(), layer.weight)
    assert any("checkpointing" in note for note in told.notes)
    x.requires_grad_()
    reentrant = checkpoint(lambda z: torch.tanh(layer(z)), x, use_reentrant=True)
    with pytest.raises(ExplanationError, match="use_reentrant=False"):
        explain_loss(reentrant.sum(), x)


def test_numbers_that_are_not_finite() -> None:
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    told = explain_loss(torch.sqrt(x).sum(), x)
    assert told.entry == (0,)
    assert math.isinf(told.steps[0].value)
    assert math.isinf(told.norms["x"])
    nan = torch.tensor([float("nan"), 1.0], requires_grad=True)
    told = explain_loss((nan * nan).sum(), nan, entry=0)
    assert math.isnan(told.steps[0].value)
    assert told.notes == ("L is NaN, since nan[0] is NaN already.",)


def test_an_exponent_that_is_no_number() -> None:
    x = torch.tensor([0.5, 1.0], requires_grad=True)
    told = explain_loss((x ** float("inf")).sum(), x, entry=0)
    assert told.graph.nodes[-1].label == "L"
    assert math.isnan(told.steps[0].value) or told.steps[0].value == 0
