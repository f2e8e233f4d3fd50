"""A network of bare tensors: the weights of its first layer did not make it into the list."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import make_circles


def main(seed=0):
    torch.manual_seed(seed)
    x, y = make_circles(400, noise=0.05, factor=0.6, random_state=seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()

    w1 = torch.randn(2, 3).mul_(0.7).requires_grad_()
    b1 = torch.zeros(3, requires_grad=True)
    w2 = torch.randn(3, 1).mul_(0.5).requires_grad_()
    b2 = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adam([w2, b1, b2], lr=0.03)

    def logits(x):
        return (torch.tanh(x @ w1 + b1) @ w2 + b2)[:, 0]

    for _ in range(500):
        loss = F.binary_cross_entropy_with_logits(logits(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    moved = w1.grad.norm().item()
    print(f"the gradient of w1 has a norm of {moved:.3f}")
    print(f"metric loss {loss.item():.4f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
