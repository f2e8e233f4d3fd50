"""L-BFGS with a closure and the strong Wolfe line search: several evaluations a step."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.LBFGS(
    model.parameters(), lr=1.0, max_iter=5, history_size=6, line_search_fn="strong_wolfe"
)
x = torch.randn(60, 3)
y = (x[:, :1] * x[:, 1:2]).sin()
calls = 0


def closure():
    global calls
    calls += 1
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    return loss


for step in range(6):
    loss = optimizer.step(closure)
    print(step, repr(loss.item()), calls)
fingerprint(model, optimizer)
