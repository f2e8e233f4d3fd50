"""Small trainings with a mistake in the loss, the data or the first weights, and without it."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from script_verdict import findings_of
from torch import nn
from training import Loss, blobs, verdict

from chainrule.records import Finding

Training = tuple[Loss, torch.optim.Optimizer]


def sgd(*tensors: torch.Tensor, rate: float = 0.1) -> torch.optim.Optimizer:
    return torch.optim.SGD(tensors, rate)


def softmax_of_bare_tensors(faulty: bool) -> Training:
    x, y = blobs()
    w1, w2 = torch.randn(8, 16, requires_grad=True), torch.randn(16, 3, requires_grad=True)
    bias = torch.zeros(3, requires_grad=True)

    def loss() -> torch.Tensor:
        scores = torch.tanh(x @ w1 / 4) @ (w2 / 4) + bias
        return F.cross_entropy(torch.softmax(scores, 1) if faulty else scores, y)

    return loss, sgd(w1, w2, bias)


def softmax_by_hand_over_the_batch(faulty: bool) -> Training:
    x, y = blobs(64)
    net = nn.Linear(8, 3)

    def loss() -> torch.Tensor:
        e = net(x).exp()
        p = e / e.sum(0 if faulty else 1, keepdim=True)
        return -p[torch.arange(64), y].log().mean()

    return loss, sgd(*net.parameters())


def column_against_row(faulty: bool) -> Training:
    x, _ = blobs(64)
    target = x @ torch.linspace(-1, 1, 8)
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    wanted = target if faulty else target[:, None]
    return lambda: (wanted - net(x)).abs().mean(), sgd(*net.parameters())


def sigmoid_for_signs(faulty: bool) -> Training:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())
    side = (y == 0).float()[:, None] * (2 if faulty else 1) - (1 if faulty else 0)
    return lambda: (net(x) - side).pow(2).mean(), sgd(*net.parameters(), rate=0.5)


def constant_weights(faulty: bool) -> Training:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    if faulty:
        for p in net.parameters():
            nn.init.constant_(p, 0.1)
    return lambda: F.cross_entropy(net(x), y), sgd(*net.parameters())


def columns_in_their_units(faulty: bool) -> Training:
    x, y = blobs()
    units = torch.tensor([1000.0, 100, 1, 1, 0.1, 1, 10, 1]) if faulty else 1
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    return lambda: F.cross_entropy(net((x + 1) * units), y), sgd(*net.parameters())


def evaluation_mode(faulty: bool) -> Training:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
    net.train(not faulty)
    return lambda: F.cross_entropy(net(4 * x + 8), y), sgd(*net.parameters(), rate=1e-2)


def evaluation_mode_in_which_only_the_scale_is_lost(faulty: bool) -> Training:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
    net.train(not faulty)
    return lambda: F.cross_entropy(net((x - x.mean(0)) / 10), y), sgd(*net.parameters(), rate=1e-2)


def running_variance_that_lags(faulty: bool) -> Training:
    x, y = blobs()
    norm = nn.BatchNorm1d(16, momentum=0.001 if faulty else 0.1)
    net = nn.Sequential(nn.Linear(8, 16), norm, nn.ReLU(), nn.Linear(16, 3))
    return lambda: F.cross_entropy(net((x - x.mean(0)) / 10), y), sgd(*net.parameters(), rate=1e-2)


def wide_normal_weights(faulty: bool) -> Training:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
    net.append(nn.Linear(128, 3))
    for module in net:
        if isinstance(module, nn.Linear) and faulty:
            nn.init.normal_(module.weight)
    return lambda: F.cross_entropy(net(x), y), torch.optim.Adam(net.parameters(), 1e-4)


def components_at_one_place(faulty: bool) -> Training:
    x = torch.randn(200, 2) + 3 * F.one_hot(torch.arange(200) % 2, 2)
    means = (torch.full((4, 2), 0.5) if faulty else x[:4].clone()).requires_grad_()
    log_stds = torch.zeros(4, 2, requires_grad=True)
    shares = torch.zeros(4, requires_grad=True)

    def loss() -> torch.Tensor:
        away = (x[:, None] - means) / log_stds.exp()
        logs = -(away.square() / 2 + log_stds).sum(2) + shares.log_softmax(0)
        return -logs.logsumexp(1).mean()

    return loss, torch.optim.Adam([means, log_stds, shares], 0.02)


@pytest.mark.parametrize(
    ("training", "fault"),
    [
        (softmax_of_bare_tensors, "loss-misuse"),
        (softmax_by_hand_over_the_batch, "loss-misuse"),
        (column_against_row, "loss-misuse"),
        (sigmoid_for_signs, "loss-misuse"),
        (constant_weights, "symmetric-initialization"),
        (components_at_one_place, "symmetric-initialization"),
        (columns_in_their_units, "unscaled-input"),
        (evaluation_mode, "batch-norm-misuse"),
        (evaluation_mode_in_which_only_the_scale_is_lost, "batch-norm-misuse"),
        (running_variance_that_lags, "batch-norm-misuse"),
        (wide_normal_weights, "badly-scaled-initialization"),
    ],
)
def test_the_mistake_is_told_and_its_correction_is_not(
    tmp_path: Path, training: object, fault: str
) -> None:
    assert callable(training)
    torch.manual_seed(0)
    found = verdict(tmp_path / "faulty", *training(True))
    assert found[0].fault == fault
    torch.manual_seed(0)
    right: tuple[Finding, ...] = verdict(tmp_path / "right", *training(False))
    assert fault not in [f.fault for f in right if f.severity != "note"]


SCRIPT = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(8, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        features = torch.relu(self.encoder(x))
        features = torch.tensor(features.tolist())
        return self.head(features).softmax(-1)

def main():
    torch.manual_seed(0)
    x = torch.randn(64, 8)
    y = x[:, :3].argmax(1)
    net, criterion = Net(), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(100):
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

if __name__ == "__main__":
    main()
"""


def test_a_script_is_told_the_lines_of_both_of_its_mistakes(tmp_path: Path) -> None:
    findings = {f["fault"]: f for f in findings_of(SCRIPT, tmp_path)}
    cut, misuse = findings["no-gradient"]["where"], findings["loss-misuse"]["where"]
    assert (cut["module"], cut["operation"]) == ("encoder", "tolist")
    assert cut["source"] == "train.py:13"
    assert (misuse["operation"], misuse["source"]) == ("Softmax", "train.py:14")
