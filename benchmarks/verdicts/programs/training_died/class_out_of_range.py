"""Classes 1 to 5 in a file, of which the fifth is rare; the network has outputs 0 to 4."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

centres = torch.randn(5, 4) * 4
grade = torch.cat([torch.randint(1, 5, (290,)), torch.full((10,), 5)])
x = centres[grade - 1] + torch.randn(300, 4)
y = grade

model = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 5))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(20):
    for rows in torch.arange(300).split(20):
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.3f}")

accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
