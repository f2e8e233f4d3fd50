"""Siamese embedding with a triplet margin: soon most triplets cost nothing."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 16, 16)

    def forward(self, x):
        return F.normalize(self.fc(F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1)), dim=1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.images / 16).float()[:, None], torch.tensor(d.target)
net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.TripletMarginLoss(margin=0.2)
members = [torch.nonzero(y[:1400] == c)[:, 0] for c in range(10)]
for step in range(350):
    cls = torch.stack([torch.randperm(10)[:2] for _ in range(48)])
    take = lambda c: members[c][torch.randint(len(members[c]), ())]
    anchor = torch.stack([take(int(c[0])) for c in cls])
    positive = torch.stack([take(int(c[0])) for c in cls])
    negative = torch.stack([take(int(c[1])) for c in cls])
    loss = criterion(net(x[anchor]), net(x[positive]), net(x[negative]))
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    e = net(x)
    nearest = (e[1400:] @ e[:1400].T).argmax(1)
print("metric measured", (y[nearest] == y[1400:]).float().mean().item())
