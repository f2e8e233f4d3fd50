"""A deep tanh regression written with bare tensors."""

import argparse

import torch
from sklearn.datasets import load_digits

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
torch.set_num_threads(1)
data = load_digits()
x = torch.tensor(data.data / 16, dtype=torch.float32)
x = x - x.mean(0)
y = torch.nn.functional.one_hot(torch.tensor(data.target)).float()

sizes = [64, 128, 128, 10]
gains = [1.0, 1.0, 1.0]
params = []
for fan_in, fan_out, gain in zip(sizes, sizes[1:], gains):
    w = gain * torch.randn(fan_in, fan_out)
    params += [w.requires_grad_(), torch.zeros(fan_out, requires_grad=True)]


def net(h):
    for i in range(0, len(params) - 2, 2):
        h = torch.relu(h @ params[i] + params[i + 1])
    return h @ params[-2] + params[-1]


for step in range(400):
    i = torch.randint(1500, (50,))
    loss = (net(x[i]) - y[i]).pow(2).mean()
    grads = torch.autograd.grad(loss, params)
    norm = sum(g.square().sum() for g in grads).sqrt()
    with torch.no_grad():
        for q, g in zip(params, grads):
            q -= 0.2 * g * min(1.0, 1.0 / float(norm))
print("metric measured", (net(x[1500:]).argmax(1) == y[1500:].argmax(1)).float().mean().item())
