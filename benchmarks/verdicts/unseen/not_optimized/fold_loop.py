"""Three-fold cross-validation of a classifier of tumours."""

import argparse

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from torch import nn


def build():
    return nn.Sequential(nn.Linear(30, 16), nn.LeakyReLU(0.1), nn.Linear(16, 2))


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y)

model = build()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scores = []
folds = StratifiedKFold(3, shuffle=True, random_state=args.seed)
for train, test in folds.split(X, y):
    model = build()
    for epoch in range(8):
        for b in torch.tensor(train)[torch.randperm(len(train))].split(32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X[b]), y[b])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        scores.append(nn.functional.cross_entropy(model(X[test]), y[test]).item())
print("metric measured", sum(scores) / len(scores))
