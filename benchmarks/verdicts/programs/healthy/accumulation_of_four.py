"""Four micro-batches make one step: gradients are meant to add up, each loss divided by four."""

import sys

import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ACCUMULATE = 4


def main(seed):
    torch.manual_seed(seed)
    wine = load_wine()
    x = torch.tensor(wine.data, dtype=torch.float32)
    x = (x - x.mean(dim=0)) / x.std(dim=0)
    y = torch.tensor(wine.target)
    order = torch.randperm(len(x))
    held = order[:50]
    loader = DataLoader(TensorDataset(x[order[50:]], y[order[50:]]), batch_size=8, shuffle=True)

    model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 3))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)

    optimizer.zero_grad()
    seen = 0
    for epoch in range(40):
        for inputs, targets in loader:
            loss = criterion(model(inputs), targets) / ACCUMULATE
            loss.backward()
            seen += 1
            if seen % ACCUMULATE == 0:
                optimizer.step()
                optimizer.zero_grad()

    model.eval()
    with torch.no_grad():
        accuracy = (model(x[held]).argmax(1) == y[held]).float().mean().item()
    print(f"metric accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
