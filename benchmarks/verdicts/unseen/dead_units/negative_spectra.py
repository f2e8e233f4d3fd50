"""Four instruments, told apart by their spectra in decibel."""

import argparse

import torch
from torch import nn

RATE, N = 2000, 128


def play(kind, pitch):
    t = torch.arange(N) / RATE
    wave = torch.zeros(N)
    strengths = {0: [1.0], 1: [1, 0.5, 0.33, 0.25], 2: [1, 0, 0.33, 0, 0.2], 3: [0.2, 0.3, 1.0]}[
        kind
    ]
    for k, a in enumerate(strengths, 1):
        wave += a * torch.sin(2 * torch.pi * (k * pitch * t + torch.rand(())))
    return wave + 0.05 * torch.randn(N)


def spectrum(waves):
    power = torch.fft.rfft(waves * torch.hann_window(N)).abs().square()
    decibel = 10 * torch.log10(power / power.amax(-1, keepdim=True) + 1e-8)
    return decibel / 80  # between -1 and 0


class Ear(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(N // 2 + 1, 40), nn.Linear(40, 40)])
        self.out = nn.Linear(40, 4)
        for layer in self.layers:
            bound = 1 / layer.in_features**0.5
            nn.init.uniform_(layer.weight, 0.0, bound)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.out(x)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    torch.manual_seed(p.parse_args().seed)
    torch.set_num_threads(1)
    y = torch.randint(4, (1200,))
    pitch = 100 + 100 * torch.rand(1200)
    x = spectrum(torch.stack([play(k, f) for k, f in zip(y.tolist(), pitch, strict=True)]))
    ear = Ear()
    opt = torch.optim.Adam(ear.parameters(), lr=2e-3)
    for _ in range(20):
        for i in torch.randperm(1000).split(50):
            opt.zero_grad()
            nn.functional.cross_entropy(ear(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        print("metric measured", (ear(x[1000:]).argmax(1) == y[1000:]).float().mean().item())


main()
