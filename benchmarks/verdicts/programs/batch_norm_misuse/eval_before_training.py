"""A network with batch normalisation that is in evaluation mode during its training."""

import sys

import torch
from sklearn.datasets import load_wine
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_wine(return_X_y=True)
x, y = torch.tensor(x).float(), torch.tensor(y)

model = nn.Sequential(
    nn.BatchNorm1d(13),  # the columns have very different sizes
    nn.Linear(13, 32),
    nn.ReLU(),
    nn.BatchNorm1d(32),
    nn.Linear(32, 3),
)
model.eval()
print("untrained:", (model(x).argmax(1) == y).float().mean().item())

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(30):
    for rows in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()

model.eval()
accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
