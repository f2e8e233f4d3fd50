"""What `chainrule.watch` captures can be asked afterwards."""

from pathlib import Path

import pytest
import torch
from torch import nn

import chainrule
from chainrule.observer.captured import CaptureError


def train(steps: int, penalty: float = 0.0) -> tuple[nn.Module, list[float], list[torch.Tensor]]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Dropout(0.3), nn.Linear(12, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    losses, gradients = [], []
    for _ in range(steps):
        x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
        loss = nn.functional.cross_entropy(net(x), y)
        loss = loss + penalty * sum(p.square().sum() for p in net.parameters())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        gradients.append(torch.cat([p.grad.reshape(-1).clone() for p in net.parameters()]))
    return net, losses, gradients


@pytest.mark.parametrize("penalty", [0.0, 1e-2])
def test_a_captured_step_is_an_objective(tmp_path: Path, penalty: float) -> None:
    with chainrule.watch(folder=tmp_path) as run:
        net, losses, gradients = train(40, penalty)
        assert run.captured[:3] == (1, 2, 4)
        for step in run.captured:
            objective = run.objective(step)
            assert objective.value() == losses[step]
            assert torch.equal(objective.flat(objective.gradient()), gradients[step])
        state = torch.get_rng_state()
        weights = [p.clone() for p in net.parameters()]
        v = torch.randn(objective.numel, generator=torch.Generator().manual_seed(1))
        h = 1e-3
        theta = objective.flat()
        ahead, behind = objective.gradient(theta + h * v), objective.gradient(theta - h * v)
        torch.testing.assert_close(
            objective.hvp(None, v), (ahead - behind) / (2 * h), rtol=2e-2, atol=2e-3
        )
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(weights, net.parameters(), strict=True))


def test_a_penalty_on_the_gradient_is_part_of_the_loss(tmp_path: Path) -> None:
    """Such a loss takes a gradient itself, so it needs a graph also where nobody asks for one."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 1))
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    x, y = torch.randn(16, 6), torch.randn(16, 1)
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(10):
            loss = nn.functional.mse_loss(net(x), y)
            (slope,) = torch.autograd.grad(loss, net[0].weight, create_graph=True)
            loss = loss + 0.1 * slope.square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert run.captured[:3] == (1, 2, 4)
        for step in run.captured:
            objective = run.objective(step)
            assert objective.value() == losses[step]
            assert float(objective.loss(objective.parameters)) == losses[step]
            values = objective.batched_values(torch.stack([objective.flat()] * 3))
            assert values.tolist() == pytest.approx([losses[step]] * 3)


def test_steps_without_an_optimizer_are_captured(tmp_path: Path) -> None:
    """What the observer itself does without gradients is not taken for the script's update."""
    torch.manual_seed(0)
    x, y = torch.randn(40, 6), torch.randint(0, 3, (40,))
    weights = [torch.randn(*shape, requires_grad=True) for shape in ((6, 12), (12, 3))]
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(20):
            loss = nn.functional.cross_entropy((x @ weights[0]).tanh() @ weights[1], y)
            loss.backward()
            with torch.no_grad():
                for w in weights:
                    w -= 0.1 * w.grad
                    w.grad = None
            losses.append(loss.item())
        assert run.captured
        for step in run.captured:
            assert run.objective(step).value() == losses[step]


def test_a_step_that_is_not_captured_is_told_with_those_that_are(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path) as run:
        train(12)
        with pytest.raises(CaptureError, match=r"found 3; captured and kept are: 1, 2, 4, 8"):
            run.objective(3)


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path, capture=5) as run:
        train(70)
        assert run.captured == (1, 2, 4, 8, 64)
    with chainrule.watch(folder=tmp_path, capture=0) as run:
        train(10)
        assert run.captured == ()


def test_arguments_that_a_distribution_checks_decide_nothing(tmp_path: Path) -> None:
    """Of a mean out of range it would raise; that it did not is all that its look decided."""
    torch.manual_seed(0)
    net, x = nn.Linear(6, 4), torch.randn(32, 6)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(10):
            actions = torch.distributions.Categorical(logits=net(x))
            loss = -(actions.log_prob(actions.sample()) * x[:, 0]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert run.captured[:3] == (1, 2, 4)
        assert [run.objective(step).value() for step in run.captured] == [
            losses[step] for step in run.captured
        ]
        objective = run.objective(8)
        theta, g = objective.flat(), objective.flat(objective.gradient())
        h = 0.1 / float(g.norm())
        change = float(objective.value(theta + h * g) - objective.value(theta - h * g))
        # the actions are those that were drawn, or the loss would jump from one draw to another
        assert change / (2 * h) == pytest.approx(float(g @ g), rel=1e-2)


class Hidden:
    """An output that nobody can look into."""

    def __init__(self, values: torch.Tensor) -> None:
        self.values = values


class Wrapping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> Hidden:
        return Hidden(self.linear(x))


def test_outputs_of_any_kind_are_seen_through(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = Wrapping()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(10):
            x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
            loss = nn.functional.cross_entropy(net(x).values, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert run.objective(4).value() == losses[4]


def test_inputs_that_are_changed_later_do_not_matter(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Linear(1024, 2)
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    x = torch.randn(512, 1024)
    losses = []
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(6):
            loss = net(x).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        x.add_(1.0)
        assert run.objective(4).value() == losses[4]
