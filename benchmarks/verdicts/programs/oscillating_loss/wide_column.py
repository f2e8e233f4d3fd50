"""A robust linear fit in bare tensors; one column is written in other units."""

import sys

import torch
from sklearn.datasets import load_diabetes

UNITS = {2: 20.0}  # the body mass index, in a unit of one's own


def data():
    x, y = load_diabetes(return_X_y=True)
    x = torch.tensor(x / x.std(0), dtype=torch.float32)
    for column, factor in UNITS.items():
        x[:, column] *= factor
    return x, torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)


def fit(seed, steps=250):
    torch.manual_seed(seed)
    x, y = data()
    w = (0.1 * torch.randn(10)).requires_grad_()
    b = torch.zeros((), requires_grad=True)
    sgd = torch.optim.SGD([w, b], lr=0.1)

    def closure():
        sgd.zero_grad()
        loss = torch.nn.functional.huber_loss(x @ w + b, y, delta=0.05) / 0.05
        loss.backward()
        return loss

    for _ in range(steps):
        loss = sgd.step(closure)
    return loss.item()


if __name__ == "__main__":
    print("metric loss", fit(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
