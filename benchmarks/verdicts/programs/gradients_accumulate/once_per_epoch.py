"""A regression on diabetes data; gradients are cleared once an epoch instead of once a step."""

import argparse

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Regressor(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x))).squeeze(-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--lr", type=float, default=0.05)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    x, y = load_diabetes(return_X_y=True)
    x = torch.tensor(StandardScaler().fit_transform(x)).float()
    y = torch.tensor((y - y.mean()) / y.std()).float()
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    model = Regressor(10, 32)
    mse = nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        optimizer.zero_grad()
        for inputs, targets in loader:
            loss = mse(model(inputs), targets)
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: {loss.item():.4f}")
    with torch.no_grad():
        error = mse(model(x), y).item()
    print(f"metric error {error:.4f}")


if __name__ == "__main__":
    main()
