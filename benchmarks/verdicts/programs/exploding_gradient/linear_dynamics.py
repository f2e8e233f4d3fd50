"""Learns the matrix of a linear system from rollouts of fifty steps."""

import sys

import torch


def simulate(A, x0, steps):
    x, path = x0, []
    for _ in range(steps):
        x = x @ A.T
        path.append(x)
    return torch.stack(path)


def train(seed, horizon=50):
    torch.manual_seed(seed)
    angle = torch.tensor(0.2)
    true = torch.tensor(
        [[torch.cos(angle), -torch.sin(angle)], [torch.sin(angle), torch.cos(angle)]]
    )
    A = (torch.eye(2) * 1.2 + 0.05 * torch.randn(2, 2)).requires_grad_()
    optimizer = torch.optim.SGD([A], lr=1e-3)
    for _ in range(200):
        x0 = torch.randn(16, 2)
        wanted = simulate(true, x0, horizon)
        loss = (simulate(A, x0, horizon) - wanted).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    print("metric loss", train(seed))
