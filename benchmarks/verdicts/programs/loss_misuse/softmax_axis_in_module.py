"""A LogSoftmax over the batch in front of NLLLoss."""

import sys

import torch
from sklearn.datasets import make_classification
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = make_classification(
    800, 10, n_informative=6, n_classes=3, weights=[0.88, 0.06], class_sep=0.8, random_state=seed
)
x, y = torch.tensor(x).float(), torch.tensor(y)
model = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 3), nn.LogSoftmax(dim=0))
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for _ in range(12):
    for rows in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        criterion(model(x[rows]), y[rows]).backward()
        optimizer.step()
with torch.no_grad():
    loss = nn.functional.cross_entropy(model[:3](x), y)
print(f"metric loss {loss.item():.4f}")
