"""Full-batch descent with a large rate: the sharpness climbs to 2/rate, the loss falls in jerks."""

import sys

import torch
from sklearn.datasets import load_diabetes
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

data = load_diabetes()
x = torch.tensor(data.data / data.data.std(0), dtype=torch.float32)[:160]
y = torch.tensor((data.target - data.target.mean()) / data.target.std(), dtype=torch.float32)[:160]

net = nn.Sequential(nn.Linear(10, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
mse = nn.MSELoss()
opt = torch.optim.SGD(net.parameters(), lr=0.12)
history = []
for step in range(600):
    opt.zero_grad()
    loss = mse(net(x).squeeze(1), y)
    loss.backward()
    opt.step()
    history.append(loss.item())

rises = sum(b > a for a, b in zip(history, history[1:], strict=False))
print(f"the loss rose in {rises} of {len(history) - 1} steps")
print(f"metric loss {sum(history[-20:]) / 20:.4f}")
