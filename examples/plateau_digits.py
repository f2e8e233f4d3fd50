"""A network that starts out on a plateau: its outputs are saturated.

The last layer is followed by a sigmoid, and its biases start at 20, so that every output is 1
whatever the picture. There the sigmoid is flat, and so is the loss, in all directions: no gradient
and no curvature, although the loss could hardly be worse.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
targets = nn.functional.one_hot(torch.tensor(y), 10).float()
data = TensorDataset(torch.tensor(x / 16).float(), targets)
loader = DataLoader(data, batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Linear(64, 64),
    nn.Tanh(),
    nn.Linear(64, 10),
    nn.Sigmoid(),
)
nn.init.constant_(model[2].bias, 20.0)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

for epoch in range(15):
    total = 0.0
    for images, labels in loader:
        loss = nn.functional.mse_loss(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1:2d}  loss {total / len(loader):.6f}")
