"""A loss summed over a batch, with the learning rate that a mean would need."""

import argparse

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--lr", type=float, default=0.03)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--reduction", default="sum")
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    x, y = load_diabetes(return_X_y=True)
    data = TensorDataset(torch.tensor(scale(x)).float(), torch.tensor(scale(y)).float())
    loader = DataLoader(data, batch_size=args.batch_size, shuffle=True, drop_last=True)
    model = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
    criterion = nn.MSELoss(reduction=args.reduction)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for _ in range(40):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    x, y = data.tensors
    with torch.no_grad():
        r2 = 1 - (model(x) - y).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
