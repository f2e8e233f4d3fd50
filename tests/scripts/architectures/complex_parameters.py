"""Complex parameters: a filter learned in the frequency domain."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


class Filter(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.spectrum = nn.Parameter(torch.randn(size // 2 + 1, dtype=torch.complex64))
        self.mix = nn.Parameter(torch.randn(size, size, dtype=torch.complex64) / size)
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, x):
        x = torch.fft.irfft(torch.fft.rfft(x) * self.spectrum, n=x.shape[-1])
        return self.gain * (x.to(torch.complex64) @ self.mix).abs()


seed(0)
model = Filter(16)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(20, 16)
y = x.roll(2, dims=1).abs()
for step in range(10):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
