"""SGD with warm restarts and label smoothing: at each restart the loss jumps up."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
x, y = torch.tensor(d.images / 16).float()[:, None], torch.tensor(d.target)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1, bias=False),
    nn.BatchNorm2d(16),
    nn.Hardswish(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.1),
    nn.Linear(256, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
sched = CosineAnnealingWarmRestarts(opt, T_0=2, T_mult=2)
batches = 28
for epoch in range(6):
    for k, i in enumerate(torch.randperm(1400).split(50)):
        loss = nn.functional.cross_entropy(net(x[i]), y[i], label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step(epoch + k / batches)
net.eval()
print("metric measured", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
