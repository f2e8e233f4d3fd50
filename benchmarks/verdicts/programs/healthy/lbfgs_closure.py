"""Full-batch L-BFGS: a line search evaluates the closure several times for each step."""

import sys

import torch
from sklearn.datasets import load_breast_cancer

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_breast_cancer()
x = torch.tensor(data.data, dtype=torch.float64)
x = (x - x.mean(0)) / x.std(0)
y = torch.tensor(data.target, dtype=torch.float64)
order = torch.randperm(len(x))
train, test = order[:400], order[400:]

model = torch.nn.Sequential(torch.nn.Linear(30, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()
lbfgs = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=10, line_search_fn="strong_wolfe")


def closure():
    lbfgs.zero_grad()
    logits = model(x[train]).squeeze(1)
    penalty = sum((p**2).sum() for p in model.parameters())
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y[train]) + 1e-2 * penalty
    loss.backward()
    return loss


for step in range(15):
    lbfgs.step(closure)

with torch.no_grad():
    said = model(x[test]).squeeze(1) > 0
print(f"metric accuracy {(said == (y[test] > 0)).double().mean().item():.3f}")
