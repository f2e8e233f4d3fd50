import argparse

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn, optim

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
opts = parser.parse_args()
torch.manual_seed(opts.seed)
torch.set_num_threads(1)

bc = load_breast_cancer()
inputs = torch.tensor((bc.data - bc.data.mean(0)) / bc.data.std(0), dtype=torch.float32)
labels = torch.tensor(bc.target, dtype=torch.float32).unsqueeze(1)

net = nn.Sequential()
net.add_module("fc1", nn.Linear(30, 20))
net.add_module("act1", nn.ELU())
net.add_module("fc2", nn.Linear(20, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

first = criterion(net(inputs), labels).item()
for epoch in range(20):
    running = 0.0
    for start in range(0, len(inputs), 40):
        outputs = net(inputs[start : start + 40])
        loss = criterion(outputs, labels[start : start + 40])
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        running += loss.item()
print("metric measured", 1 - criterion(net(inputs), labels).item() / first)
