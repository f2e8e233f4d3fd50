"""A gradient inside the loss: the slope in the inputs is held down, so backward goes through backward."""

import sys

import torch
from sklearn.datasets import make_circles
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
points, sides = make_circles(600, noise=0.08, factor=0.5, random_state=seed)
x = torch.tensor(points, dtype=torch.float32)
y = torch.tensor(sides, dtype=torch.float32)

critic = nn.Sequential(
    nn.Linear(2, 40), nn.Softplus(), nn.Linear(40, 40), nn.Softplus(), nn.Linear(40, 1)
)
optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)

for step in range(300):
    chosen = torch.randint(480, (64,))
    inputs = x[chosen].requires_grad_(True)
    scores = critic(inputs).squeeze(-1)
    (slope,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    penalty = (slope.norm(dim=1) - 3).clamp(min=0).pow(2).mean()
    loss = nn.functional.binary_cross_entropy_with_logits(scores, y[chosen]) + 0.05 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    right = (critic(x[480:]).squeeze(-1) > 0) == (y[480:] > 0)
print(f"metric accuracy {right.float().mean().item():.3f}")
