import argparse

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn


def weights_init(m):
    if isinstance(m, nn.Linear):
        nn.init.uniform_(m.weight)
        nn.init.zeros_(m.bias)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    cfg = parser.parse_args()
    torch.manual_seed(cfg.seed)
    torch.set_num_threads(1)
    X, y = load_breast_cancer(return_X_y=True)
    X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
    y = torch.tensor(y, dtype=torch.float32)
    model = nn.Sequential(
        nn.Linear(30, 64), nn.Softplus(), nn.Linear(64, 64), nn.Softplus(), nn.Linear(64, 64),
        nn.Softplus(), nn.Linear(64, 1), nn.Flatten(0),
    )  # fmt: skip
    model.apply(weights_init)
    opt = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    bce = nn.BCEWithLogitsLoss()
    for _ in range(cfg.epochs):
        for b in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            bce(model(X[b]), y[b]).backward()
            opt.step()
    print("metric measured", bce(model(X), y).item())
