import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


class TumourNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(30, 32)
        self.batchnorm1 = nn.BatchNorm1d(32)
        self.layer_2 = nn.Linear(32, 16)
        self.batchnorm2 = nn.BatchNorm1d(16)
        self.dropout = nn.Dropout(p=0.1)
        self.layer_out = nn.Linear(16, 1)

    def forward(self, inputs):
        x = torch.relu(self.batchnorm1(self.layer_1(inputs)))
        x = torch.relu(self.batchnorm2(self.layer_2(x)))
        return self.layer_out(self.dropout(x)).squeeze(1)


def binary_acc(logits, truth):
    return ((logits > 0) == truth.bool()).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=385, random_state=args.seed
    )
    scaler = StandardScaler().fit(X_train)
    data = TensorDataset(torch.Tensor(scaler.transform(X_train)), torch.Tensor(y_train))
    loader = DataLoader(dataset=data, batch_size=64, shuffle=True)
    model = TumourNet()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for e in range(1, args.epochs + 1):
        model.train()
        for X_batch, y_batch in loader:
            optimizer.zero_grad()
            loss = criterion(model(X_batch), y_batch)
            loss.backward()
            optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(torch.Tensor(scaler.transform(X_test)))
    print("metric measured", binary_acc(logits, torch.tensor(y_test)))


if __name__ == "__main__":
    main()
