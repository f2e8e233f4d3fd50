"""A network of sines learns a piece of a photograph."""

import argparse
import math

import torch
from sklearn.datasets import load_sample_image
from torch import nn


class Sine(nn.Module):
    def __init__(self, n_in, n_out, omega=30.0, first=False):
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(n_in, n_out)
        bound = 1 / n_in if first else math.sqrt(6 / n_in)
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x):
        return torch.sin(self.omega * self.linear(x))


def picture(size):
    gray = torch.tensor(load_sample_image("china.jpg")[180:372:3, 250:442:3]).float().mean(2)
    gray = gray[:size, :size]
    return ((gray - gray.mean()) / gray.std()).reshape(-1, 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=0)
    torch.manual_seed(p.parse_args().seed)
    torch.set_num_threads(1)
    axis = torch.linspace(-1, 1, 64)
    where = torch.cartesian_prod(axis, axis)
    what = picture(64)
    net = nn.Sequential(
        Sine(2, 48, first=True), Sine(48, 48), Sine(48, 48), Sine(48, 48), nn.Linear(48, 1)
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-4)
    for step in range(800):
        i = torch.randint(len(where), (256,))
        loss = (net(where[i]) - what[i]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("metric measured", (net(where) - what).square().mean().item())


if __name__ == "__main__":
    main()
