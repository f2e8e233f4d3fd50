import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--depth", type=int, default=9)
args = ap.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)

X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X / 8 - 1, y, random_state=0)
Xa, Xb = (torch.tensor(a, dtype=torch.float32) for a in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

layers = [nn.Linear(64, 48), nn.Sigmoid()]
for _ in range(args.depth):
    layers += [nn.Linear(48, 48), nn.Sigmoid()]
net = nn.Sequential(*layers, nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(20):
    for idx in torch.randperm(len(Xa)).split(64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(Xa[idx]), ya[idx])
        loss.backward()
        opt.step()
print("metric measured", (net(Xb).argmax(1) == yb).float().mean().item())
