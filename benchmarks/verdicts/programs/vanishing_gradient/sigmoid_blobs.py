"""Ten sigmoid layers that are to tell four clouds of points apart."""

import sys

import torch
from sklearn.datasets import make_blobs
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = make_blobs(n_samples=800, centers=4, n_features=6, cluster_std=1.5, random_state=3)
x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32)
y = torch.tensor(y)

layers = [nn.Linear(6, 24), nn.Sigmoid()]
for _ in range(9):
    layers.extend([nn.Linear(24, 24), nn.Sigmoid()])
layers.append(nn.Linear(24, 4))
model = nn.Sequential(*layers)

optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()

for epoch in range(25):
    for rows in torch.randperm(len(x)).split(50):
        loss = criterion(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
