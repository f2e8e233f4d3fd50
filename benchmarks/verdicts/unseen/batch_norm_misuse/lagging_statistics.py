"""A normed classifier, carried over from another framework."""

import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
net = nn.Sequential(
    nn.Linear(64, 64), nn.BatchNorm1d(64, momentum=0.001), nn.ReLU(),
    nn.Linear(64, 64), nn.BatchNorm1d(64, momentum=0.001), nn.ReLU(),
    nn.Linear(64, 10),
)  # fmt: skip
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
loader = DataLoader(TensorDataset(x[:1500], y[:1500]), batch_size=50, shuffle=True)
history = []
for epoch in range(5):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        history.append(nn.functional.cross_entropy(net(x[1500:]), y[1500:]).item())
print("metric measured", float(np.mean(history)))
