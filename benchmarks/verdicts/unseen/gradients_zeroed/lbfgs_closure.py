import argparse

import torch
from sklearn.datasets import load_iris

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)

iris = load_iris()
inputs = torch.tensor(iris.data - iris.data.mean(0))
classes = torch.tensor(iris.target)
model = torch.nn.Linear(4, 3).double()
solver = torch.optim.LBFGS(model.parameters(), max_iter=10, line_search_fn="strong_wolfe")


def closure():
    loss = torch.nn.functional.cross_entropy(model(inputs), classes)
    loss = loss + 1e-3 * sum(p.square().sum() for p in model.parameters())
    if torch.is_grad_enabled():
        loss.backward()
    solver.zero_grad(set_to_none=False)
    return loss


for outer in range(15):
    solver.step(closure)
print("metric measured", closure().item())
