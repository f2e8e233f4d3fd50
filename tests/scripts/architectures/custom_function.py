"""Own autograd.Functions: a straight-through sign, and one with two outputs of which one may go unused."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


class StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


class SumAndProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, scale):
        ctx.save_for_backward(a, b)
        ctx.scale = scale
        return a + b, scale * a * b

    @staticmethod
    def backward(ctx, of_sum, of_product):
        a, b = ctx.saved_tensors
        return of_sum + ctx.scale * of_product * b, of_sum + ctx.scale * of_product * a, None


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(6, 12), nn.Linear(6, 12)
        self.head = nn.Linear(12, 2)

    def forward(self, x, both):
        left, right = self.left(x), self.right(x)
        total, product = SumAndProduct.apply(left, right, 0.5)
        hidden = StraightThrough.apply(total)
        return self.head(hidden + torch.tanh(product) if both else hidden)


seed(0)
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(32, 6), torch.randint(0, 2, (32,))
for step in range(10):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x, both=step % 2 == 0), y)
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
