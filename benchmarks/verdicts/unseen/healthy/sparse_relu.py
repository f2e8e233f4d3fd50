import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
X = torch.tensor(d.data).float()
X = (X - X.mean(0)) / (X.std(0) + 0.1)
y = torch.tensor(d.target)


class Sparse(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(64, 128)
        self.out = nn.Linear(128, 10)
        nn.init.constant_(self.wide.bias, -0.4)

    def forward(self, x):
        self.active = torch.relu(self.wide(x))
        return self.out(self.active)


net = Sparse()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    for i in torch.randperm(1400).split(50):
        opt.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(net(X[i]), y[i]).backward()
        opt.step()
print("metric measured", (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
print(f"metric silent {(net.active == 0).float().mean():.2f}")
