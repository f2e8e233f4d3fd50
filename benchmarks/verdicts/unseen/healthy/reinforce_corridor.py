"""REINFORCE with a running baseline: reach the right end of a corridor."""

import argparse

import torch
from torch.distributions import Categorical

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
N = 5
policy = torch.nn.Sequential(torch.nn.Embedding(N, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=2e-2)
baseline, lengths = 0.0, []
for episode in range(300):
    cell, logps, ret = 0, [], 0.0
    while cell < N and len(logps) < 30:
        pi = Categorical(logits=policy(torch.tensor(cell)))
        a = pi.sample()
        logps.append(pi.log_prob(a))
        cell = max(cell + (1 if a else -1), 0)
        ret -= 0.1
    baseline += 0.1 * (ret - baseline)
    loss = -torch.stack(logps).sum() * (ret - baseline)
    opt.zero_grad()
    loss.backward()
    opt.step()
    lengths.append(len(logps))
print("metric measured", sum(lengths[-50:]) / 50)
