"""One body, three heads; each step trains one of the tasks."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

SETS = {"iris": load_iris, "wine": load_wine, "cancer": load_breast_cancer}


class Shared(nn.Module):
    def __init__(self, sizes, width=32):
        super().__init__()
        self.enter = nn.ModuleDict({k: nn.Linear(n, width) for k, (n, _) in sizes.items()})
        self.body = nn.Sequential(nn.Tanh(), nn.Linear(width, width), nn.Tanh())
        self.heads = nn.ModuleDict({k: nn.Linear(width, c) for k, (_, c) in sizes.items()})

    def forward(self, task, x):
        return self.heads[task](self.body(self.enter[task](x)))


def load(seed):
    tables = {}
    for name, loader in SETS.items():
        x, y = loader(return_X_y=True)
        x = torch.tensor((x - x.mean(0)) / x.std(0)).float()
        order = torch.randperm(len(x))
        tables[name] = (x[order], torch.tensor(y)[order])
    return tables


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    tables = load(seed)
    model = Shared({k: (x.shape[1], int(y.max()) + 1) for k, (x, y) in tables.items()})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    names = list(tables)
    for step in range(450):
        task = names[torch.randint(3, ()).item()]
        x, y = tables[task]
        i = torch.randint(int(0.7 * len(x)), (24,))
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(task, x[i]), y[i]).backward()
        optimizer.step()
    worst = 1.0
    with torch.no_grad():
        for task, (x, y) in tables.items():
            cut = int(0.7 * len(x))
            worst = min(worst, (model(task, x[cut:]).argmax(1) == y[cut:]).float().mean().item())
    print("metric measured", worst)
