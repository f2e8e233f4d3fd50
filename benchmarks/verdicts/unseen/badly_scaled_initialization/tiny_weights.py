"""No modules: bare tensors and a function."""

import sys

import torch
from sklearn.datasets import load_digits

torch.manual_seed(int(sys.argv[-1]) if "--seed" in sys.argv else 0)
torch.set_num_threads(1)
data = load_digits()
X = torch.tensor(data.data, dtype=torch.float32) / 8 - 1
Y = torch.tensor(data.target)
sizes = [64, 40, 40, 40, 40, 40, 40, 10]
params = []
for n, m in zip(sizes[:-1], sizes[1:]):
    W = torch.randn(n, m) * 0.01
    params.append((W.requires_grad_(), torch.zeros(m, requires_grad=True)))


def predict(x):
    for W, b in params[:-1]:
        x = torch.tanh(x @ W + b)
    W, b = params[-1]
    return x @ W + b


flat = [t for pair in params for t in pair]
opt = torch.optim.SGD(flat, lr=0.05, momentum=0.9)
for epoch in range(15):
    for i in torch.randperm(1400).split(64):
        loss = torch.nn.functional.cross_entropy(predict(X[i]), Y[i])
        for t in flat:
            t.grad = None
        loss.backward()
        opt.step()
with torch.no_grad():
    print("metric measured", (predict(X[1400:]).argmax(1) == Y[1400:]).float().mean().item())
