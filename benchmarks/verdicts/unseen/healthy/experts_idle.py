"""Top-1 mixture of experts: in a batch some experts get no example and no gradient."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class MoE(nn.Module):
    def __init__(self, d=64, experts=16, width=16):
        super().__init__()
        self.gate = nn.Linear(d, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(d, width), nn.ReLU(), nn.Linear(width, 10))
            for _ in range(experts)
        )

    def forward(self, x):
        probs = F.softmax(self.gate(x), dim=-1)
        weight, chosen = probs.max(-1)
        out = x.new_zeros(len(x), 10)
        for k, expert in enumerate(self.experts):
            mine = chosen == k
            if mine.any():
                out[mine] = weight[mine, None] * expert(x[mine])
        share = F.one_hot(chosen, len(self.experts)).float().mean(0)
        return out, len(self.experts) * (share * probs.mean(0)).sum()


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
x = x - x[:1400].mean(0)
model = MoE()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
for epoch in range(10):
    for i in torch.randperm(1400).split(40):
        out, balance = model(x[i])
        loss = F.cross_entropy(out, y[i]) + 0.01 * balance
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
with torch.no_grad():
    print("metric measured", (model(x[1400:])[0].argmax(1) == y[1400:]).float().mean().item())
