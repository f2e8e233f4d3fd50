import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


def main(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    d = load_digits()
    X = torch.tensor(d.images / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(d.target)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.GroupNorm(2, 8),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 16, 48),
        nn.ReLU(),
        nn.Linear(48, 10),
    )
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(8):
        for i in torch.randperm(1400).split(50):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(net(X[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("metric measured", (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item())


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    main(ap.parse_args().seed)
