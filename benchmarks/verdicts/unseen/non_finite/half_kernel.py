"""Digits by their likeness to a hundred landmarks: a quadratic kernel, kept in half precision."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class KernelMachine(nn.Module):
    def __init__(self, landmarks, dtype=torch.float16):
        super().__init__()
        self.dtype = dtype
        self.landmarks = nn.Parameter(landmarks)
        self.readout = nn.Linear(len(landmarks), 10)

    def forward(self, x):
        a, b = x.to(self.dtype), self.landmarks.to(self.dtype)
        k = (a @ b.T + 1).square()
        k = k / k.mean(1, keepdim=True) - 1
        return self.readout(k.float())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    torch.manual_seed(p.parse_args().seed)
    torch.set_num_threads(1)
    d = load_digits()
    x, y = torch.tensor(d.data / 4, dtype=torch.float32), torch.tensor(d.target)
    net = KernelMachine(x[torch.randperm(1400)[:100]].clone())
    opt = torch.optim.NAdam(net.parameters(), lr=3e-3)
    for epoch in range(8):
        for b in torch.randperm(1400).split(50):
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("metric measured", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())


main()
