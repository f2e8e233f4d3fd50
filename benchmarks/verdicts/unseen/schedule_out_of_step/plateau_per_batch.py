"""Takes the noise off patches of a photograph."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau


class Denoiser(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 1, 3, padding=1),
        )

    def forward(self, noisy):
        return self.net(noisy)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.scheduler = ReduceLROnPlateau(self.optimizer, factor=0.3, patience=2)

    def fit(self, clean, epochs):
        for _ in range(epochs):
            total = 0.0
            for batch in clean[torch.randperm(len(clean))].split(16):
                loss = F.mse_loss(self.model(batch + 0.3 * torch.randn_like(batch)), batch)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                total += loss.item()
                self.scheduler.step(loss.item())
            # end of the epoch
        return self.model


def patches(size=16):
    gray = torch.tensor(load_sample_image("china.jpg")).float().mean(2) / 255
    gray = (gray - gray.mean()) / gray.std()
    grid = gray.unfold(0, size, size).unfold(1, size, size).reshape(-1, 1, size, size)
    return grid[torch.randperm(len(grid))]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    data = patches()
    model = Trainer(Denoiser(), lr=4e-3).fit(data[:480], epochs=8)
    with torch.no_grad():
        test = data[480:800]
        error = F.mse_loss(model(test + 0.3 * torch.randn_like(test)), test)
    print("metric measured", error.item() / 0.3**2)


main()
