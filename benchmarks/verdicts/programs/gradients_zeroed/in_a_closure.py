"""LBFGS with a closure that clears the gradients after computing them."""

import sys

import torch
import torch.nn.functional as F

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x = torch.randn(300, 8)
truth = torch.randn(8)
y = (x @ truth + 0.3 * torch.randn(300) > 0).float()

w = torch.zeros(8, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.LBFGS([w, b], lr=0.5, max_iter=4)


def closure():
    loss = F.binary_cross_entropy_with_logits(x @ w + b, y) + 1e-3 * w.square().sum()
    loss.backward()
    optimizer.zero_grad()
    return loss


for _ in range(40):
    loss = optimizer.step(closure)

accuracy = ((x @ w + b > 0) == (y > 0)).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
