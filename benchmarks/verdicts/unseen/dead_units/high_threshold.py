import argparse

import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_breast_cancer


def get_data():
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    order = torch.randperm(len(X))
    X = torch.as_tensor(X, dtype=torch.float32)[order]
    y = torch.as_tensor(y)[order]
    return X[:400], y[:400], X[400:], y[400:]


def make_net():
    # spikes: a unit fires only above the threshold
    layers = []
    for a, b in [(30, 64), (64, 64), (64, 32)]:
        layers += [nn.Linear(a, b), nn.LayerNorm(b), nn.Threshold(4, 0)]
    return nn.Sequential(*layers, nn.Linear(32, 2))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    Xtr, ytr, Xte, yte = get_data()
    net = make_net()
    opt = optim.AdamW(net.parameters(), lr=2e-3)
    lossf = nn.CrossEntropyLoss()
    for epoch in range(20):
        for k in range(0, 400, 40):
            opt.zero_grad()
            loss = lossf(net(Xtr[k : k + 40]), ytr[k : k + 40])
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("metric measured", (net(Xte).argmax(1) == yte).double().mean().item())
