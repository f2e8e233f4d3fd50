"""A residual network of 21 convolutions with batch normalisation on handwritten digits.

It is deeper than the sigmoid network beside it that cannot learn. Here each block adds to what it
was given, so one factor of the chain rule is 1 plus something small, and the gradient arrives at
the first layer undiminished.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + x)


class ResNet(nn.Module):
    def __init__(self, channels=12, blocks=10):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*[Block(channels) for _ in range(blocks)])
        self.head = nn.Linear(channels * 4, 10)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        x = F.max_pool2d(x, 4)
        return self.head(x.flatten(1))


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    right = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return right


def main():
    torch.manual_seed(0)
    digits = load_digits()
    x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
    y = torch.tensor(digits.target)
    shuffled = torch.randperm(len(x))
    train, test = shuffled[:1437], shuffled[1437:]

    model = ResNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    epochs = 4
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
    print(f"before training: accuracy {evaluate(model, x[test], y[test]):.1%}")
    for epoch in range(epochs):
        for rows in train[torch.randperm(len(train))].split(64):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
    print(f"after training: accuracy {evaluate(model, x[test], y[test]):.1%}")


if __name__ == "__main__":
    main()
