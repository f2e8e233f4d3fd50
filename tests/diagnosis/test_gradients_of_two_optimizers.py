"""Two optimizers: whose gradients are cleared, and whose are not."""

from pathlib import Path

import torch
from torch import nn

import chainrule
from chainrule.records import Finding


def faults(findings: tuple[Finding, ...]) -> set[str]:
    return {f.fault for f in findings}


def shared_pass(folder: Path, *, cleared: tuple[int, ...]) -> tuple[Finding, ...]:
    """An encoder and a decoder learn from one loss, by an optimizer each."""
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(6, 4), nn.Linear(4, 6)
    optimizers = [torch.optim.SGD(m.parameters(), lr=0.02) for m in (encoder, decoder)]
    x = torch.randn(64, 6)
    with chainrule.watch(folder=folder) as run:
        for _ in range(60):
            for i in cleared:
                optimizers[i].zero_grad()
            (decoder(encoder(x)) - x).pow(2).mean().backward()
            for optimizer in optimizers:
                optimizer.step()
        return run.findings()


def test_that_of_one_is_never_cleared(tmp_path: Path) -> None:
    found = [f for f in shared_pass(tmp_path, cleared=(0,)) if f.fault == "gradients-accumulate"]
    (finding,) = found
    assert finding.where.module == "decoder"
    assert finding.evidence["steps_that_carry"].value == 1
    assert "gradients of decoder are never set to 0" in finding.title


def test_those_of_both_are_cleared(tmp_path: Path) -> None:
    assert "gradients-accumulate" not in faults(shared_pass(tmp_path, cleared=(0, 1)))


def test_what_is_cleared_before_the_second_pass_of_a_round_was_not_left(tmp_path: Path) -> None:
    torch.manual_seed(0)
    generator, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
    of_generator = torch.optim.Adam(generator.parameters(), lr=1e-3)
    of_critic = torch.optim.Adam(critic.parameters(), lr=1e-3)
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(60):
            made = generator(torch.randn(32, 3))  # not detached: this pass reaches it, too
            of_critic.zero_grad()
            (critic(made).sigmoid().mean() - critic(torch.randn(32, 2)).sigmoid().mean()).backward()
            of_critic.step()
            of_generator.zero_grad()
            (-critic(generator(torch.randn(32, 3))).sigmoid().mean()).backward()
            of_generator.step()
        assert "gradients-accumulate" not in faults(run.findings())
