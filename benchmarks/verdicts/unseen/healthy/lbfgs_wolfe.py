import argparse

import torch
from sklearn.datasets import load_breast_cancer

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0))
y = torch.tensor(y, dtype=torch.float64)
w = torch.zeros(30, dtype=torch.float64, requires_grad=True)
b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
opt = torch.optim.LBFGS([w, b], lr=1, max_iter=20, history_size=10, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(X @ w + b, y) + 5e-3 * w @ w
    loss.backward()
    return loss


for _ in range(10):
    opt.step(closure)
print("metric measured", ((X @ w + b > 0) == (y > 0)).double().mean().item())
