"""Softmax regression on the digits, in bare tensors."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits


def main(seed):
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    weight = (torch.randn(64, 10) * 0.05).requires_grad_(True)
    bias = torch.zeros(10, requires_grad=True)
    optimizer = torch.optim.SGD([weight, bias], lr=1e-4)

    def closure(rows):
        optimizer.zero_grad()
        loss = F.cross_entropy(x[rows] @ weight + bias, y[rows])
        loss.backward()
        return loss

    for step in range(600):
        rows = torch.randint(len(x), (50,))
        optimizer.step(lambda: closure(rows))
    with torch.no_grad():
        return F.cross_entropy(x @ weight + bias, y).item()


if __name__ == "__main__":
    print("metric loss", main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
