"""Two moons, a trainer class; the encoder runs without gradients, "to save memory"."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn


class Trainer:
    def __init__(self, encoder, classifier, lr):
        self.encoder = encoder
        self.classifier = classifier
        parameters = [*encoder.parameters(), *classifier.parameters()]
        self.optimizer = torch.optim.Adam(parameters, lr=lr)
        self.criterion = nn.BCEWithLogitsLoss()

    def encode(self, x):
        with torch.no_grad():
            return self.encoder(x)

    def train_step(self, x, y):
        self.optimizer.zero_grad()
        logits = self.classifier(self.encode(x)).squeeze(1)
        loss = self.criterion(logits, y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def accuracy(self, x, y):
        logits = self.classifier(self.encode(x)).squeeze(1)
        return ((logits > 0) == (y > 0.5)).float().mean().item()


def main(seed):
    torch.manual_seed(seed)
    x, y = make_moons(500, noise=0.1, random_state=seed)
    x, y = torch.tensor(x).float(), torch.tensor(y).float()
    encoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4), nn.Tanh())
    trainer = Trainer(encoder, nn.Linear(4, 1), lr=0.02)
    for epoch in range(40):
        for batch in torch.randperm(len(x)).split(50):
            loss = trainer.train_step(x[batch], y[batch])
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} loss {loss:.3f}")
    print(f"metric accuracy {trainer.accuracy(x, y):.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
