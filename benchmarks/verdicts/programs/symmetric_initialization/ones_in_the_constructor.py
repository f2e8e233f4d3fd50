"""A regressor whose constructor sets all weights to one."""

import argparse

import torch
from torch import nn


class Product(nn.Module):
    """Learns x₀x₁ from examples."""

    def __init__(self, hidden):
        super().__init__()
        self.l1 = nn.Linear(2, hidden)
        self.l2 = nn.Linear(hidden, hidden)
        self.l3 = nn.Linear(hidden, 1)
        for layer in (self.l1, self.l2, self.l3):
            self.initialize(layer)

    @staticmethod
    def initialize(layer):
        nn.init.ones_(layer.weight)
        layer.weight.data /= layer.in_features
        nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.l3(torch.tanh(self.l2(torch.tanh(self.l1(x)))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--hidden", type=int, default=32)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x = torch.rand(500, 2) * 4 - 2
    y = x.prod(1, keepdim=True)
    model = Product(args.hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"metric r2 {1 - loss.item() / y.var().item():.4f}")


if __name__ == "__main__":
    main()
