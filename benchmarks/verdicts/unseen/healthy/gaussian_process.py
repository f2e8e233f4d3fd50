"""Length scales and noise of a Gaussian process, by the marginal likelihood of patients."""

import argparse
import math

import torch
from sklearn.datasets import load_diabetes


def kernel(a, b, log_scale, log_amplitude):
    d = (a.unsqueeze(1) - b.unsqueeze(0)) / log_scale.exp()
    return log_amplitude.exp() * torch.exp(-0.5 * d.square().sum(-1))


def negative_log_likelihood(x, y, theta):
    k = kernel(x, x, theta["scale"], theta["amplitude"])
    k = k + (theta["noise"].exp() + 1e-5) * torch.eye(len(x), dtype=x.dtype)
    chol = torch.linalg.cholesky(k)
    alpha = torch.cholesky_solve(y.unsqueeze(1), chol).squeeze(1)
    return 0.5 * y @ alpha + chol.diagonal().log().sum() + 0.5 * len(y) * math.log(2 * math.pi)


p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=0)
torch.manual_seed(p.parse_args().seed)
torch.set_num_threads(1)
x, y = (torch.tensor(a) for a in load_diabetes(return_X_y=True))
order = torch.randperm(len(x))
x, y = (x / x.std(0))[order][:, [2, 3, 8]], ((y - y.mean()) / y.std())[order]
theta = {
    "scale": torch.zeros(3, dtype=x.dtype, requires_grad=True),
    "amplitude": torch.zeros((), dtype=x.dtype, requires_grad=True),
    "noise": torch.full((), -3.0, dtype=x.dtype, requires_grad=True),
}
opt = torch.optim.Adam(theta.values(), lr=0.1)
first = last = None
for step in range(100):
    opt.zero_grad()
    loss = negative_log_likelihood(x[:150], y[:150], theta)
    loss.backward()
    opt.step()
    first = loss.item() if first is None else first
    last = loss.item()
print("metric measured", last / first)
