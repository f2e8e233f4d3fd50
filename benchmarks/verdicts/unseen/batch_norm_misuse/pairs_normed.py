import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
BATCH = 2
d = load_digits()
X, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)


def block(a, b):
    return nn.Sequential(nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.ReLU(inplace=True))


model = nn.Sequential(block(64, 32), block(32, 32), block(32, 32), nn.Linear(32, 10))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(2):
    model.train()
    for i in torch.randperm(1400).split(BATCH):
        opt.zero_grad()
        nn.functional.cross_entropy(model(X[i]), y[i]).backward()
        opt.step()
model.eval()
with torch.no_grad():
    print("metric measured", (model(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
