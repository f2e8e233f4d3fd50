"""Which optimizers a sample waits for, and that each keeps its own number and tensors."""

import gc

import torch
from torch import nn
from watching import observed


def fit(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> None:
    for _ in range(steps):
        loss = net(torch.randn(8, 4)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def make() -> tuple[nn.Module, torch.optim.Optimizer]:
    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
    return net, torch.optim.SGD(net.parameters(), 0.01)


def test_a_sample_does_not_wait_for_an_optimizer_of_an_earlier_stage() -> None:
    (a, first), (b, second) = make(), make()
    with observed(every=50, captures=0) as writer:
        fit(a, first, 100)
        fit(b, second, 100)
        fit(a, first, 100)
    # one each 50 steps; where the other one takes over, it is waited for two steps more
    assert len(writer.samples) <= 6 + 2 * 2
    assert {s.optimizer for s in writer.samples} == {0, 1}


def test_two_that_take_turns_are_sampled_together() -> None:
    (a, first), (b, second) = make(), make()
    with observed(every=50, captures=0) as writer:
        for _ in range(100):
            fit(a, first, 1)
            fit(b, second, 1)
    assert [s.optimizer for s in writer.samples if s.step >= 50] == [0, 1] * 3


def test_a_critic_of_several_steps_is_sampled_with_its_generator() -> None:
    (a, critic), (b, generator) = make(), make()
    with observed(every=60, captures=0) as writer:
        for _ in range(40):
            fit(a, critic, 5)
            fit(b, generator, 1)
    later = [s.optimizer for s in writer.samples if s.step >= 60]
    assert later == [0, 0, 0, 0, 0, 1] * 3


def test_models_one_after_another_keep_their_optimizers_and_names() -> None:
    with observed(every=1, captures=0) as writer:
        for _ in range(3):
            m, optimizer = make()
            fit(m, optimizer, 3)
            del m, optimizer
            gc.collect()
    assert list(writer.optimizers) == [0, 1, 2]
    held = [p.optimizers for p in writer.parameters.values()]
    assert held == [(0,)] * 4 + [(1,)] * 4 + [(2,)] * 4
    names = [p.name for p in writer.parameters.values()]
    assert len(set(names)) == len(names)
    assert {s.optimizer for s in writer.samples} == {0, 1, 2}
