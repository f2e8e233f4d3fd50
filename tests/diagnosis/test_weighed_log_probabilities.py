"""The sign of a policy gradient: not in the run, and not passed over in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from training import blobs, faults, verdict

Surrogate = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

SAID = "the loss weighs log-probabilities by numbers from outside of the graph, with no minus"


def bandit(folder: Path, surrogate: Surrogate) -> tuple[list[str], str]:
    torch.manual_seed(0)
    preferences = torch.zeros(4, requires_grad=True)
    payoff = torch.tensor([0.1, 0.9, 0.4, 0.2])

    def loss() -> torch.Tensor:
        policy = torch.distributions.Categorical(logits=preferences)
        arms = policy.sample((32,))
        return surrogate(payoff[arms] - 0.4, policy.log_prob(arms))

    found = verdict(folder, loss, torch.optim.SGD([preferences], lr=0.5), 60)
    return faults(found), found[0].explanation


@pytest.mark.parametrize(
    ("surrogate", "said"),
    [
        (lambda reward, log: (reward * log).mean(), True),
        (lambda reward, log: (reward * log).sum() / 32, True),
        (lambda reward, log: -(reward * log).mean(), False),
        (lambda reward, log: (reward * -log).mean(), False),
        (lambda reward, log: -(reward * log).sum() / 32, False),
    ],
)
def test_it_is_said_where_no_minus_is_in_front(
    surrogate: Surrogate, said: bool, tmp_path: Path
) -> None:
    found, explanation = bandit(tmp_path, surrogate)
    assert found == ["healthy"]  # it is no alarm: these may be costs
    assert (SAID in explanation) is said


def test_weights_of_examples_are_no_rewards(tmp_path: Path) -> None:
    x, y = blobs()
    weights = torch.rand(len(y)) + 0.5
    net = torch.nn.Linear(8, 3)

    def loss() -> torch.Tensor:
        log = F.log_softmax(net(x), 1).gather(1, y[:, None]).squeeze(1)
        return -(weights * log).mean()

    found = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), lr=0.1), 60)
    assert SAID not in found[0].explanation
