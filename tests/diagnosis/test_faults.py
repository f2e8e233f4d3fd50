"""Each fault on a small run that has it, and on its twin that has not."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import Loss, blobs, deep, faults, verdict

import chainrule


def test_deep_sigmoids_under_sgd_vanish(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.Sigmoid)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.1)
    )
    assert faults(found) == ["vanishing-gradient"]
    (finding,) = found
    assert finding.severity == "error"
    assert finding.where.operation == "Sigmoid"
    assert finding.evidence["decades_lost_in_activation"].value == pytest.approx(6.7, abs=0.5)
    assert finding.evidence["update_ratio"].value * 150 < 0.01
    assert any(link.culprit for link in finding.chain)
    product = 1.0
    for link in finding.chain:
        product *= link.gain
        assert link.gradient_rms == pytest.approx(product)


def test_under_adam_small_gradients_still_move_weights(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.Sigmoid, depth=6)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.Adam(net.parameters(), 1e-3)
    )
    assert faults(found) == ["healthy"]


def test_a_tiny_learning_rate_is_not_a_vanished_chain(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.ReLU, depth=4)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 1e-7)
    )
    assert "vanishing-gradient" not in faults(found)


def test_small_weights_are_named_as_the_cause(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.Tanh, depth=16)
    with torch.no_grad():
        for module in net:
            if isinstance(module, nn.Linear):
                module.weight.mul_(0.4)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.1)
    )
    assert faults(found) == ["vanishing-gradient"]
    lost = {k: v.value for k, v in found[0].evidence.items() if k.startswith("decades_lost_in_")}
    assert max(lost, key=lambda k: lost[k]) == "decades_lost_in_weight"


def recurrent(scale: float, steps: int) -> tuple[nn.ParameterDict, Loss]:
    torch.manual_seed(0)
    p = nn.ParameterDict(
        {
            "input": nn.Parameter(torch.randn(8, 24) * 0.3),
            "recurrent": nn.Parameter(torch.linalg.qr(torch.randn(24, 24))[0] * scale),
            "out": nn.Parameter(torch.randn(24, 3) * 0.2),
        }
    )
    x, y = blobs(64)

    def loss() -> torch.Tensor:
        h = torch.zeros(len(x), 24)
        for _ in range(steps):
            h = F.leaky_relu(x @ p["input"] + h @ p["recurrent"], 0.9)
        return F.cross_entropy(h @ p["out"] / 10, y)

    return p, loss


def test_large_recurrent_weights_explode(tmp_path: Path) -> None:
    p, loss = recurrent(1.4, 30)
    found = verdict(tmp_path, loss, torch.optim.SGD(p.parameters(), 1e-2))
    assert found[0].fault == "exploding-gradient"
    assert found[0].evidence["chain_growth"].value > 100


def test_orthogonal_recurrent_weights_do_not(tmp_path: Path) -> None:
    p, loss = recurrent(1.0, 30)
    found = verdict(tmp_path, loss, torch.optim.Adam(p.parameters(), 1e-4))
    assert faults(found) == ["healthy"]


@pytest.mark.parametrize(
    ("dead", "mixed", "severity"),
    [
        (20, True, "warning"),  # labels in disorder: most of the loss is left
        (20, False, "note"),  # it learns well with the other twelve
        (32, False, "error"),
        (4, False, None),
    ],
)
def test_dead_units(tmp_path: Path, dead: int, mixed: bool, severity: str | None) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    if mixed:
        y = y[torch.randperm(len(y))]
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3))
    with torch.no_grad():
        net[0].bias[:dead] = -1e3
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.05)
    )
    if severity is None:
        assert faults(found) == ["healthy"]
        return
    (finding,) = (f for f in found if f.fault == "dead-units")
    assert finding.severity == severity
    assert (faults(found)[0] == "healthy") == (severity == "note")
    assert finding.evidence["dead_units"].value == dead
    assert finding.where.operation == "Relu"


def test_sparse_but_living_units_are_healthy(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 3))
    with torch.no_grad():
        net[0].bias.fill_(-1.5)  # each unit is active on a few examples only
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.5)
    )
    assert faults(found) == ["healthy"]


def test_a_detached_part_gets_no_gradient(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    encoder, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU()), nn.Linear(16, 3)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], 0.1)
    found = verdict(tmp_path, lambda: F.cross_entropy(head(encoder(x).detach()), y), optimizer)
    assert faults(found) == ["no-gradient"]
    assert "encoder" in found[0].where.module


def test_frozen_parameters_are_no_fault(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    encoder, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU()), nn.Linear(16, 3)
    encoder.requires_grad_(False)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], 0.1)
    found = verdict(tmp_path, lambda: F.cross_entropy(head(encoder(x)), y), optimizer)
    assert faults(found) == ["healthy"]


def test_a_layer_replaced_after_the_optimizer_was_made(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    net[2] = nn.Linear(16, 3)
    found = verdict(tmp_path, lambda: F.cross_entropy(net(x), y), optimizer)
    assert "not-optimized" in faults(found)
    finding = next(f for f in found if f.fault == "not-optimized")
    assert "2" in finding.where.module


def test_nan_in_the_loss(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    net = nn.Linear(8, 3)
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        p = F.softmax(net(x), 1) * (count[0] < 50)
        return -torch.log(p[torch.arange(len(y)), y]).mean()

    found = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.1), steps=80)
    assert found[0].fault == "non-finite"
    assert found[0].steps[0] == 49
    assert found[0].where.operation == "Log"
    assert found[0].where.source.startswith("test_faults.py:")


def test_what_overflowed_is_told_of_its_result_where_pytorch_keeps_no_input(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    net = nn.Linear(8, 3).to(torch.bfloat16)
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        e = (net(x.bfloat16()) * (1.0 if count[0] < 9 else 300.0)).exp()
        return -torch.log((e / e.sum(1, keepdim=True)).float()[torch.arange(len(y)), y]).mean()

    (found,) = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.1), steps=12)
    assert (found.fault, found.where.operation, found.steps[0]) == ("non-finite", "Exp", 8)
    assert "88.7 in float32 and bfloat16, and beyond 11.1 in float16" in found.explanation
    assert "are not finite; the others lie between" in found.explanation
    assert "It was given" not in found.explanation
    assert found.evidence["result_nonfinite"].value > 0


def test_a_single_step_is_too_little_to_tell(tmp_path: Path) -> None:
    x, y = blobs()
    net = nn.Linear(8, 3)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.1), 1
    )
    assert faults(found) == ["cannot-tell"]


def test_no_optimizer_is_said(tmp_path: Path) -> None:
    x, y = blobs()
    net = nn.Linear(8, 3)
    with chainrule.watch(folder=tmp_path) as run:
        for _ in range(5):
            F.cross_entropy(net(x), y).backward()
    (finding,) = chainrule.diagnose(run)
    assert finding.fault == "cannot-tell"
    assert "no step: neither of an optimizer" in finding.explanation


@pytest.mark.parametrize("depth", [40, 70])
def test_a_gradient_of_exactly_zero_is_vanished_too(tmp_path: Path, depth: int) -> None:
    x, y = blobs()
    net = deep(nn.Sigmoid, depth=depth)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.1), 40
    )
    assert faults(found) == ["vanishing-gradient"]


def test_weights_of_zero_stop_the_gradient(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.Tanh, depth=5)
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.1), 40
    )
    assert "healthy" not in faults(found)


def test_a_learning_rate_of_zero_is_not_healthy(tmp_path: Path) -> None:
    x, y = blobs()
    net = deep(nn.ReLU, depth=3)
    found = verdict(
        tmp_path, lambda: F.cross_entropy(net(x), y), torch.optim.SGD(net.parameters(), 0.0), 40
    )
    assert faults(found) == ["plateau"]
    assert "learning rate is 0" in found[0].title
    assert found[0].evidence["gradient_norm"].value > 0


@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_nan_in_the_data_blames_no_operation(tmp_path: Path, where: str) -> None:
    x, _ = blobs()
    t = torch.randn(len(x), 1)
    net = nn.Sequential(nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 1))
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        if count[0] == 20:
            (x if where == "inputs" else t)[3, 0] = float("nan")
        return F.mse_loss(net(x), t)

    found = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.01), 30)
    assert faults(found)[0] == "non-finite"
    assert "was given a non-finite number at step 19" in found[0].title
    advised = " ".join(remedy.change for remedy in found[0].remedies)
    assert "x / x.std(0)" in advised
    assert "learning rate" not in advised  # shorter steps make no data finite


def test_what_could_not_be_seen_is_said(tmp_path: Path) -> None:
    x, y = blobs()
    net = torch.compile(nn.Sequential(nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 3)), backend="eager")
    compiled = torch.compile(net, backend="aot_eager")
    found = verdict(
        tmp_path,
        lambda: F.cross_entropy(compiled(x), y),
        torch.optim.SGD(net.parameters(), 0.1),
        20,
    )
    assert "torch.compile'd region is one factor" in found[0].explanation
    assert found[0].chain[-1].kind == "compiled"
    assert not any("_orig_mod" in str(link.place) for link in found[0].chain)
