import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_diabetes()
X = torch.tensor(d.data / d.data.std(0), dtype=torch.float32)
target = torch.tensor(d.target, dtype=torch.float32)[:, None]


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = torch.nn.Linear(10, 32)
        self.hidden2 = torch.nn.Linear(32, 32)
        self.out = torch.nn.Linear(32, 1)

    def forward(self, x):
        x = torch.tanh(self.hidden(x))
        x = torch.tanh(self.hidden2(x))
        return self.out(x)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(60):
    for i in torch.randperm(len(X)).split(32):
        opt.zero_grad()
        F.mse_loss(net(X[i]), target[i]).backward()
        opt.step()
r2 = 1 - F.mse_loss(net(X), target) / target.var()
print("metric measured", r2.item() if torch.isfinite(r2) else -1.0)
