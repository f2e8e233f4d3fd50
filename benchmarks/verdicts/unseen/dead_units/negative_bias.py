import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch.utils.data import DataLoader, TensorDataset


def init(module):
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.constant_(module.bias, -6.0)


class Regressor(nn.Module):
    def __init__(self, features, hidden=32):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.head = nn.Linear(hidden, 1)
        self.body.apply(init)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


def main(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data = load_diabetes()
    X = torch.tensor(scale(data.data), dtype=torch.float32)
    y = torch.tensor(scale(data.target), dtype=torch.float32)
    model = Regressor(X.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.MSELoss()
    for _ in range(40):
        for xb, yb in DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True):
            optimizer.zero_grad()
            criterion(model(xb), yb).backward()
            optimizer.step()
    with torch.no_grad():
        print("metric measured", 1 - criterion(model(X), y).item() / y.var().item())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    main(parser.parse_args().seed)
