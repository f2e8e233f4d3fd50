"""Leaves that are met in the graph: forgotten weights are registered, inputs are not."""

import torch
from torch import Tensor, nn
from watching import observed

STEPS = 5


def names(loss_of: "list[Tensor]", x: Tensor, optimizer: torch.optim.Optimizer) -> dict[str, tuple]:
    """Train `tanh(x @ w1) @ w2`, and say which parameters are known, each with its optimizers."""
    w1, w2 = loss_of
    with observed(1) as writer:
        for _ in range(STEPS):
            optimizer.zero_grad()
            (torch.tanh(x @ w1) @ w2).pow(2).mean().backward()
            optimizer.step()
    return {p.name: p.optimizers for p in writer.parameters.values()}


def weights() -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(4, 3).requires_grad_(), torch.randn(3, 1).requires_grad_()]


def test_a_forgotten_bare_tensor_is_registered_without_an_optimizer() -> None:
    pair = weights()
    found = names(pair, torch.randn(8, 4), torch.optim.SGD([pair[1]], 0.1))
    assert sorted(found.values()) == [(), (0,)]


def test_an_input_that_asks_for_its_gradient_is_not() -> None:
    pair = weights()
    x = torch.randn(8, 4, requires_grad=True)
    found = names(pair, x, torch.optim.SGD(pair, 0.1))
    assert sorted(found.values()) == [(0,), (0,)]


def test_a_model_that_comes_after_the_labelled_steps_is_registered() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(3, 1), nn.Linear(3, 1)
    x = torch.randn(8, 3)
    with observed(1) as writer:
        for net in (first, second):
            optimizer = torch.optim.SGD(first.parameters(), 0.1)
            for _ in range(30):
                optimizer.zero_grad()
                net(x).pow(2).mean().backward()
                optimizer.step()
    found = {p.name: p.optimizers for p in writer.parameters.values()}
    assert len(found) == 4
    assert sum(not held for held in found.values()) == 2
