"""A trainer class that decays the learning rate by 0.7, once a batch instead of once an epoch."""

import argparse

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn


class Trainer:
    def __init__(self, model, lr, gamma):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.scheduler = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, gamma)
        self.criterion = nn.MSELoss()

    def train_step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        return loss.item()

    def end_of_epoch(self, epoch, loss):
        if epoch % 10 == 0:
            print(f"epoch {epoch}: {loss:.4f}")

    def fit(self, x, y, epochs, size):
        for epoch in range(epochs):
            for rows in torch.randperm(len(x)).split(size):
                loss = self.train_step(x[rows], y[rows])
            self.end_of_epoch(epoch, loss)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--lr", type=float, default=5e-3)
    parser.add_argument("--gamma", type=float, default=0.7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = load_diabetes(return_X_y=True)
    x, y = torch.tensor(scale(x)).float(), torch.tensor(scale(y)).float().unsqueeze(1)
    model = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
    Trainer(model, args.lr, args.gamma).fit(x, y, epochs=20, size=32)
    with torch.no_grad():
        r2 = 1 - (model(x) - y).square().mean() / y.var()
    print(f"metric r2 {r2.item():.4f}")


if __name__ == "__main__":
    main()
