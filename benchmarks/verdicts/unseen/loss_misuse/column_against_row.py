import argparse
import warnings

import torch
from sklearn.datasets import load_diabetes
from torch import nn

warnings.filterwarnings("ignore")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    X, y = load_diabetes(return_X_y=True, scaled=True)
    X = torch.tensor(X * len(X) ** 0.5, dtype=torch.float32)
    y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
    model = nn.Sequential(nn.Linear(10, 20), nn.GELU(), nn.Linear(20, 1))
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(40):
        for k in torch.randperm(len(X)).split(34):
            pred = model(X[k])
            loss = ((pred - y[k]) ** 2).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        print("metric measured", (1 - (model(X)[:, 0] - y).pow(2).mean() / y.var()).item())


main()
