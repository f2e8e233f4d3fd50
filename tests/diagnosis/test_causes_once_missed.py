"""Runs whose fault was missed or misnamed once, each beside one that is well."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from training import blobs, deep, faults, verdict


def test_a_recurrent_weight_grows_over_all_its_uses(tmp_path: Path) -> None:
    """All steps in time bring about as much, so the principal path ends at a late one."""
    for scale, expected in ((1.1, True), (0.95, False)):
        torch.manual_seed(0)
        rnn = nn.RNN(2, 16, nonlinearity="relu", batch_first=True)
        readout = nn.Linear(16, 1)
        with torch.no_grad():
            rnn.weight_hh_l0.copy_(scale * torch.eye(16))
            rnn.weight_ih_l0.uniform_(0, 0.1)
        x = torch.rand(16, 60, 2)
        parameters = [*rnn.parameters(), *readout.parameters()]
        findings = verdict(
            tmp_path / str(scale),
            lambda x=x, rnn=rnn, readout=readout: (readout(rnn(x)[1][0]) - 1).square().mean(),
            torch.optim.SGD(parameters, 0.01 if expected else 1e-3),
            steps=40,
        )
        assert ("exploding-gradient" in faults(findings)) is expected
        if expected:  # told with the factors of the way, each a little above 1
            (found,) = (f for f in findings if f.fault == "exploding-gradient")
            assert found.where.operation == "Addmm"
            assert "nan" not in found.explanation


def test_an_offset_of_zero_behind_dead_units_is_not_the_cause(tmp_path: Path) -> None:
    torch.manual_seed(0)
    x, y = torch.rand(64, 1, 8, 8), torch.randint(0, 3, (64,))
    first, second, head = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 3), nn.Linear(8 * 16, 3)
    offset = nn.Parameter(torch.zeros(4, 1, 1))
    shift = nn.Parameter(torch.full((8, 1, 1), 12.0))

    def loss() -> torch.Tensor:
        h = F.relu6(second(F.relu6(first(x) + offset)) + shift)
        return F.cross_entropy(head(h.flatten(1)), y)

    parameters = [p for m in (first, second, head) for p in m.parameters()]
    findings = verdict(tmp_path, loss, torch.optim.SGD([*parameters, offset, shift], 1e-3))
    assert findings[0].fault == "dead-units"
    assert "symmetric-initialization" not in faults(findings)
    assert "saturated-units" in [link.fault for link in findings[0].links]


def test_steps_ten_thousand_times_too_short_are_told_in_a_short_run(tmp_path: Path) -> None:
    x, y = blobs()
    for divided, expected in ((4096.0, ["learning-rate-too-low"]), (1.0, ["healthy"])):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))

        def loss(net: nn.Module = net, divided: float = divided) -> torch.Tensor:
            rows = torch.randint(len(x), (32,))
            return F.cross_entropy(net(x[rows]), y[rows]) / divided

        optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
        assert faults(verdict(tmp_path / str(divided), loss, optimizer)) == expected


def test_scores_beyond_a_clamp_are_a_plateau_at_the_clamp(tmp_path: Path) -> None:
    x = torch.randn(256, 6, generator=torch.Generator().manual_seed(1))
    for bias, expected in ((60.0, "plateau"), (25.0, "healthy")):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
        with torch.no_grad():
            net[2].bias.fill_(bias)

        def loss(net: nn.Module = net) -> torch.Tensor:
            score = net(x).squeeze(1).clamp(0, 50)
            return F.relu(
                1 - torch.sign(x[:128, 0] - x[128:, 0]) * (score[:128] - score[128:])
            ).mean()

        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        found = verdict(tmp_path / str(bias), loss, optimizer)[0]
        assert found.fault == expected
        if expected == "plateau":
            assert found.where.operation == "Clamp"
            assert found.evidence["gradient_that_arrived"].value > 0


def test_a_penalty_written_into_a_loss_by_hand_is_weighed_against_the_task(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(256, 6, generator=generator)
    y = (x @ torch.randn(6, generator=generator)) / 2
    for strength, expected in ((1.0, "weight-decay-too-strong"), (1e-4, "healthy")):
        torch.manual_seed(0)
        w1 = (torch.randn(6, 32) / 6**0.5).requires_grad_()
        w2 = (torch.randn(32) / 32**0.5).requires_grad_()

        def loss(
            w1: torch.Tensor = w1, w2: torch.Tensor = w2, strength: float = strength
        ) -> torch.Tensor:
            error = (torch.tanh(x @ w1) @ w2 - y).square().mean()
            return error + strength * (w1.square().sum() + w2.square().sum())

        optimizer = torch.optim.SGD([w1, w2], 0.02)
        assert verdict(tmp_path / str(strength), loss, optimizer, 250)[0].fault == expected


def test_probabilities_given_to_nll_loss_are_no_sign_that_is_turned(tmp_path: Path) -> None:
    x, y = blobs()
    net = nn.Linear(8, 3)

    def loss() -> torch.Tensor:
        return F.nll_loss(net(x).softmax(1), y)

    (found,) = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.3))
    assert found.fault == "loss-misuse"
    assert "gradient-ascent" not in [link.fault for link in found.links]


def test_a_saddle_of_a_scale_free_loss_in_double_precision(tmp_path: Path) -> None:
    """The Rayleigh quotient is level along its vector, where only rounding has a slope."""
    a = torch.diag(torch.tensor([5.0, 4.0, 3.0, 1.0], dtype=torch.float64))
    generator = torch.Generator().manual_seed(0)
    noise = 1e-9 * torch.randn(4, dtype=torch.float64, generator=generator)
    v = (a[1] / 4 + noise).requires_grad_()

    def loss() -> torch.Tensor:
        unit = v / v.norm()
        return 13 - unit @ a @ unit

    (found, *_) = verdict(tmp_path, loss, torch.optim.SGD([v], 0.01), 100)
    assert found.fault == "saddle"


def test_a_start_at_a_maximum_is_told_with_the_way_down(tmp_path: Path) -> None:
    """Of (a·w)² the slope is exactly 0 at w = 0, and all curvature is negative there."""
    torch.manual_seed(0)
    a = torch.randn(60, 5)
    power = (a @ F.normalize(torch.randn(5), dim=0)).square()
    for start, expected in ((torch.zeros(5), "saddle"), (0.3 * torch.randn(5), "healthy")):
        w = start.clone().requires_grad_()

        def loss(w: torch.Tensor = w) -> torch.Tensor:
            return ((a @ w).square() - power).square().mean()

        (found, *_) = verdict(tmp_path / expected, loss, torch.optim.SGD([w], 0.02, 0.8), 100)
        assert found.fault == expected
        if expected == "saddle":
            assert "maximum" in found.title
            assert found.evidence["gradient_norm"].value == 0
            assert found.evidence["largest_eigenvalue"].value < 0
            assert not any("momentum" in remedy.change for remedy in found.remedies)


def test_units_that_no_value_reaches_are_not_weights_of_the_wrong_scale(tmp_path: Path) -> None:
    """Behind them no gradient arrives, so the factors there are those of nothing."""
    x, y = blobs()
    for threshold, expected in ((4.0, "dead-units"), (0.0, "healthy")):
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for inputs in (8, 32, 32):
            layers += [nn.Linear(inputs, 32), nn.LayerNorm(32), nn.Threshold(threshold, 0)]
        net = nn.Sequential(*layers, nn.Linear(32, 3))

        def loss(net: nn.Module = net) -> torch.Tensor:
            return F.cross_entropy(net(x), y)

        optimizer = torch.optim.Adam(net.parameters(), 2e-3)
        findings = verdict(tmp_path / expected, loss, optimizer, 60)
        assert findings[0].fault == expected
        assert "badly-scaled-initialization" not in faults(findings)
        if expected == "dead-units":
            assert "above its threshold" in findings[0].explanation
            assert "threshold" in findings[0].remedies[0].change


def test_half_dead_layers_do_not_stop_a_gradient_that_the_weights_shrink(tmp_path: Path) -> None:
    """PyTorch's own weights have a factor of 0.58 a layer; half of a ReLU's units are worth 0.7."""
    x, y = blobs()
    net = deep(nn.ReLU, depth=24, width=32)

    def loss() -> torch.Tensor:
        return F.cross_entropy(net(x), y)

    optimizer = torch.optim.SGD(net.parameters(), 0.05, 0.9)
    (found,) = verdict(tmp_path, loss, optimizer, 40)
    assert found.fault == "vanishing-gradient"
    assert [link.fault for link in found.links] == ["dead-units"]
    lost = found.evidence
    assert lost["decades_lost_in_weight"].value > lost["decades_lost_in_activation"].value
