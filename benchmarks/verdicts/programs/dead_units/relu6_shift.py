"""Channels of a small convolutional net, clipped between 0 and 6."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

images, labels = load_digits(return_X_y=True)
images = torch.tensor(images, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16
labels = torch.tensor(labels)


class Shift(nn.Module):
    """Learned offset of each channel, as in folded batch norms."""

    def __init__(self, channels, start):
        super().__init__()
        self.offset = nn.Parameter(torch.full((channels, 1, 1), float(start)))

    def forward(self, x):
        return x + self.offset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.shift1 = Shift(8, 0.0)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.shift2 = Shift(16, 12.0)
        self.act = nn.ReLU6()
        self.pool = nn.AvgPool2d(2)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool(self.act(self.shift1(self.conv1(x))))
        x = self.pool(self.act(self.shift2(self.conv2(x))))
        return self.fc(x.flatten(1))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(8):
    for idx in torch.randperm(len(images)).split(64):
        loss = nn.functional.cross_entropy(net(images[idx]), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()

net.eval()
with torch.inference_mode():
    print("metric accuracy", (net(images).argmax(1) == labels).float().mean().item())
