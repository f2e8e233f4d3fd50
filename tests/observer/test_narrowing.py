"""`watch(model=…)` and `watch(optimizer=…)` leave out what belongs to other models."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import chainrule
from chainrule.store import open_run

BCE = nn.BCEWithLogitsLoss()


class Gan:
    def __init__(self) -> None:
        torch.manual_seed(0)
        self.G = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
        self.D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
        self.of_g = torch.optim.Adam(self.G.parameters(), 2e-3)
        self.of_d = torch.optim.Adam(self.D.parameters(), 2e-3)
        self.losses: dict[str, list[float]] = {"G": [], "D": []}

    def train(self, steps: int = 20) -> None:
        one, zero = torch.ones(64, 1), torch.zeros(64, 1)
        for _ in range(steps):
            t = torch.rand(64) * 6.28
            fake = self.G(torch.randn(64, 8))
            real = torch.stack([t.cos(), t.sin()], 1)
            loss = BCE(self.D(real), one) + BCE(self.D(fake.detach()), zero)
            self.of_d.zero_grad()
            loss.backward()
            self.of_d.step()
            self.losses["D"].append(loss.item())
            loss = BCE(self.D(fake), one)
            self.of_g.zero_grad()
            loss.backward()
            self.of_g.step()
            self.losses["G"].append(loss.item())


@pytest.mark.parametrize("by", ["model", "optimizer", "both"])
@pytest.mark.parametrize("which", ["G", "D"])
def test_one_half_of_a_gan(tmp_path: Path, which: str, by: str) -> None:
    gan = Gan()
    model, optimizer = (gan.G, gan.of_g) if which == "G" else (gan.D, gan.of_d)
    narrowing: dict[str, Any] = {"model": model, "optimizer": optimizer}
    if by != "both":
        narrowing = {by: narrowing[by]}
    with chainrule.watch(**narrowing, every="all", folder=tmp_path) as run:
        gan.train()
    with open_run(run.path) as reader:
        assert reader.run().steps == 20
        assert len(reader.optimizers()) == 1
        assert [p.shape for p in reader.parameters()] == [p.shape for p in model.parameters()]
        assert list(reader.series("loss").values) == pytest.approx(gan.losses[which])
        samples = list(reader.samples())
    assert len(samples) == 20
    assert all(len(sample.backward_passes) == 1 for sample in samples)
    assert not any(f.fault == "not-optimized" for f in chainrule.diagnose(run))


def test_another_model_is_left_out_and_the_names_are_those_of_a_run_without_narrowing(
    tmp_path: Path,
) -> None:
    first, second = (nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1)) for _ in range(2))
    with chainrule.watch(model=first, folder=tmp_path) as run:
        for net in (first, second, first):
            optimizer = torch.optim.SGD(net.parameters(), 0.1)
            for _ in range(5):
                optimizer.zero_grad()
                net(torch.randn(8, 4)).pow(2).mean().backward()
                optimizer.step()
    with open_run(run.path) as reader:
        assert reader.run().steps == 10
        assert reader.run().backward_passes == 10
        assert reader.run().options["model"] == "first"
        names = [p.name for p in reader.parameters()]
    assert names == ["first.0.weight", "first.0.bias", "first.2.weight", "first.2.bias"]


def test_a_forgotten_layer_of_the_model_is_still_found(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = torch.optim.SGD(net[0].parameters(), 0.1)
    with chainrule.watch(model=net, folder=tmp_path) as run:
        for _ in range(10):
            optimizer.zero_grad()
            net(torch.randn(8, 4)).pow(2).mean().backward()
            optimizer.step()
    assert "not-optimized" in [f.fault for f in chainrule.diagnose(run)]
