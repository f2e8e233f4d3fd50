"""Codes that are drawn: of which the weights before them learn nothing, and of which they do."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal, kl_divergence

import chainrule
from chainrule.records import Finding

Loss = Callable[["Coder", Tensor], Tensor]


class Coder(nn.Module):
    """Sixteen numbers that three of them tell, a code of two settings each, and the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.inwards = nn.Sequential(nn.Linear(16, 24), nn.Tanh())
        self.mean = nn.Linear(24, 3)
        self.log_std = nn.Linear(24, 3)
        self.outwards = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 16))
        self.judge = nn.Linear(3, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        inwards = self.inwards(x)
        return self.mean(inwards), self.log_std(inwards).exp()


def divergence(q: Normal) -> Tensor:
    return kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean()


def sampled(model: Coder, x: Tensor) -> Tensor:
    q = Normal(*model(x))
    return F.mse_loss(model.outwards(q.sample()), x) + 0.1 * divergence(q)


def drawn_by_hand(model: Coder, x: Tensor) -> Tensor:
    mean, std = model(x)
    z = torch.normal(mean, std)  # has a gradient, of exactly 0
    price = (mean.square() + std.square() - 2 * std.log()).sum(1).mean()
    return F.mse_loss(model.outwards(z), x) + 0.1 * price


def reparameterized(model: Coder, x: Tensor) -> Tensor:
    q = Normal(*model(x))
    return F.mse_loss(model.outwards(q.rsample()), x) + 0.01 * divergence(q)


def score_function(model: Coder, x: Tensor) -> Tensor:
    q = Normal(*model(x))
    z = q.sample()
    errors = (model.outwards(z) - x).square().sum(1)
    score = (errors.detach() - errors.mean().detach()) * q.log_prob(z).sum(1)
    return errors.mean() + 0.01 * score.mean() + 0.01 * divergence(q)


def actor_and_critic(model: Coder, x: Tensor) -> Tensor:
    q = Normal(*model(x))
    action = q.sample()
    reward = -(action - x[:, :3]).square().sum(1)
    value = model.judge(action)[:, 0]
    gain = -(q.log_prob(action).sum(1) * (reward - reward.mean())).mean()
    return F.mse_loss(value, reward) + gain - 0.01 * q.entropy().mean()


def wake_and_sleep(model: Coder, x: Tensor) -> Tensor:
    wake = F.mse_loss(model.outwards(Normal(*model(x)).sample()), x)
    dreamt = torch.randn(len(x), 3)
    with torch.no_grad():
        dream = torch.normal(model.outwards(dreamt), 0.1)
    return wake - Normal(*model(dream)).log_prob(dreamt).sum(1).mean()


def task_of_its_own(model: Coder, x: Tensor) -> Tensor:
    """What is drawn is read by weights that are not to disturb what they read."""
    mean, std = model(x)
    bits = Bernoulli(logits=mean).sample()
    return (
        F.mse_loss(model.outwards(bits), x)
        + F.mse_loss(model.judge(mean)[:, 0], x[:, 0])
        + (0.01 * std.mean())
    )


def findings(
    folder: Path, loss_of: Loss, steps: int = 80, *, empty: bool = False
) -> tuple[Finding, ...]:
    torch.manual_seed(0)
    x = torch.randn(256, 3) @ torch.randn(3, 16)
    with chainrule.watch(folder=folder) as run:
        model = Coder()
        if empty:
            for weight in (*model.mean.parameters(), *model.log_std.parameters()):
                nn.init.zeros_(weight)
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for step in range(steps):
            batch = x[64 * (step % 4) : 64 * (step % 4) + 64]
            optimizer.zero_grad()
            loss_of(model, batch).backward()
            optimizer.step()
    return chainrule.diagnose(run)


@pytest.mark.parametrize("loss_of", [sampled, drawn_by_hand])
def test_a_code_of_which_only_the_price_is_learned(loss_of: Loss, tmp_path: Path) -> None:
    finding = next(f for f in findings(tmp_path, loss_of) if "draw" in f.title)
    assert finding.fault == "no-gradient"
    assert finding.severity == "error"
    assert finding.where.operation == "normal"
    assert finding.where.source.startswith("test_cut_at_a_draw.py:")
    assert finding.title.endswith("inwards.0, mean and log_std")
    assert finding.evidence["range_left"].value < 0.5
    assert finding.evidence["cut_parameters"].value == 6
    assert "outwards.0" in finding.explanation
    assert "rsample()" in finding.remedies[0].change


@pytest.mark.parametrize(
    "loss_of",
    [reparameterized, score_function, actor_and_critic, wake_and_sleep, task_of_its_own],
)
def test_a_code_that_is_learned_in_another_way(loss_of: Loss, tmp_path: Path) -> None:
    assert not [f for f in findings(tmp_path, loss_of) if "draw" in f.title]


def test_a_code_that_says_nothing_from_the_first_step_on(tmp_path: Path) -> None:
    # mean 0 and standard deviation 1 are where the divergence is least: they stay, range 0 of 0
    found = findings(tmp_path, sampled, empty=True)
    assert not [f for f in found if "range_left" in f.evidence]
