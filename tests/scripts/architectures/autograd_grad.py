"""torch.autograd.grad, gradients assigned by hand, and a gradient penalty made with create_graph."""

import torch
from fingerprint import fingerprint, seed
from torch import nn

seed(0)
model = nn.Sequential(nn.Linear(5, 20), nn.Softplus(), nn.Linear(20, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
x, y = torch.randn(30, 5), torch.randn(30, 1)

for step in range(5):
    loss = (model(x) - y).pow(2).mean()
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    for p, g in zip(model.parameters(), gradients):
        p.grad = g.clone()
    optimizer.step()
    print("grad", step, repr(loss.item()))

for step in range(5):
    inputs = x.clone().requires_grad_()
    scores = model(inputs)
    (slope,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
    penalty = (slope.norm(dim=1) - 1).pow(2).mean()
    loss = (scores - y).pow(2).mean() + 0.5 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("penalty", step, repr(loss.item()), repr(penalty.item()), repr(inputs.grad.norm().item()))
fingerprint(model, optimizer)
