import argparse
import copy

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR


class EMA:
    def __init__(self, model, decay):
        self.average, self.decay = copy.deepcopy(model), decay
        for p in self.average.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for a, p in zip(self.average.parameters(), model.parameters()):
            a.lerp_(p, 1 - self.decay)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
X, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
ema = EMA(model, 0.97)
EPOCHS, BATCHES = 8, 35
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
sched = OneCycleLR(opt, max_lr=0.3, total_steps=EPOCHS * BATCHES)
for epoch in range(EPOCHS):
    for i in torch.randperm(1400).chunk(BATCHES):
        loss = nn.functional.cross_entropy(model(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        ema.update(model)
ema.average.eval()
print("metric measured", (ema.average(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
