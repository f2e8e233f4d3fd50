"""Linear scaling of the learning rate with the batch."""

import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--base-lr", type=float, default=0.2, help="for a batch of 256")
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=14)
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def build():
    return nn.Sequential(
        nn.Conv2d(1, 10, 3),
        nn.ReLU(),
        nn.Conv2d(10, 20, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(80, 10),
    )


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    x = (x - x.mean()) / x.std()
    a, b, ya, yb = train_test_split(x, torch.tensor(digits.target), random_state=args.seed)
    loader = DataLoader(TensorDataset(a, ya), args.batch_size, shuffle=True)
    model = build()
    lr = args.base_lr * args.batch_size
    opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, nesterov=True)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        for images, labels in loader:
            loss = ce(model(images), labels)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        accuracy = (model(b).argmax(1) == yb).float().mean().item()
    print("metric measured", accuracy)


if __name__ == "__main__":
    main()
