"""A recurrent network keeps its state from batch to batch; the last batch is a smaller one."""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Counter(nn.Module):
    """Says how many ones a sequence had."""

    def __init__(self, size=16):
        super().__init__()
        self.size = size
        self.rnn = nn.GRU(1, size, batch_first=True)
        self.out = nn.Linear(size, 1)

    def forward(self, x, state):
        hidden, state = self.rnn(x, state)
        return self.out(hidden[:, -1]).squeeze(1), state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x = torch.randint(0, 2, (500, 6, 1)).float()
    y = x.sum((1, 2)) / 6
    loader = DataLoader(TensorDataset(x, y), batch_size=args.batch_size, shuffle=True)
    model = Counter()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(args.epochs):
        state = torch.zeros(1, args.batch_size, model.size)
        for inputs, targets in loader:
            output, _ = model(inputs, state)
            loss = nn.functional.mse_loss(output, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    print(f"metric loss {loss.item():.5f}")


if __name__ == "__main__":
    main()
