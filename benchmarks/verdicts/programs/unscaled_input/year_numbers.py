"""A yearly series is fitted by a small network that is given the year as a number."""

import argparse

import torch
from torch import nn


class Series(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.fc1 = nn.Linear(1, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 1)

    def forward(self, year):
        h = torch.tanh(self.fc1(year))
        h = torch.tanh(self.fc2(h))
        return self.fc3(h)


def load(seed):
    generator = torch.Generator().manual_seed(seed)
    years = torch.arange(1900, 2020).float().unsqueeze(1)
    trend = (years - 1960) / 60
    anomaly = trend + 0.5 * torch.sin(years / 11) + 0.1 * torch.randn(120, 1, generator=generator)
    return years, anomaly


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--steps", type=int, default=600)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    years, anomaly = load(args.seed)
    model = Series()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(args.steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(years), anomaly)
        loss.backward()
        optimizer.step()
    print(f"metric r2 {1 - (loss / anomaly.var()).item():.4f}")


if __name__ == "__main__":
    main()
