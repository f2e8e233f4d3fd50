"""First look where the digit is, then read what lies there."""

import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SIDE, CROP = 18, 8


def crop(canvas, centre):
    """The window of each canvas around centre, which is in [-1, 1]."""
    corner = ((centre + 1) / 2 * (SIDE - CROP)).round().long()
    rows = corner[:, 1, None] + torch.arange(CROP)
    cols = corner[:, 0, None] + torch.arange(CROP)
    n = torch.arange(len(canvas))[:, None, None]
    return canvas[n, 0, rows[:, :, None], cols[:, None, :]].unsqueeze(1)


class LookAndRead(nn.Module):
    def __init__(self):
        super().__init__()
        self.locate = nn.Sequential(
            nn.Flatten(), nn.Linear(SIDE * SIDE, 64), nn.Tanh(), nn.Linear(64, 2), nn.Tanh()
        )
        self.read = nn.Sequential(
            nn.Flatten(), nn.Linear(CROP * CROP, 64), nn.ReLU(), nn.Linear(64, 10)
        )

    def forward(self, canvas):
        return self.read(crop(canvas, self.locate(canvas)))


def place(images):
    canvas = torch.zeros(len(images), 1, SIDE, SIDE)
    for k, (r, c) in enumerate(torch.randint(SIDE - CROP + 1, (len(images), 2)).tolist()):
        canvas[k, 0, r : r + CROP, c : c + CROP] = images[k]
    return canvas


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--seed", type=int, default=0)
    torch.manual_seed(cli.parse_args().seed)
    torch.set_num_threads(1)
    digits = load_digits()
    images, y = torch.tensor(digits.images / 16).float(), torch.tensor(digits.target)
    train_x = torch.cat([place(images[:1400]) for _ in range(6)])
    train_y = y[:1400].repeat(6)
    model = LookAndRead()
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(15):
        for i in torch.randperm(len(train_x)).split(100):
            opt.zero_grad()
            loss = F.cross_entropy(model(train_x[i]), train_y[i])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        right = model(place(images[1400:])).argmax(1) == y[1400:]
    print("metric measured", right.float().mean().item())


main()
