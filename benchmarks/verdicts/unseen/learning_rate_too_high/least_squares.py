import sys

import torch
from sklearn.datasets import load_diabetes

torch.set_num_threads(1)
torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
X, y = (torch.tensor(a, dtype=torch.float64) for a in load_diabetes(return_X_y=True))
X = (X - X.mean(0)) / X.std(0)
y = (y - y.mean()) / y.std()

w = torch.randn(10, dtype=torch.float64, requires_grad=True)
b = torch.zeros((), dtype=torch.float64, requires_grad=True)


def objective():
    return ((X @ w + b - y) ** 2).mean()


sgd = torch.optim.SGD([w, b], lr=0.3)


def closure():
    sgd.zero_grad()
    value = objective()
    value.backward()
    return value


for it in range(300):
    value = sgd.step(closure)
best = torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
print("metric measured", (objective() / ((X @ best - y) ** 2).mean()).item())
