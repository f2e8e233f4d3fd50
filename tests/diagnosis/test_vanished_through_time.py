"""Recurrences that forget: told where nothing was learned, and left alone where it was."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import verdict

from chainrule.records import Finding

SYMBOLS, LENGTH = 4, 12


def trained(
    folder: Path,
    *,
    asked: int = 0,
    orthogonal: bool = False,
    every_step: bool = False,
    steps: int = 200,
) -> Finding:
    """A plain recurrent net that must say which symbol stood at one place of the sequence."""
    torch.manual_seed(0)
    embed, cell = nn.Embedding(SYMBOLS, 8), nn.RNN(8, 16, batch_first=True)
    out = nn.Linear(16, SYMBOLS)
    if orthogonal:
        nn.init.orthogonal_(cell.weight_hh_l0)
    else:
        nn.init.normal_(cell.weight_hh_l0, std=0.1)

    def loss() -> torch.Tensor:
        tokens = torch.randint(SYMBOLS, (16, LENGTH))
        states, _ = cell(embed(tokens))
        if every_step:  # the symbol of the step before, which is drawn at random: nothing to learn
            scores = out(states[:, 1:]).flatten(0, 1)
            return F.cross_entropy(scores, torch.randint(SYMBOLS, (len(scores),)))
        return F.cross_entropy(out(states[:, -1]), tokens[:, asked])

    parameters = [p for m in (embed, cell, out) for p in m.parameters()]
    return verdict(folder, loss, torch.optim.RMSprop(parameters, 2e-3), steps)[0]


def test_what_was_read_first_has_no_part_in_the_gradient(tmp_path: Path) -> None:
    found = trained(tmp_path)
    assert found.fault == "vanishing-gradient"
    assert found.severity == "warning"
    evidence = {name: e.value for name, e in found.evidence.items()}
    assert evidence["uses"] == LENGTH
    assert evidence["gradient_ratio"] < 1e-3
    hops = LENGTH - 1
    assert evidence["factor_a_step"] ** hops == pytest.approx(evidence["gradient_ratio"])
    lost = sum(value for name, value in evidence.items() if name.startswith("decades_lost_in"))
    assert 10**-lost == pytest.approx(evidence["gradient_ratio"], rel=0.5)  # of medians
    assert any(link.culprit for link in found.chain)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"orthogonal": True}, "healthy"),
        ({"asked": -1}, "healthy"),  # it forgets as well, and need not remember
        ({"steps": 60}, "healthy"),  # too early to say
        ({"every_step": True}, "cannot-tell"),  # each step has a loss of its own
    ],
)
def test_what_is_no_fault(tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    assert trained(tmp_path, **options).fault == expected
