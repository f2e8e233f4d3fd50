"""A tanh net for the moons, its biases drawn wide so that the units cover the plane."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import make_circles


def net(seed, spread):
    g = torch.Generator().manual_seed(seed)
    shapes = [(2, 40), (40, 40), (40, 1)]
    weights = [torch.randn(s, generator=g) / s[0] ** 0.5 for s in shapes]
    biases = [spread * torch.randn(s[1], generator=g) for s in shapes]
    biases[-1].zero_()
    return [t.requires_grad_() for t in weights], [t.requires_grad_() for t in biases]


def forward(x, weights, biases):
    for w, b in zip(weights[:-1], biases[:-1]):
        x = torch.tanh(x @ w + b)
    return (x @ weights[-1] + biases[-1]).squeeze(1)


if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x, y = make_circles(600, noise=0.05, factor=0.5, random_state=0)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    weights, biases = net(seed, spread=25.0)
    optimizer = torch.optim.SGD(weights + biases, lr=0.1)
    for step in range(500):
        rows = torch.randint(len(x), (64,))
        loss = F.binary_cross_entropy_with_logits(forward(x[rows], weights, biases), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(
            "metric loss", F.binary_cross_entropy_with_logits(forward(x, weights, biases), y).item()
        )
