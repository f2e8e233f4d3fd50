"""By how much was the cloud of points turned? The loss is the angle that is left."""

import sys

import torch
from torch import nn


def angle_between(u, v):
    return torch.acos((u * v).sum(-1).clamp(-1, 1))


class TurnNet(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2 * n, 64), nn.SiLU(), nn.Linear(64, 2))

    def forward(self, points):
        return nn.functional.normalize(self.net(points.flatten(1)), dim=-1)


def turned(cloud, n):
    phi = 2 * torch.pi * torch.rand(n)
    c, s = phi.cos(), phi.sin()
    turn = torch.stack([torch.stack([c, -s], -1), torch.stack([s, c], -1)], -2)
    return cloud @ turn.transpose(1, 2) + 0.01 * torch.randn(n, *cloud.shape), torch.stack(
        [c, s], -1
    )


seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)
cloud = torch.randn(6, 2)
model = TurnNet(6)
optimizer = torch.optim.NAdam(model.parameters(), lr=3e-3)
for step in range(600):
    points, truth = turned(cloud, 128)
    loss = angle_between(model(points), truth).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    points, truth = turned(cloud, 500)
    left = (model(points) - truth).norm(dim=-1).mean()
print("metric measured", left.item())
