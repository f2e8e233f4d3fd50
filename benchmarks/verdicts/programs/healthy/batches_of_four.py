"""Online learning in batches of four with labels of which a tenth are wrong: the loss is all noise."""

import sys

import torch
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
g = torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor(digits.data / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target)
train_x, train_y = x[:1400], y[:1400].clone()
wrong = torch.rand(1400) < 0.1
train_y[wrong] = torch.randint(10, (int(wrong.sum()),))

w1 = (torch.randn(64, 48) * (2 / 64) ** 0.5).requires_grad_()
b1 = torch.zeros(48, requires_grad=True)
w2 = (torch.randn(48, 10) * (1 / 48) ** 0.5).requires_grad_()
b2 = torch.zeros(10, requires_grad=True)


def net(x):
    return torch.relu(x @ w1 + b1) @ w2 + b2


opt = torch.optim.SGD([w1, b1, w2, b2], lr=0.03)
for epoch in range(2):
    for idx in torch.randperm(1400).split(4):
        loss = torch.nn.functional.cross_entropy(net(train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()

with torch.no_grad():
    print("metric accuracy", round((net(x[1400:]).argmax(1) == y[1400:]).float().mean().item(), 3))
