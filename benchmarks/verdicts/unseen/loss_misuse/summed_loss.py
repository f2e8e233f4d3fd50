import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
torch.set_num_threads(1)
digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).div(16).unsqueeze(1)
y = torch.tensor(digits.target)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3),
    nn.ReLU(),
    nn.Conv2d(12, 24, 3),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(24 * 16, 10),
)
criterion = nn.CrossEntropyLoss(reduction="sum")
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(6):
    for b in torch.randperm(1500).split(100):
        opt.zero_grad()
        criterion(model(X[b]), y[b]).backward()
        opt.step()
print("metric measured", (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item())
