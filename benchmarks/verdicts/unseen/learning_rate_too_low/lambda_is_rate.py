import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn, optim
from torch.optim.lr_scheduler import LambdaLR

cli = argparse.ArgumentParser()
cli.add_argument("--seed", type=int, default=0)
torch.manual_seed(cli.parse_args().seed)
torch.set_num_threads(1)

bunch = load_wine()
X = torch.tensor(bunch.data).float()
X = (X - X.mean(0)) / X.std(0)
y = torch.tensor(bunch.target)

net = nn.Sequential(nn.Linear(13, 32), nn.GELU(), nn.Linear(32, 3))
base_lr = 0.01
opt = optim.SGD(net.parameters(), lr=base_lr, momentum=0.9)
sched = LambdaLR(opt, lambda epoch: base_lr * 0.98**epoch)

for epoch in range(40):
    for b in torch.randperm(len(X)).split(30):
        opt.zero_grad()
        nn.functional.cross_entropy(net(X[b]), y[b]).backward()
        opt.step()
    sched.step()
print("metric measured", nn.functional.cross_entropy(net(X), y).item())
