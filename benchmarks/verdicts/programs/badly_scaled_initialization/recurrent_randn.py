"""A recurrent network written by hand, its matrices drawn by torch.randn."""

import sys

import torch
from torch import nn


class Recurrent(nn.Module):
    def __init__(self, inputs, size):
        super().__init__()
        self.w_in = nn.Parameter(torch.randn(inputs, size))
        self.w_rec = nn.Parameter(torch.randn(size, size))
        self.bias = nn.Parameter(torch.zeros(size))
        self.out = nn.Linear(size, 1)

    def forward(self, sequence):
        h = sequence.new_zeros(len(sequence), len(self.bias))
        for x in sequence.unbind(1):
            h = torch.tanh(x @ self.w_in + h @ self.w_rec + self.bias)
        return self.out(h).squeeze(1)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x = torch.randn(512, 10, 1)
    y = x[:, :, 0].mean(1) * 3
    model = Recurrent(1, 64)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for _ in range(250):
        rows = torch.randint(0, 512, (64,))
        loss = (model(x[rows]) - y[rows]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        r2 = 1 - (model(x) - y).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
