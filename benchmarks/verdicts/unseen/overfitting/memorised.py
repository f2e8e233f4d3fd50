import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
X, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
perm = torch.randperm(len(X))
train, val = perm[:60], perm[1300:]
# A quarter of the labels was entered by chance.
wrong = torch.rand(len(y)) < 0.25
y = torch.where(wrong, torch.randint(10, y.shape), y)
net = nn.Sequential(
    nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
history = []
for epoch in range(150):
    net.train()
    for i in train[torch.randperm(len(train))].split(20):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val_loss = nn.functional.cross_entropy(net(X[val]), y[val])
    history.append(val_loss.item())
print("metric measured", history[-1] / min(history))
