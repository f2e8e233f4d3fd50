"""Fine-tuning: a network learns the digits 0 to 4; then it is frozen, and a new head learns 5 to 9."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
y = torch.tensor(digits.target)

backbone = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.Flatten(),
)  # fmt: skip


def fit(model, params, x, y, steps, lr):
    optimizer = torch.optim.Adam(params, lr=lr)
    for _ in range(steps):
        idx = torch.randint(len(x), (32,))
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


old = nn.Sequential(backbone, nn.Linear(24 * 16, 5))
fit(old, old.parameters(), x[y < 5], y[y < 5], 60, 3e-3)

for parameter in backbone.parameters():
    parameter.requires_grad = False
backbone.eval()
new = nn.Sequential(backbone, nn.Linear(24 * 16, 5))
xs, ys = x[y >= 5], y[y >= 5] - 5
fit(new, filter(lambda p: p.requires_grad, new.parameters()), xs[:700], ys[:700], 200, 3e-3)

with torch.no_grad():
    accuracy = (new(xs[700:]).argmax(1) == ys[700:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
