import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Classifier(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.drop = nn.Dropout(0.1)
        self.fc2 = nn.Linear(n_hidden, n_out)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = self.drop(torch.relu(self.fc1(x)))
        return self.softmax(self.fc2(x))


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, t in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), t)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    torch.manual_seed(ap.parse_args().seed)
    torch.set_num_threads(1)
    d = load_digits()
    ds = torch.utils.data.TensorDataset(
        torch.tensor(d.data / 16, dtype=torch.float32), torch.tensor(d.target)
    )
    loader = torch.utils.data.DataLoader(ds, batch_size=64, shuffle=True)
    model = Classifier(64, 64, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(20):
        last = train_one_epoch(model, loader, criterion, optimizer)
    print("metric measured", last)
