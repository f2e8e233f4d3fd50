"""Two measurements of very different size decide; the network hears only the louder one."""

import sys

import torch
from torch import nn


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    age = torch.rand(500) * 0.5
    weight = 3500 + 600 * torch.randn(500)
    dose = torch.randn(500)
    x = torch.stack([age, weight, dose], dim=1)
    y = ((age - 0.25) * 8 + dose + 0.2 * (weight - 3500) / 600 > 0).float().unsqueeze(1)

    model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step(rows):
        loss = criterion(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()

    for _ in range(40):
        for rows in torch.randperm(500).split(25):
            step(rows)
    with torch.no_grad():
        accuracy = ((model(x) > 0) == (y > 0)).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
