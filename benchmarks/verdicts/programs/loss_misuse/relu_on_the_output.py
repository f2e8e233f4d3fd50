"""Forecasts of changes, up or down, by a network whose last layer has a ReLU like all others."""

import sys

import torch
from torch import nn


def block(n, m):
    return nn.Sequential(nn.Linear(n, m), nn.ReLU())


class Forecast:
    def __init__(self, window, seed):
        torch.manual_seed(seed)
        self.model = nn.Sequential(block(window, 32), block(32, 32), block(32, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=3e-3)

    def fit(self, x, y, steps):
        for _ in range(steps):
            rows = torch.randint(len(x), (64,))
            error = (self.model(x[rows]).squeeze(1) - y[rows]).square().mean()
            self.optimizer.zero_grad()
            error.backward()
            self.optimizer.step()

    @torch.no_grad()
    def r2(self, x, y):
        return 1 - ((self.model(x).squeeze(1) - y).square().mean() / y.var()).item()


def main(seed):
    time = torch.arange(600.0)
    series = torch.sin(time / 5) + 0.5 * torch.sin(time / 3 + seed)
    windows = series.unfold(0, 9, 1)
    x, y = windows[:, :8], 4 * (windows[:, 8] - windows[:, 7])
    forecast = Forecast(8, seed)
    forecast.fit(x, y, 400)
    print(f"metric r2 {forecast.r2(x, y):.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
