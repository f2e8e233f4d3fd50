"""InfoNCE between two noisy views of a digit, the softmax written out."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--temperature", type=float, default=0.01)
a = ap.parse_args()
torch.manual_seed(a.seed)
torch.set_num_threads(1)
X = torch.tensor(load_digits().data / 16, dtype=torch.float32)
X = X - X.mean(0)
encoder = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 16))
opt = torch.optim.Adam(encoder.parameters(), lr=1e-3)


def info_nce(u, v):
    sim = F.normalize(u, dim=1) @ F.normalize(v, dim=1).T / a.temperature
    e = torch.exp(sim)
    return -torch.log(e.diagonal() / e.sum(1)).mean()


for step in range(300):
    x = X[torch.randint(len(X), (64,))]
    u = encoder(x + 0.05 * torch.randn_like(x))
    v = encoder(x + 0.05 * torch.randn_like(x))
    loss = info_nce(u, v)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("metric measured", float(torch.isfinite(loss)))
