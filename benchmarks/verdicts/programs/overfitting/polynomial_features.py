"""A trainer with a validation set; 60 patients, 65 features, a network of 200 units."""

import argparse

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import PolynomialFeatures, scale
from torch import nn


class Trainer:
    def __init__(self, model, lr, decay):
        self.model = model
        self.loss = nn.MSELoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=decay)
        self.history = []

    def train_epoch(self, x, y):
        self.model.train()
        for rows in torch.randperm(len(x)).split(15):
            loss = self.loss(self.model(x[rows]), y[rows])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    @torch.no_grad()
    def validate(self, x, y):
        self.model.eval()
        loss = self.loss(self.model(x), y)
        self.history.append(loss.item())

    def fit(self, train, valid, epochs):
        for epoch in range(epochs):
            self.train_epoch(*train)
            self.validate(*valid)
            if epoch % 20 == 19:
                print(f"epoch {epoch + 1} validation loss {self.history[-1]:.3f}")


def load():
    x, y = load_diabetes(return_X_y=True)
    x = scale(PolynomialFeatures(2, include_bias=False).fit_transform(scale(x)))
    x, y = torch.tensor(x).float(), torch.tensor(scale(y)).float().unsqueeze(1)
    rows = torch.randperm(len(x))
    return x[rows], y[rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=100)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = load()
    model = nn.Sequential(nn.Linear(65, 200), nn.ReLU(), nn.Linear(200, 1))
    trainer = Trainer(model, lr=2e-3, decay=0.0)
    n = args.examples
    trainer.fit((x[:n], y[:n]), (x[-140:], y[-140:]), args.epochs)
    print(f"metric last_over_best {trainer.history[-1] / min(trainer.history):.4f}")


if __name__ == "__main__":
    main()
