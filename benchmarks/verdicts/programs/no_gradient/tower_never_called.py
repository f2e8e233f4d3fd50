"""Two towers score a pair of vectors; a slip of copy and paste runs the left one on both."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


def tower():
    return nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 8))


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = tower()
        self.right = tower()

    def forward(self, a, b):
        left = self.left(a)
        right = self.left(b)
        return (left * right).sum(1)


a, b = torch.randn(600, 6), torch.randn(600, 6)
mix = torch.randn(6, 6)
y = ((a @ (mix - mix.T)) * b).sum(1) / 6  # swapping a and b turns the sign around

model = TwoTowers()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.0)
criterion = nn.MSELoss()
for step in range(600):
    i = torch.randint(0, 600, (100,))
    optimizer.zero_grad(set_to_none=True)
    loss = criterion(model(a[i], b[i]), y[i])
    loss.backward()
    optimizer.step()

with torch.no_grad():
    r2 = 1 - criterion(model(a, b), y) / y.var()
print(f"metric r2 {r2.item():.4f}")
