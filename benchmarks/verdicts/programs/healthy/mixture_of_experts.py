"""Four experts and a gate that picks by weight; every example uses each a little."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

points, labels = make_moons(1000, noise=0.15, random_state=seed)
x = torch.tensor(points, dtype=torch.float32)
y = torch.tensor(labels)


class Mixture(nn.Module):
    def __init__(self, experts=4):
        super().__init__()
        self.gate = nn.Linear(2, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2)) for _ in range(experts)
        )

    def forward(self, x):
        weights = self.gate(x).softmax(dim=1)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        return (weights.unsqueeze(2) * outputs).sum(dim=1)


model = Mixture()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(300):
    batch = torch.randint(800, (64,))
    loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(x[800:]).argmax(1) == y[800:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
