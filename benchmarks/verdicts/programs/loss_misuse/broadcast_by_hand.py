"""Bare tensors and a squared error written by hand; the target is a column, the output a row."""

import sys

import torch


def make_data(n, generator):
    x = torch.rand(n, 3, generator=generator) * 4 - 2
    y = torch.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:]
    return x, y


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    generator = torch.Generator().manual_seed(seed)
    x, y = make_data(256, generator)
    w1 = torch.randn(3, 32, generator=generator).requires_grad_()
    b1 = torch.zeros(32, requires_grad=True)
    w2 = (torch.randn(32, generator=generator) / 6).requires_grad_()
    b2 = torch.zeros((), requires_grad=True)

    def predict(x):
        return torch.tanh(x @ w1 + b1) @ w2 + b2

    def squared_error(prediction, target):
        return ((prediction - target) ** 2).mean()

    optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=0.02)
    for _ in range(500):
        loss = squared_error(predict(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        r2 = 1 - (y[:, 0] - predict(x)).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
