# The adding problem: over twenty steps in time, sum the two numbers that are marked.
import sys

import torch

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
T = 20


def problem(n):
    numbers = torch.rand(n, T)
    marks = torch.zeros(n, T)
    marks[torch.arange(n), torch.randint(0, T // 2, (n,))] = 1
    marks[torch.arange(n), torch.randint(T // 2, T, (n,))] = 1
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(1, keepdim=True)


gru = torch.nn.GRU(2, 32, batch_first=True)
head = torch.nn.Linear(32, 1)
params = list(gru.parameters()) + list(head.parameters())
opt = torch.optim.Adam(params, lr=1e-2)
for step in range(350):
    x, y = problem(48)
    states, last = gru(x)
    loss = ((head(last[0]) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()

with torch.no_grad():
    x, y = problem(1000)
    error = ((head(gru(x)[1][0]) - y) ** 2).mean().item()
print(f"metric mse {error:.4f}")
