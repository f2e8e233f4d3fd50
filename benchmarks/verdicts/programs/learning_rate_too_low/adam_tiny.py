"""Wine cultivars with a small net; the rate was copied from a paper on fine-tuning."""

import sys

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

wine = load_wine()
x = torch.tensor(StandardScaler().fit_transform(wine.data)).float()
y = torch.tensor(wine.target)

net = nn.Sequential(nn.Linear(13, 32), nn.GELU(), nn.Linear(32, 3))
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-6)

for epoch in range(100):
    for batch in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()

with torch.no_grad():
    loss = nn.functional.cross_entropy(net(x), y).item()
print("metric loss", loss)
