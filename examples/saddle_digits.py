"""A network whose weights all start near zero: it begins at a saddle and stays there.

At θ = 0 the gradient is zero, yet the place is no minimum: the loss bends down in one direction.
The nearer to it a run begins, the longer it stands still before it leaves.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
x = torch.tensor(x / 16).float()
data = TensorDataset(x - x.mean(0), torch.tensor(y))
loader = DataLoader(data, batch_size=128, shuffle=True)

model = nn.Sequential(
    nn.Linear(64, 32, bias=False),
    nn.Tanh(),
    nn.Linear(32, 10, bias=False),
)
for layer in model:
    if isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, std=1e-6)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for epoch in range(20):
    total = 0.0
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1:2d}  loss {total / len(loader):.4f}")
