"""Sparse dictionary of the digits: ReLU code with an L1 price on it."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--sparsity", type=float, default=3.0)
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)

data = torch.tensor(load_digits().data / 16).float()
mean = data.mean(0)


class SAE(nn.Module):
    def __init__(self, d=64, k=128):
        super().__init__()
        self.enc = nn.Linear(d, k)
        self.dec = nn.Linear(k, d)

    def forward(self, x):
        code = torch.relu(self.enc(x - self.dec.bias))
        return self.dec(code), code


sae = SAE()
sae.dec.bias.data.copy_(mean)
opt = torch.optim.Adam(sae.parameters(), lr=3e-3)
for epoch in range(15):
    for x in DataLoader(data, batch_size=128, shuffle=True):
        out, code = sae(x)
        loss = ((out - x) ** 2).sum(1).mean() + args.sparsity * code.abs().sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    out, _ = sae(data)
    print("metric measured", 1 - float(((out - data) ** 2).sum() / ((data - mean) ** 2).sum()))
