"""Scores that are reshaped where their axes are to be exchanged, and reshapes that are right."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training import verdict

from chainrule.records import Finding

N, T, D, K = 32, 6, 8, 4
"""Examples, places, features and classes."""

Made = tuple[list[nn.Module], Callable[[], Tensor]]


def data() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    x = torch.randn(N, T, D)
    return x, x[..., :K].argmax(-1)


def tagged(arrange: Callable[[Tensor], Tensor], units: int = K, wanted: int = 1) -> Made:
    """A layer at each place, whose output is arranged for a cross entropy."""
    x, y = data()
    net = nn.Sequential(nn.Linear(D, 16), nn.Tanh(), nn.Linear(16, units))
    target = y if wanted == 1 else y.flatten()
    return [net], lambda: F.cross_entropy(arrange(net(x)), target)


def image(arrange: Callable[[Tensor], Tensor], flat: bool = True) -> Made:
    """Scores of each pixel, whose channels are the classes."""
    torch.manual_seed(0)
    x = torch.randn(8, 3, 6, 6)
    y = (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0)
    net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU(), nn.Conv2d(8, K, 1))
    return [net], lambda: F.cross_entropy(arrange(net(x)), y.flatten() if flat else y)


def sequence(arrange: Callable[[Tensor], Tensor]) -> Made:
    x, y = data()
    rnn, tags = nn.LSTM(D, 12, batch_first=True), nn.Linear(12, K)
    return [rnn, tags], lambda: F.nll_loss(arrange(tags(rnn(x)[0])).log_softmax(1), y)


def shifted(arrange: Callable[[Tensor], Tensor]) -> Made:
    x, y = data()
    net = nn.Sequential(nn.Linear(D, 16), nn.Tanh(), nn.Linear(16, K))
    return [net], lambda: F.cross_entropy(arrange(net(x)[:, :-1] / 0.7), y[:, :-1])


def of_whole_examples() -> Made:
    """One layer that makes all classes of all places."""
    x, y = data()
    net = nn.Linear(T * D, K * T)
    return [net], lambda: F.cross_entropy(net(x.flatten(1)).view(N, K, T), y)


def of_features_by_class() -> Made:
    """A layer from features of each class to as many places as there are classes."""
    torch.manual_seed(0)
    x, y = torch.randn(N, K, D), torch.randint(0, K, (N, K))
    net = nn.Linear(D, K)
    return [net], lambda: F.cross_entropy(net(x), y)


MISTAKES: dict[str, Callable[[], Made]] = {
    "a view": lambda: tagged(lambda z: z.view(N, K, T)),
    "a view of a sequence": lambda: sequence(lambda z: z.view(N, K, -1)),
    "a reshape of a part": lambda: shifted(lambda z: z.reshape(N, K, T - 1)),
    "channels flattened": lambda: image(lambda z: z.reshape(-1, K)),
    "a view in two axes": lambda: tagged(lambda z: z.view(N, T * K).view(N, K, T)),
}

RIGHT: dict[str, Callable[[], Made]] = {
    "a transpose": lambda: tagged(lambda z: z.transpose(1, 2)),
    "a transpose of a sequence": lambda: sequence(lambda z: z.movedim(-1, 1)),
    "a transpose of a part": lambda: shifted(lambda z: z.mT.contiguous()),
    "places flattened": lambda: tagged(lambda z: z.view(-1, K), wanted=0),
    "channels moved, then flattened": lambda: image(lambda z: z.movedim(1, -1).reshape(-1, K)),
    "channels where they are": lambda: image(lambda z: z, flat=False),
    "pixels flattened": lambda: image(lambda z: z.flatten(2).view(8, K, 6, 6), flat=False),
    "all at once": of_whole_examples,
    "as many places as classes": of_features_by_class,
}


def told(folder: Path, made: Made) -> list[Finding]:
    nets, loss = made
    weights = [p for net in nets for p in net.parameters()]
    found = verdict(folder, loss, torch.optim.Adam(weights, 1e-2), 20)
    return [f for f in found if f.fault == "loss-misuse"]


@pytest.mark.parametrize("name", MISTAKES)
def test_a_reshape_that_mixes_classes_is_told(tmp_path: Path, name: str) -> None:
    (finding,) = told(tmp_path, MISTAKES[name]())
    assert finding.evidence["scores_of_another_class"].value > 0.5
    assert finding.where.source.startswith("test_class_axis.py")


@pytest.mark.parametrize("name", RIGHT)
def test_a_reshape_that_is_right_is_not(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, RIGHT[name]()) == []
