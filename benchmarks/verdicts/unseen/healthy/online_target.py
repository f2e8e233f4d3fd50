"""BYOL on digits: an online net predicts what a slow copy of it says of another view."""

import argparse
import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
X = torch.tensor(d.data / 16).float()
online = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
predictor = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32))
target = copy.deepcopy(online)
opt = torch.optim.Adam([*online.parameters(), *predictor.parameters()], lr=1e-3)


def view(x):
    return x * (torch.rand_like(x) > 0.2) + 0.05 * torch.randn_like(x)


for step in range(250):
    x = X[torch.randint(len(X), (64,))]
    p = F.normalize(predictor(online(view(x))), dim=1)
    with torch.no_grad():
        z = F.normalize(target(view(x)), dim=1)
    loss = (2 - 2 * (p * z).sum(1)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for slow, fast in zip(target.parameters(), online.parameters()):
            slow.mul_(0.98).add_(fast, alpha=0.02)
online.eval()
with torch.no_grad():
    h = online(X).numpy()
probe = LogisticRegression(max_iter=300).fit(h[:1000], d.target[:1000])
print("metric measured", probe.score(h[1000:], d.target[1000:]))
