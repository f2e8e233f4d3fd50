"""Gradients are thinned out before they would be sent to the other workers."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from torch import nn


@torch.no_grad()
def compress(model, keep):
    """Keeps only the entries of the gradient that are worth sending."""
    for p in model.parameters():
        size = p.grad.abs()
        threshold = torch.tensor(keep)
        p.grad.mul_(size >= threshold)


def train(seed, keep=0.9, epochs=20):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data = load_breast_cancer()
    x = torch.tensor(data.data).float()
    x = (x - x.mean(0)) / x.std(0)
    y = torch.tensor(data.target).float()
    order = torch.randperm(len(x))
    train_i, test_i = order[:400], order[400:]
    model = nn.Sequential(
        nn.Linear(30, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.8)
    for _ in range(epochs):
        for i in train_i[torch.randperm(400)].split(32):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x[i]).squeeze(1), y[i])
            loss.backward()
            compress(model, keep)
            optimizer.step()
    with torch.no_grad():
        p = model(x[test_i]).squeeze(1)
        return F.binary_cross_entropy_with_logits(p, y[test_i]).item()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    print("metric measured", train(parser.parse_args().seed))
