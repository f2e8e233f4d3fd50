import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self, rows):
        d = load_digits()
        self.images = d.images[rows] / 16.0
        self.targets = d.target[rows]

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, i):
        return torch.tensor(self.images[i]).float(), int(self.targets[i])


class Trainer:
    def __init__(self, model, optimizer, loss):
        self.model, self.optimizer, self.loss = model, optimizer, loss

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for x, y in loader:
                self.optimizer.zero_grad()
                self.loss(self.model(x), y).backward()
                self.optimizer.step()

    @torch.no_grad()
    def score(self, loader):
        hits = sum((self.model(x).argmax(1) == y).sum().item() for x, y in loader)
        return hits / len(loader.dataset)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    torch.manual_seed(parser.parse_args().seed)
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 48), nn.SiLU(), nn.Linear(48, 10))
    trainer = Trainer(
        model, torch.optim.Adadelta(model.parameters(), lr=1e-3), nn.CrossEntropyLoss()
    )
    trainer.fit(DataLoader(Digits(slice(0, 1400)), batch_size=32, shuffle=True), epochs=5)
    print("metric measured", trainer.score(DataLoader(Digits(slice(1400, None)), batch_size=200)))
