import argparse
from dataclasses import dataclass

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn


@dataclass(frozen=True)
class Config:
    seed: int
    lr: float = 3e-6
    epochs: int = 30
    hidden: int = 16


def load(cfg):
    X, y = load_breast_cancer(return_X_y=True)
    Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)
    mu, sd = Xa.mean(0), Xa.std(0)
    t = lambda a: torch.tensor(a, dtype=torch.float32)
    return t((Xa - mu) / sd), t((Xb - mu) / sd), t(ya), t(yb)


def fit(cfg):
    torch.manual_seed(cfg.seed)
    Xa, Xb, ya, yb = load(cfg)
    net = nn.Sequential(nn.Linear(30, cfg.hidden), nn.Tanh(), nn.Linear(cfg.hidden, 1))
    opt = torch.optim.SGD(net.parameters(), lr=cfg.lr, momentum=0.5)
    before = nn.functional.binary_cross_entropy_with_logits(net(Xa)[:, 0], ya).item()
    for _ in range(cfg.epochs):
        for i in torch.randperm(len(Xa)).split(32):
            opt.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(net(Xa[i])[:, 0], ya[i])
            loss.backward()
            opt.step()
    after = nn.functional.binary_cross_entropy_with_logits(net(Xa)[:, 0], ya).item()
    return 1 - after / before


torch.set_num_threads(1)
ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
print("metric measured", fit(Config(**vars(ap.parse_args()))))
