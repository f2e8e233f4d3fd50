import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits


def make_mlp(sizes):
    mods = []
    for a, b in zip(sizes, sizes[1:]):
        lin = nn.Linear(a, b)
        nn.init.constant_(lin.weight, 0.05)
        nn.init.zeros_(lin.bias)
        mods += [lin, nn.Tanh()]
    return nn.Sequential(*mods[:-1])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    d = load_digits()
    X = torch.tensor(d.data, dtype=torch.float32) / 16
    y = torch.tensor(d.target)
    cut = torch.randperm(len(X))
    train, held = cut[:1300], cut[1300:]
    mlp = make_mlp([64, 32, 32, 10])
    opt = torch.optim.SGD(mlp.parameters(), lr=0.1, momentum=0.9)
    lossfn = nn.CrossEntropyLoss()
    for epoch in range(15):
        for i in train[torch.randperm(len(train))].split(32):
            opt.zero_grad()
            lossfn(mlp(X[i]), y[i]).backward()
            opt.step()
    mlp.eval()
    print("metric measured", (mlp(X[held]).argmax(1) == y[held]).float().mean().item())


main()
