"""Three hidden layers of 300 units with weights from N(0, 1)."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


def init(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight)
        nn.init.zeros_(module.bias)


data = load_digits()
x, y = torch.tensor(data.data / 16).float(), torch.tensor(data.target)
model = nn.Sequential(
    nn.Linear(64, 300),
    nn.ReLU(),
    nn.Linear(300, 300),
    nn.ReLU(),
    nn.Linear(300, 300),
    nn.ReLU(),
    nn.Linear(300, 10),
)
model.apply(init)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

for step in range(300):
    rows = torch.randint(len(x), (64,))
    loss = criterion(model(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 60 == 0:
        print(f"step {step}: loss {loss.item():.2f}")

with torch.no_grad():
    print(f"metric loss {criterion(model(x), y).item():.4f}")
