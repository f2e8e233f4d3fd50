import argparse
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


@dataclass
class Config:
    width: int = 32
    depth: int = 24
    lr: float = 0.05
    epochs: int = 5
    seed: int = 0


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.lin = nn.Linear(width, width)

    def forward(self, h):
        return F.relu(self.lin(h))


class Deep(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.stem = nn.Linear(64, cfg.width)
        self.blocks = nn.ModuleList(Block(cfg.width) for _ in range(cfg.depth))
        self.head = nn.Linear(cfg.width, 10)

    def forward(self, x):
        h = self.stem(x)
        for block in self.blocks:
            h = block(h)
        return self.head(h)


def run(cfg):
    torch.manual_seed(cfg.seed)
    torch.set_num_threads(1)
    d = load_digits()
    x, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
    x = x - x[:1400].mean(0)
    model = Deep(cfg)
    opt = torch.optim.SGD(model.parameters(), lr=cfg.lr, momentum=0.9, nesterov=True)
    for _ in range(cfg.epochs):
        model.train()
        for i in torch.randperm(1400).split(50):
            opt.zero_grad()
            F.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
    model.eval()
    return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    print("metric measured", run(Config(seed=parser.parse_args().seed)))
