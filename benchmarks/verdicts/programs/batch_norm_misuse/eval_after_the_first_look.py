"""Evaluation at the start of each epoch switches the mode, and nobody switches it back."""

import sys

import torch
import torch.nn.functional as F
from torch import nn


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        loss = F.mse_loss(model(x), y).item()
    return loss


def main(seed=0):
    torch.manual_seed(seed)
    x = 50 + 4 * torch.randn(600, 5)  # degrees; the batch norm takes care of them
    z = (x - 50) / 4
    y = (torch.sin(2 * z[:, :1]) + z[:, 1:2] * z[:, 2:3]) / 1.2
    model = nn.Sequential(
        nn.BatchNorm1d(5), nn.Linear(5, 48), nn.Tanh(), nn.BatchNorm1d(48), nn.Linear(48, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(30):
        loss = evaluate(model, x[500:], y[500:])
        if epoch % 10 == 0:
            print(f"epoch {epoch}: validation loss {loss:.4f}")
        for rows in torch.randperm(500).split(50):
            optimizer.zero_grad()
            F.mse_loss(model(x[rows]), y[rows]).backward()
            optimizer.step()
    print(f"metric unexplained {evaluate(model, x[:500], y[:500]) / y.var().item():.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
