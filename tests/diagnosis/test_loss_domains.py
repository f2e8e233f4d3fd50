"""Losses that are given what they document they do not take, and others that come close."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training import blobs, verdict

from chainrule.records import Finding

STEPS = 20
Made = Callable[[Tensor, Tensor, Tensor], Tensor]
"""A loss from scores of (256, 3), classes and a distribution over the classes for each."""


def told(folder: Path, loss: Made) -> list[Finding]:
    """What is said of the loss by a run of a small network with it."""
    x, y = blobs()
    shares = (x[:, :3] * 2).softmax(1)
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    found = verdict(folder, lambda: loss(net(x), y, shares), optimizer, STEPS)
    return [f for f in found if f.fault == "loss-misuse" and f.severity != "note"]


LENGTHS = torch.tensor([8] * 32), torch.tensor([3] * 32)


def paths(x: Tensor) -> Tensor:
    return F.ctc_loss(x.view(32, 8, 3).transpose(0, 1), torch.tensor([[1, 2, 1]] * 32), *LENGTHS)


def one_of(y: Tensor) -> Tensor:
    return F.one_hot(y, 3)


MISTAKES: dict[str, Made] = {
    "divergence of a softmax": lambda z, y, p: F.kl_div(z.softmax(1), p, reduction="batchmean"),
    "divergence of a softmax by hand": lambda z, y, p: F.kl_div(
        z.exp() / z.exp().sum(1, keepdim=True), p, reduction="sum"
    ),
    "divergence of a softmax over places": lambda z, y, p: F.kl_div(
        z.view(16, 16, 3).mT.softmax(1), p.view(16, 16, 3).mT, reduction="batchmean"
    ),
    "divergence of scores": lambda z, y, p: F.kl_div(z, p, reduction="batchmean"),
    "paths of scores": lambda z, y, p: paths(z),
    "paths of a softmax": lambda z, y, p: paths(z.softmax(1)),
    "signs for a binary loss": lambda z, y, p: F.binary_cross_entropy_with_logits(
        z, 2.0 * one_of(y) - 1
    ),
    "signs for a cross entropy": lambda z, y, p: F.cross_entropy(z, 2.0 * one_of(y) - 1),
    "scores for a cross entropy": lambda z, y, p: F.cross_entropy(z, (p + 1e-3).log()),
    "counts below 0": lambda z, y, p: F.poisson_nll_loss(z, y[:, None] - 1.0),
    "a softplus for a logarithm": lambda z, y, p: F.poisson_nll_loss(
        F.softplus(z), (y[:, None] == 1).float().expand_as(z)
    ),
    "no signs for a soft margin": lambda z, y, p: F.soft_margin_loss(z, one_of(y).float()),
    "no signs for a hinge": lambda z, y, p: F.hinge_embedding_loss(z, one_of(y).float()),
    "no signs for a ranking": lambda z, y, p: F.margin_ranking_loss(
        z[:, 0], z[:, 1], (y > 0).float(), margin=0.5
    ),
    "no signs for pairs": lambda z, y, p: F.cosine_embedding_loss(
        z[:128], z[128:], (y[:128] == y[128:]).float()
    ),
    "no signs for whole pairs": lambda z, y, p: nn.CosineEmbeddingLoss(0.2)(
        z[::2], z[1::2], (y[::2] == y[1::2]).long()
    ),
    "a row of zeros and ones": lambda z, y, p: F.multilabel_margin_loss(z, one_of(y)),
}

RIGHT: dict[str, Made] = {
    "divergence": lambda z, y, p: F.kl_div(z.log_softmax(1), p, reduction="batchmean"),
    "divergence of logarithms": lambda z, y, p: F.kl_div(
        z.log_softmax(1), p.log(), reduction="batchmean", log_target=True
    ),
    "divergence the other way round": lambda z, y, p: F.kl_div(
        p.log(), z.softmax(1), reduction="batchmean"
    ),
    "divergence of a logarithm taken by hand": lambda z, y, p: F.kl_div(
        (z.softmax(1) + 1e-8).log(), p, reduction="batchmean"
    ),
    "divergence of normalised scores": lambda z, y, p: F.kl_div(
        z - z.logsumexp(1, keepdim=True), p, reduction="batchmean"
    ),
    "Jensen and Shannon": lambda z, y, p: F.kl_div(
        (z.softmax(1) / 2 + p / 2).log(), z.softmax(1), reduction="batchmean"
    ),
    "paths": lambda z, y, p: paths(z.log_softmax(1)),
    "smoothed shares": lambda z, y, p: F.binary_cross_entropy_with_logits(
        z, 0.9 * one_of(y) + 0.05
    ),
    "shares of classes": lambda z, y, p: F.cross_entropy(z, p),
    "several classes": lambda z, y, p: F.cross_entropy(z, 2.0 * p),
    "a policy and its advantage": lambda z, y, p: F.cross_entropy(
        z, one_of(y) * (p[:, :1] - p[:, :1].mean())
    ),
    "counts": lambda z, y, p: F.poisson_nll_loss(z, y[:, None].float().expand_as(z)),
    "rates": lambda z, y, p: F.poisson_nll_loss(
        F.softplus(z), (y[:, None] == 1).float().expand_as(z), log_input=False
    ),
    "many counts of a softplus": lambda z, y, p: F.poisson_nll_loss(
        F.softplus(z), y[:, None].float().expand_as(z) + 2
    ),
    "signs": lambda z, y, p: F.soft_margin_loss(z, 2.0 * one_of(y) - 1),
    "signs for pairs": lambda z, y, p: F.cosine_embedding_loss(
        z[:128], z[128:], 2.0 * (y[:128] == y[128:]) - 1
    ),
    "pairs that all are alike": lambda z, y, p: F.cosine_embedding_loss(z, p, torch.ones(256)),
    "a mask of what is to be alike": lambda z, y, p: F.cosine_embedding_loss(z, p, (y > 0).float()),
    "a mask beside another loss": lambda z, y, p: (
        F.cross_entropy(z, y)
        + F.cosine_embedding_loss(z[:128], z[128:], (y[:128] == y[128:]).float())
    ),
    "a ranking": lambda z, y, p: F.margin_ranking_loss(z[:, 0], z[:, 1], 2.0 * (y > 0) - 1),
    "a list of classes": lambda z, y, p: F.multilabel_margin_loss(
        z, torch.stack([y, -torch.ones_like(y), -torch.ones_like(y)], 1)
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_a_loss_does_not_take_is_told(tmp_path: Path, name: str) -> None:
    (finding,) = told(tmp_path, MISTAKES[name])
    assert "where it takes" in finding.title
    assert finding.remedies


@pytest.mark.parametrize("name", RIGHT)
def test_what_comes_close_and_is_right_is_not(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, RIGHT[name]) == []
