"""torch.compile with the default backend, inductor."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 16)
        self.second = nn.Linear(16, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = x + torch.sigmoid(self.second(x))
        return self.head(x)


if __name__ == "__main__":
    seed(0)
    model = Model()
    compiled = torch.compile(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x, y = torch.randn(32, 8), torch.randint(0, 3, (32,))
    for step in range(10):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(compiled(x), y)
        loss.backward()
        optimizer.step()
        print(step, repr(loss.item()))
    fingerprint(model, optimizer)
