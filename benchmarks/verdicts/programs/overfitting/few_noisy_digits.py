"""A wide network learns a hundred digits, some with wrong labels, by heart."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_digits()
x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)
order = torch.randperm(len(x))
train, valid = order[:120], order[400:900]
x_train, y_train = x[train], y[train].clone()
y_train[:40] = torch.randint(0, 10, (40,))

model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=0.0)

best = float("inf")
for epoch in range(80):
    model.train()
    for rows in torch.randperm(len(x_train)).split(20):
        optimizer.zero_grad()
        loss = criterion(model(x_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        validation = criterion(model(x[valid]), y[valid]).item()
    best = min(best, validation)
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: training {loss.item():.3f} validation {validation:.3f}")

print(f"metric last_over_best {validation / best:.4f}")
