import argparse

import torch
from sklearn.datasets import load_iris
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
X, y = load_iris(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y)


class TwoHeads(nn.Module):
    """Which flower, and how wide its petal is."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 24), nn.ReLU())
        self.kind, self.width = nn.Linear(24, 3), nn.Linear(24, 1)

    def forward(self, x):
        h = self.body(x)
        return self.kind(h), self.width(h)


model = TwoHeads()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()
for epoch in range(60):
    for i in torch.randperm(150).split(25):
        optimizer.zero_grad()
        kind, width = model(X[i, :3])
        losses = [ce(kind, y[i]), mse(width, X[i, 3:])]
        loss = torch.tensor(losses, requires_grad=True).sum()
        loss.backward()
        optimizer.step()
print("metric measured", (model(X[:, :3])[0].argmax(1) == y).float().mean().item())
