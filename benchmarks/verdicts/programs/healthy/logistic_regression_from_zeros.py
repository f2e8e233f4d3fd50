"""Logistic regression by hand, full batch, from weights of zero, on the breast-cancer data."""

import sys

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_breast_cancer()
x = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)
order = torch.randperm(len(x))
train, test = order[:400], order[400:]

w = torch.zeros(x.shape[1], requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.3)
for epoch in range(300):
    logits = x[train] @ w + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[train])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = ((x[test] @ w + b > 0) == y[test].bool()).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
