"""One small network for each kind of measurement, kept in a dict."""

import sys

import torch
import torch.nn.functional as F
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

KINDS = {"angle": 3, "distance": 5, "time": 2}


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.readers = {
            kind: nn.Sequential(nn.Linear(size, 6), nn.Tanh()) for kind, size in KINDS.items()
        }
        self.join = nn.Linear(6 * len(KINDS), 1)

    def forward(self, sample):
        read = [self.readers[kind](sample[kind]) for kind in KINDS]
        return self.join(torch.cat(read, dim=1)).squeeze(1)


data = {kind: torch.randn(500, size) for kind, size in KINDS.items()}
y = torch.cos(2 * data["angle"][:, 0]) + data["distance"][:, :2].prod(1) - data["time"][:, 0] ** 2

model = Fusion()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(500):
    rows = torch.randint(0, 500, (64,))
    loss = F.mse_loss(model({kind: v[rows] for kind, v in data.items()}), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    r2 = 1 - F.mse_loss(model(data), y) / y.var()
print(f"metric r2 {r2.item():.4f}")
