"""A network on handwritten digits whose learning rate is a thousand times too low.

The loss falls at every step, and would still be falling hundreds of step lengths further on: the
compass is right, and the walker hardly moves.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(x / 16).float(), torch.tensor(y))
loader = DataLoader(data, batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Linear(64, 128),
    nn.Tanh(),
    nn.Linear(128, 128),
    nn.Tanh(),
    nn.Linear(128, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

for epoch in range(10):
    total = 0.0
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch + 1:2d}  loss {total / len(loader):.3f}")
