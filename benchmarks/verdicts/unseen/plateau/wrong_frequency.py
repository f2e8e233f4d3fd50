"""Amplitude, frequency and phase of a tone in noise."""

import argparse

import torch


def guess(signal, rate):
    return 1.0


def tone(params, t):
    amplitude, frequency, phase = params
    return amplitude * torch.sin(2 * torch.pi * frequency * t + phase)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    rate, seconds = 100, 4
    t = torch.arange(rate * seconds) / rate
    signal = 1.5 * torch.sin(2 * torch.pi * 7.3 * t + 0.4) + 0.2 * torch.randn(len(t))
    params = torch.tensor([1.0, guess(signal, rate), 0.0], requires_grad=True)
    optimizer = torch.optim.Adam([params], lr=2e-2)
    for step in range(600):
        optimizer.zero_grad()
        loss = (tone(params, t) - signal).square().mean()
        loss.backward()
        optimizer.step()
    print("metric measured", loss.item() / signal.var().item())
