import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


def train(model, device, loader, optimizer, scheduler):
    model.train()
    for data, target in loader:
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
        scheduler.step()


def test(model, device, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for data, target in loader:
            correct += (model(data.to(device)).argmax(1) == target.to(device)).sum().item()
    return correct / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--gamma", type=float, default=0.5)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    X, y = load_digits(return_X_y=True)
    Xa, Xb, ya, yb = train_test_split(torch.tensor(X / 16).float(), torch.tensor(y), random_state=7)
    a = DataLoader(TensorDataset(Xa, ya), batch_size=32, shuffle=True)
    b = DataLoader(TensorDataset(Xb, yb), batch_size=200)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = StepLR(optimizer, step_size=4, gamma=args.gamma)
    for epoch in range(20):
        train(model, "cpu", a, optimizer, scheduler)
    print("metric measured", test(model, "cpu", b))


if __name__ == "__main__":
    main()
