"""Polynomial regression of blood pressure on age, with terms up to the third power."""

import sys

import torch
from sklearn.datasets import load_diabetes
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
table = load_diabetes(scaled=False).data
age = torch.tensor(table[:, 0:1], dtype=torch.float32) / 10
pressure = torch.tensor(table[:, 3:4], dtype=torch.float32)
pressure = (pressure - pressure.mean()) / pressure.std()
features = torch.cat([age, age**2, age**3], dim=1)

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=2e-5)
for epoch in range(20):
    for x, y in DataLoader(TensorDataset(features, pressure), batch_size=34, shuffle=True):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
print("metric measured", 1 - torch.nn.functional.mse_loss(model(features), pressure).item())
