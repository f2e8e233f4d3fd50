import argparse

import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def train(seed, epochs=15):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    wine = load_wine()
    x = torch.tensor((wine.data - wine.data.mean(0)) / wine.data.std(0)).float()
    y = torch.tensor(wine.target)
    loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
    net = nn.Sequential(nn.Linear(13, 20), nn.Mish(), nn.Linear(20, 3))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-4)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=epochs)
    for epoch in range(epochs):
        for xb, yb in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(xb), yb).backward()
            opt.step()
            sched.step()
    return (net(x).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    print("metric measured", train(ap.parse_args().seed))
