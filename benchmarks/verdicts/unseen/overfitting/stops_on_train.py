"""Progression of diabetes, with early stopping."""

import copy
import sys

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import PolynomialFeatures
from torch import nn


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.bad, self.state = patience, float("inf"), 0, None

    def stop(self, loss, model):
        if loss < self.best:
            self.best, self.bad, self.state = loss, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


def split(random_state=42):
    x, y = load_diabetes(return_X_y=True)
    x = PolynomialFeatures(2, include_bias=False).fit_transform(x / x.std(0))
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(random_state))
    x = (x / x.std(0))[order]
    y = ((y - y.mean()) / y.std())[order]
    return (x[:80], y[:80]), (x[80:280], y[80:280]), (x[280:], y[280:])


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    (x, y), (val_x, val_y), (test_x, test_y) = split()
    model = nn.Sequential(
        nn.Linear(65, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    mse = nn.MSELoss()
    stopping = EarlyStopping(patience=15)
    for epoch in range(350):
        model.train()
        train_loss = 0.0
        for i in torch.randperm(len(x)).split(16):
            optimizer.zero_grad()
            loss = mse(model(x[i]).squeeze(1), y[i])
            loss.backward()
            optimizer.step()
            train_loss += loss.item() * len(i) / len(x)
        model.eval()
        with torch.no_grad():
            val_loss = mse(model(val_x).squeeze(1), val_y).item()
        if epoch % 50 == 0:
            print(f"epoch {epoch}: train {train_loss:.3f}, validation {val_loss:.3f}")
        if stopping.stop(train_loss, model):
            break
    model.load_state_dict(stopping.state)
    with torch.no_grad():
        print("metric measured", (mse(model(test_x).squeeze(1), test_y) / test_y.var()).item())


main()
