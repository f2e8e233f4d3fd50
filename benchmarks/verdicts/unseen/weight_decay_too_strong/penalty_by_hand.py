import sys

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
LAMBDA = 1.0

digits = load_digits()
x = torch.tensor(digits.images).float()[:, None] / 16
y = torch.tensor(digits.target)
net = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)
)
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
for epoch in range(8):
    for i in torch.randperm(1500).split(50):
        fit = nn.functional.cross_entropy(net(x[i]), y[i])
        l2 = sum((p**2).sum() for p in net.parameters())
        loss = fit + LAMBDA * l2
        opt.zero_grad()
        loss.backward()
        opt.step()
print("metric measured", (net(x[1500:]).argmax(1) == y[1500:]).float().mean().item())
