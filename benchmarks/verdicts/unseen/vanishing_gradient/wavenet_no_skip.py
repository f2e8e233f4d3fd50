"""Dilated, gated convolutions over a wave: is it a sine, a square, a saw or a triangle?"""

import sys

import torch
from torch import nn


class GatedBlock(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.pad = dilation
        self.filter = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)

    def forward(self, x):
        padded = nn.functional.pad(x, (self.pad, 0))
        out = torch.tanh(self.filter(padded)) * torch.sigmoid(self.gate(padded))
        return out


class WaveNet(nn.Module):
    def __init__(self, channels=12, dilations=(1, 2, 4, 8, 1, 2, 4, 8, 1, 2)):
        super().__init__()
        self.inp = nn.Conv1d(1, channels, 1)
        self.blocks = nn.ModuleList(GatedBlock(channels, d) for d in dilations)
        self.out = nn.Linear(channels, 4)

    def forward(self, wave):
        h = self.inp(wave.unsqueeze(1))
        for block in self.blocks:
            h = block(h)
        return self.out(h.mean(-1))


def waves(n, length=48):
    phase = torch.rand(n, 1) + torch.arange(length) * (0.05 + 0.1 * torch.rand(n, 1))
    saw = 2 * (phase % 1) - 1
    shapes = torch.stack([torch.sin(2 * torch.pi * phase), saw.sign(), saw, 2 * saw.abs() - 1], 1)
    kind = torch.randint(4, (n,))
    return shapes[torch.arange(n), kind] + 0.05 * torch.randn(n, length), kind


def main():
    torch.manual_seed(int(sys.argv[1]) if sys.argv[1:] else 0)
    torch.set_num_threads(1)
    net = WaveNet()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for step in range(250):
        x, y = waves(48)
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = waves(400)
        print("metric measured", (net(x).argmax(1) == y).float().mean().item())


if __name__ == "__main__":
    main()
