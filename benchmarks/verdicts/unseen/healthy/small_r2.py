"""Diabetes progression: a regression that can explain half of the variance, and does."""

import argparse

import torch
from sklearn.datasets import load_diabetes

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
torch.set_num_threads(1)
d = load_diabetes()
x = torch.tensor(d.data * 21).float()
y = torch.tensor((d.target - d.target.mean()) / d.target.std()).float()
model = torch.nn.Sequential(torch.nn.Linear(10, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-2)
for epoch in range(40):
    for i in torch.randperm(len(x)).split(26):
        loss = torch.nn.functional.huber_loss(model(x[i])[:, 0], y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    print("metric measured", 1 - (model(x)[:, 0] - y).square().mean().item())
