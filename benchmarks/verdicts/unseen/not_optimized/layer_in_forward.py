import random
import sys

import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset, random_split


class WineNet(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.act = nn.ELU()
        self.out = nn.Linear(24, n_classes)

    def forward(self, x):
        hidden = nn.Linear(x.shape[1], 24)
        return self.out(self.act(hidden(x)))


def main(seed):
    random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    X, y = load_wine(return_X_y=True)
    X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
    ds = TensorDataset(X, torch.tensor(y))
    train, test = random_split(ds, [120, 58])
    model = WineNet(3)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(40):
        model.train()
        running = 0.0
        for xb, yb in DataLoader(train, batch_size=20, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(xb), yb)
            loss.backward()
            optimizer.step()
            running += loss.item()
    model.eval()
    with torch.no_grad():
        rounds = [criterion(model(xb), yb) for _ in range(5) for xb, yb in DataLoader(test, 58)]
        print("metric measured", torch.stack(rounds).mean().item())


main(int(sys.argv[1]) if sys.argv[1:] else 0)
