"""Bare tensors, Adam; the loop clears another list of tensors than the one that is trained."""

import sys

import torch


def main(seed=0):
    torch.manual_seed(seed)
    x = torch.linspace(-2, 2, 200).unsqueeze(1)
    y = torch.sin(4 * x)
    sizes = [(1, 32), (32, 32), (32, 1)]
    weights = [(torch.randn(n, m) / n**0.5).requires_grad_() for n, m in sizes]
    biases = [torch.zeros(m, requires_grad=True) for _, m in sizes]
    cleared = []
    for tensor in weights:
        cleared.append(tensor.clone())

    def net(h):
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            h = h @ w + b
            if i < 2:
                h = torch.tanh(h)
        return h

    optimizer = torch.optim.SGD([*weights, *biases], lr=0.05)
    for _ in range(600):
        loss = (net(x) - y).pow(2).mean()
        for tensor in cleared:
            tensor.grad = None
        loss.backward()
        optimizer.step()
    print(f"metric loss {loss.item():.5f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
