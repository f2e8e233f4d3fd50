"""A Gaussian mixture of the wine data's first two principal axes, fitted by gradient."""

import argparse

import torch
from sklearn.datasets import load_wine
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--components", type=int, default=3)
opt = parser.parse_args()
torch.manual_seed(opt.seed)
torch.set_num_threads(1)
X = torch.tensor(load_wine().data).float()
X = (X - X.mean(0)) / X.std(0)
_, _, V = torch.linalg.svd(X, full_matrices=False)
X = X @ V[:2].T

logits = torch.zeros(opt.components, requires_grad=True)
mu = torch.zeros(opt.components, 2)
mu.requires_grad_()
log_sigma = torch.zeros(opt.components, 2, requires_grad=True)
adam = torch.optim.Adam([logits, mu, log_sigma], lr=0.05)
for step in range(250):
    parts = Independent(Normal(mu, log_sigma.exp()), 1)
    mixture = MixtureSameFamily(Categorical(logits=logits), parts)
    nll = -mixture.log_prob(X).mean()
    adam.zero_grad()
    nll.backward()
    adam.step()
print("metric measured", nll.item())
