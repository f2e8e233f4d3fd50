"""Small trainings for the faults to judge."""

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import chainrule
from chainrule.records import Finding

Loss = Callable[[], torch.Tensor]


def verdict(
    folder: Path, loss: Loss, optimizer: torch.optim.Optimizer, steps: int = 150
) -> tuple[Finding, ...]:
    with chainrule.watch(folder=folder, every=5) as run:
        for _ in range(steps):
            value = loss()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
    return chainrule.diagnose(run)


def blobs(count: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    y = torch.randint(0, 3, (count,))
    return torch.randn(count, 8) + 2 * F.one_hot(y, 8), y


def deep(activation: type[nn.Module], depth: int = 12, width: int = 24) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Linear(8, width), activation()]
    for _ in range(depth - 2):
        layers += [nn.Linear(width, width), activation()]
    return nn.Sequential(*layers, nn.Linear(width, 3))


def faults(findings: tuple[Finding, ...]) -> list[str]:
    return [f.fault for f in findings]
