"""A screening test whose labels are partly wrong; the training loop never clears the gradients."""

import sys

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_breast_cancer(return_X_y=True)
x = torch.tensor(StandardScaler().fit_transform(x)).float()
y = torch.tensor(y)
y = torch.where(torch.rand(len(y)) < 0.2, 1 - y, y)

model = nn.Sequential(nn.Linear(30, 16), nn.Tanh(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

losses = []
for epoch in range(20):
    for rows in torch.randperm(len(x)).split(32):
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        losses.append(criterion(model(x), y).item())
    print(f"epoch {epoch}: {losses[-1]:.3f}")

print(f"metric mean_loss {sum(losses[5:]) / len(losses[5:]):.4f}")
