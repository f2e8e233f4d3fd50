"""Demand for electricity from the time of day, the temperature and the date."""

import argparse
from datetime import UTC, datetime, timedelta

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def history(hours):
    start = datetime(2023, 1, 1, tzinfo=UTC)
    stamps = torch.tensor(
        [(start + timedelta(hours=h)).timestamp() for h in range(0, hours, 7)]
    ).double()
    clock = stamps / 3600 % 24
    season = 2 * torch.pi * (stamps - stamps[0]) / (365 * 24 * 3600)
    temperature = 10 - 12 * torch.cos(season) + 3 * torch.randn(len(stamps))
    demand = 50 + 8 * torch.sin(2 * torch.pi * (clock - 9) / 24) - 0.6 * temperature
    demand += 2.0 * torch.randn(len(stamps)) + 6 * (stamps - stamps[0]) / 3e7
    return stamps, clock, temperature, demand


def features(stamps, clock, temperature):
    day = 2 * torch.pi * clock / 24
    when = stamps
    return torch.stack([when, day.sin(), day.cos(), (temperature - 10) / 10], 1).float()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lr", type=float, default=3e-3)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    stamps, clock, temperature, demand = history(9000)
    x = features(stamps, clock, temperature)
    y = ((demand - demand.mean()) / demand.std()).float()
    loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
    model = nn.Sequential(
        nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.HuberLoss()
    for _ in range(25):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss_fn(model(xb).squeeze(-1), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("metric measured", 1 - (model(x).squeeze(-1) - y).square().mean().item())


main()
