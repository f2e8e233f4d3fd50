"""Parameters that may never move: what is recorded of them holds for every step of the run."""

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import chainrule
from chainrule.records import Parameter


def parameters(folder: Path, step: Callable[[int], None], steps: int = 40) -> dict[str, Parameter]:
    with chainrule.watch(folder=folder, every=7) as run:
        for i in range(steps):
            step(i)
    with chainrule.open_run(run.path) as reader:
        return {p.name: p for p in reader.parameters()}


def test_a_gradient_between_two_sampled_steps_is_noticed(tmp_path: Path) -> None:
    body, often, once, never = nn.Linear(4, 4), nn.Linear(4, 1), nn.Linear(4, 1), nn.Linear(4, 1)
    everything = [p for m in (body, often, once, never) for p in m.parameters()]
    optimizer = torch.optim.SGD(everything, 0.01)

    def step(i: int) -> None:
        h = body(torch.randn(8, 4))
        loss = often(h).pow(2).mean()
        if i == 17:  # not sampled: every 7th step is
            loss = loss + once(h).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    found = parameters(tmp_path, step)
    flags: dict[int, list[bool]] = {p.numel: [] for p in found.values()}
    for parameter in found.values():
        flags[parameter.numel].append(parameter.without_gradient)
    assert flags[16] == [False]
    assert sorted(flags[4]) == [False, False, False, True]  # three heads' weights, the body's bias


def test_a_teacher_that_follows_by_hand_moved(tmp_path: Path) -> None:
    pupil, teacher, judge = nn.Linear(4, 4), nn.Linear(4, 3), nn.Linear(4, 2).eval()
    optimizer = torch.optim.SGD(pupil.parameters(), 0.1)

    def step(i: int) -> None:
        h = pupil(torch.randn(8, 4))
        optimizer.zero_grad()
        (teacher(h).pow(2).mean() + judge(h).pow(2).mean()).backward()
        optimizer.step()
        with torch.no_grad():
            for p in teacher.parameters():
                p.data.mul_(0.9)

    found = {tuple(p.shape): p for p in parameters(tmp_path, step).values()}
    assert found[3, 4].moved_by_hand
    assert not found[3, 4].evaluating
    assert not found[2, 4].moved_by_hand
    assert found[2, 4].evaluating
    assert not found[4, 4].moved_by_hand  # the optimizer moves it


def test_layers_in_a_plain_list_are_named_after_it(tmp_path: Path) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(4, 4)
            self.hidden = [nn.Linear(4, 4), nn.Linear(4, 4)]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.first(x)
            for layer in self.hidden:
                x = F.relu(layer(x))
            return x

    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)

    def step(i: int) -> None:
        optimizer.zero_grad()
        net(torch.randn(8, 4)).pow(2).mean().backward()
        optimizer.step()

    found = parameters(tmp_path, step, steps=10)
    hidden = [p for name, p in found.items() if "hidden[1]" in name]
    assert {p.shape for p in hidden} == {(4, 4), (4,)}
    assert all(p.in_module and not p.optimizers for p in hidden)
