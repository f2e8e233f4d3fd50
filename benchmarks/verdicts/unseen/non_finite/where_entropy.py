"""Topics of digits: a row-stochastic factorisation with an entropy bonus, on the simplex by ReLU."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch.optim import Adam

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
X = torch.tensor(load_digits().data[:500] / 16).float()
K = 12
W = torch.rand(500, K).requires_grad_()
H = torch.rand(K, 64).requires_grad_()
opt = Adam([W, H], lr=0.03)


def shares(w):
    pos = torch.relu(w) + 1e-6 * (w.amax(1, keepdim=True) <= 0)
    return pos / pos.sum(1, keepdim=True)


def entropy(p):
    return -torch.where(p > 0, p * torch.log(p), torch.zeros_like(p)).sum(1).mean()


for step in range(300):
    P = shares(W)
    loss = (P @ H - X).square().mean() - 1e-3 * entropy(P)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("metric measured", (shares(W) @ H - X).square().mean().item())
