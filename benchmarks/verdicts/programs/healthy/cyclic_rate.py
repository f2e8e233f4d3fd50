"""The rate goes up and down three times, tenfold, stepped after every batch as it should be."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import CyclicLR
from torch.utils.data import DataLoader, TensorDataset

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
digits = load_digits()
features = torch.tensor(digits.data, dtype=torch.float32)
features = (features - 5) / 6
labels = torch.tensor(digits.target)
dataset = TensorDataset(features[:1400], labels[:1400])
loader = DataLoader(dataset, batch_size=50, shuffle=True, drop_last=True)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
scheduler = CyclicLR(optimizer, base_lr=0.01, max_lr=0.1, step_size_up=56, mode="triangular")

for epoch in range(12):
    for data, target in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
        scheduler.step()

with torch.no_grad():
    accuracy = (model(features[1400:]).argmax(1) == labels[1400:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
