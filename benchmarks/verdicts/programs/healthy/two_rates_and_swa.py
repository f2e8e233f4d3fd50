"""Two groups of weights with rates a hundred apart; the weights of the last epochs are averaged."""

import sys

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
cancer = load_breast_cancer()
x = torch.tensor(scale(cancer.data), dtype=torch.float32)
y = torch.tensor(cancer.target)
mixed = torch.randperm(len(x))
train, test = mixed[:450], mixed[450:]

body = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
head = nn.Linear(16, 2)
model = nn.Sequential(body, head)
optimizer = torch.optim.SGD(
    [{"params": body.parameters(), "lr": 0.001}, {"params": head.parameters(), "lr": 0.1}],
    momentum=0.9,
)
averaged = AveragedModel(model)
swa_scheduler = SWALR(optimizer, swa_lr=0.02, anneal_epochs=3)
for epoch in range(30):
    for picked in train[torch.randperm(450)].split(32):
        loss = nn.functional.cross_entropy(model(x[picked]), y[picked])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch >= 20:
        averaged.update_parameters(model)
        swa_scheduler.step()

with torch.no_grad():
    accuracy = (averaged(x[test]).argmax(1) == y[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
