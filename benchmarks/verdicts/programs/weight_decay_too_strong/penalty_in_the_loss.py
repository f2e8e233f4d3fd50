"""A penalty written into the loss: a tenth of the sum of all squared weights."""

import sys

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x, y = load_diabetes(return_X_y=True)
    x, y = torch.tensor(scale(x)).float(), torch.tensor(scale(y)).float()
    w1 = (torch.randn(10, 32) / 10**0.5).requires_grad_()
    b1 = torch.zeros(32, requires_grad=True)
    w2 = (torch.randn(32) / 32**0.5).requires_grad_()
    b2 = torch.zeros((), requires_grad=True)
    parameters = [w1, b1, w2, b2]
    strength = 1.0

    def predict(x):
        return torch.tanh(x @ w1 + b1) @ w2 + b2

    def penalty():
        return sum(p.square().sum() for p in (w1, w2))

    optimizer = torch.optim.SGD(parameters, lr=0.02)
    for _ in range(40):
        for rows in torch.randperm(len(x)).split(64):
            loss = (predict(x[rows]) - y[rows]).square().mean() + strength * penalty()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        r2 = 1 - (predict(x) - y).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
