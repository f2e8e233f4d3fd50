"""A softmax or an exp at its limit: in real trainings, and on records made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from passes import graph, passes
from synthetic import case, falling
from torch import nn
from training import blobs, verdict

from chainrule.diagnosis.faults import saturated_units
from chainrule.instruments import Chain
from chainrule.records import Finding, ParameterSample

FLAT = [2.3] * 60


@pytest.mark.parametrize("temperature", [1e-4, 2e-3, 4.0])
def test_attention_that_is_one_hot_has_no_slope(tmp_path: Path, temperature: float) -> None:
    torch.manual_seed(0)
    question, key = nn.Embedding(10, 16), nn.Embedding(10, 16)

    def loss() -> torch.Tensor:
        keys = torch.rand(64, 10).argsort(1)[:, :6]
        values, asked = torch.randn(64, 6), torch.randint(6, (64, 1))
        q = question(keys.gather(1, asked)[:, 0])
        scores = (key(keys) @ q.unsqueeze(-1)).squeeze(-1) / temperature
        answer = (F.softmax(scores, -1) * values).sum(-1)
        return F.mse_loss(answer, values.gather(1, asked)[:, 0])

    optimizer = torch.optim.Adam([*question.parameters(), *key.parameters()], 1e-2)
    (found, *_) = verdict(tmp_path, loss, optimizer, 250)
    if temperature > 1:
        assert found.fault == "healthy"
        return
    assert found.fault == "saturated-units"
    assert found.where.operation == "Softmax"
    assert "question" in found.explanation
    assert "nan" not in found.explanation


@pytest.mark.parametrize(("spread", "expected"), [(8.0, "saturated-units"), (1.0, "healthy")])
def test_bumps_far_from_the_data_are_flat(tmp_path: Path, spread: float, expected: str) -> None:
    x, y = blobs(64)
    centres = (spread * torch.randn(24, 8)).requires_grad_()
    if expected == "healthy":
        centres = x[:24].clone().requires_grad_()
    out = nn.Linear(24, 3)

    def loss() -> torch.Tensor:
        distance = (x[:, None] - centres).square().sum(-1)
        return F.cross_entropy(out(torch.exp(-distance / 4)), y)

    optimizer = torch.optim.SGD([centres, *out.parameters()], 0.3, 0.9)
    (found, *_) = verdict(tmp_path, loss, optimizer, 100)
    assert found.fault == expected
    if expected == "saturated-units":
        assert found.where.operation == "Exp"
        assert found.evidence["gain"].value < 1e-5


class TestOnRecords:
    """A line of operations whose gradients have these norms, one element each."""

    def found(
        self,
        norms: Sequence[float] = (1.0, 1.0, 1e-6, 1e-6),
        names: Sequence[str] = ("MseLoss", "Exp", "Neg", "Addmm"),
        losses: Sequence[float] = FLAT,
        *,
        update: float = 1e-6,
        late: Sequence[float] | None = None,
        steps: int = 6,
    ) -> list[Finding]:
        made, weights = graph(*names)
        samples = []
        for step in range(steps):
            own = late if late is not None and step == steps - 1 else norms
            (sample,) = passes(made, (step,), norms=own)
            moved = tuple(
                ParameterSample(
                    parameter=w.index, gradient_norm=1.0, weight_norm=1.0, update_norm=update
                )
                for w in weights
            )
            samples.append(replace(sample, parameters=moved))
        run = case(losses, samples=samples, graphs=(made,), parameters=weights)
        return saturated_units.check(run)

    def test_next_to_nothing_comes_through(self) -> None:
        (finding,) = self.found()
        assert finding.severity == "error"
        assert finding.evidence["gain"].value == pytest.approx(1e-6)
        (finding,) = self.found(names=("MseLoss", "Softmax", "Div", "Addmm"))
        assert finding.where.operation == "Softmax"

    def test_nothing_at_all_may_be_a_softmax_of_one_value(self) -> None:
        (finding,) = self.found((1.0, 1.0, 0.0, 0.0), ("MseLoss", "Softmax", "Div", "Addmm"))
        assert finding.severity == "warning"
        assert "single value" in finding.explanation

    def test_what_another_operation_blew_up_may_be_taken_back(self) -> None:
        names = ("MseLoss", "Div", "Exp", "Addmm")
        assert self.found((1.0, 1.0, 1e7, 1.0), names) == []
        assert len(self.found((1.0, 1.0, 1e7, 1e-6), names)) == 1

    def test_what_is_no_fault(self) -> None:
        assert self.found((1.0, 1.0, 1e-4, 1e-4)) == []  # a softmax of 10,000 values alike
        assert self.found(losses=falling(60, 0.5)) == []  # the layers after it learn
        assert self.found(update=0.01) == []  # Adam moves the weights all the same
        assert self.found(late=(1.0, 1.0, 1.0, 1.0)) == []  # not persistent
        assert self.found(steps=4) == []  # two late samples
        assert self.found((0.0, 0.0, 0.0, 0.0)) == []  # nothing arrived
        assert self.found(names=("MseLoss", "Sin", "Neg", "Addmm")) == []
        assert self.found(names=("MseLoss", "Exp", "Neg", "Sub")) == []  # nothing trained behind

    def test_many_softmaxes_are_looked_at_in_one_walk(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names, steps, asked = ("Softmax", "Div") * 40, 6, []
        rms = Chain.rms

        def counted(chain: Chain, node: int) -> float:
            asked.append(node)
            return rms(chain, node)

        monkeypatch.setattr(Chain, "rms", counted)
        assert self.found([1.0] * len(names), names, steps=steps) == []
        assert 0 < len(asked) <= 2 * len(names) * steps  # the way to each would be 20 times as many
