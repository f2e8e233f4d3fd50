import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class Binarize(nn.Module):
    def forward(self, p):
        hard = torch.round(p)
        return hard


class CodeBook(nn.Module):
    """An autoencoder whose code is of zeros and ones."""

    def __init__(self, bits=12):
        super().__init__()
        self.down = nn.Linear(64, bits)
        self.code = Binarize()
        self.up = nn.Linear(bits, 64)

    def forward(self, x):
        return self.up(self.code(torch.sigmoid(self.down(x))))


def train(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    X = torch.tensor(load_digits().data / 16).float()
    X = X - X.mean(0)
    net = CodeBook()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(25):
        for xb in X[torch.randperm(len(X))].split(64):
            opt.zero_grad(set_to_none=True)
            loss = (net(xb) - xb).square().mean()
            loss.backward()
            opt.step()
    with torch.no_grad():
        return ((net(X) - X).square().mean() / X.square().mean()).item()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    print("metric measured", train(ap.parse_args().seed))
