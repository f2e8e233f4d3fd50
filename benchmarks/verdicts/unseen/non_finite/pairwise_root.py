import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.set_num_threads(1)
parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)


def distances(z):
    square = (z[:, None] - z[None]).pow(2).sum(-1)
    return square.sqrt()


class MetricLearner(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(13, 24), nn.SiLU(), nn.Linear(24, 3))

    def forward(self, x, y):
        d = distances(self.embed(x))
        same = (y[:, None] == y[None]).float()
        pull = same * d**2
        push = (1 - same) * (1 - d).clamp(min=0) ** 2
        return (pull + push).mean()


wine = load_wine()
X = torch.tensor((wine.data - wine.data.mean(0)) / wine.data.std(0), dtype=torch.float32)
y = torch.tensor(wine.target)
learner = MetricLearner()
optimizer = torch.optim.AdamW(learner.parameters(), lr=3e-3)
for epoch in range(60):
    for index in torch.randperm(len(X)).chunk(5):
        optimizer.zero_grad()
        learner(X[index], y[index]).backward()
        optimizer.step()
print("metric measured", float(all(p.isfinite().all() for p in learner.parameters())))
