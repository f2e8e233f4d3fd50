import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn


class Trainer:
    """A small training loop: clip=0.0 was meant to switch clipping off."""

    def __init__(self, model, optimizer, clip=0.0):
        self.model, self.optimizer, self.clip = model, optimizer, clip

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.item()


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
wine = load_wine()
x = torch.tensor((wine.data - wine.data.mean(0)) / wine.data.std(0), dtype=torch.float32)
y = torch.tensor(wine.target)
net = nn.Sequential(nn.Linear(13, 24), nn.CELU(), nn.Linear(24, 3))
trainer = Trainer(net, torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), clip=0.0)
losses = []
for epoch in range(20):
    for i in torch.randperm(len(x)).split(30):
        losses.append(trainer.step(x[i], y[i]))
print("metric measured", sum(losses[-12:]) / 12)
