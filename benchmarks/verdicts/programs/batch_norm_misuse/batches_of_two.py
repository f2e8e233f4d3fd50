"""Batch normalisation over batches of two, because of memory."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.bn1 = nn.BatchNorm1d(32)
        self.fc2 = nn.Linear(32, 32)
        self.bn2 = nn.BatchNorm1d(32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.fc1(x)))
        x = torch.relu(self.bn2(self.fc2(x)))
        return self.fc3(x)


class Trainer:
    def __init__(self, batch_size):
        digits = load_digits()
        self.x = torch.tensor(digits.data / 16).float()
        self.y = torch.tensor(digits.target)
        data = TensorDataset(self.x, self.y)
        self.loader = DataLoader(data, batch_size, shuffle=True, drop_last=True)
        self.model = Classifier()
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def train(self, steps):
        self.model.train()
        done = 0
        while True:
            for x, y in self.loader:
                self.optimizer.zero_grad()
                self.criterion(self.model(x), y).backward()
                self.optimizer.step()
                done += 1
                if done == steps:
                    return

    @torch.no_grad()
    def training_loss(self):
        self.model.train()
        return sum(self.criterion(self.model(x), y).item() for x, y in self.loader) / len(
            self.loader
        )


torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
trainer = Trainer(batch_size=2)
trainer.train(steps=600)
print(f"metric loss {trainer.training_loss():.4f}")
