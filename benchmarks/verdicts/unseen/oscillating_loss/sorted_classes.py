"""Digits from a folder for each class, one folder after the other."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset


def folder(x, y, label):
    mask = y == label
    return TensorDataset(x[mask], y[mask])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    digits = load_digits()
    x = torch.tensor(digits.images / 8 - 1).float().unsqueeze(1)
    y = torch.tensor(digits.target)
    train = ConcatDataset([folder(x[:1300], y[:1300], k) for k in range(10)])
    loader = DataLoader(train, batch_size=26, shuffle=False)
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 10),
    )  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(8):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("metric measured", (model(x[1300:]).argmax(1) == y[1300:]).float().mean().item())


if __name__ == "__main__":
    main()
