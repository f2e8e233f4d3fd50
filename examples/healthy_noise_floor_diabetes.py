"""Linear regression on small batches, at its noise floor.

A straight line explains half of what there is in these data; the rest is noise to it. The loss
falls within a few epochs and then goes up and down with the batches, about a level that no
learning rate would get below.
"""

import torch
from sklearn.datasets import load_diabetes
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_diabetes(return_X_y=True, scaled=True)
x = torch.tensor(x / x.std(0)).float()
y = torch.tensor((y - y.mean()) / y.std()).float().unsqueeze(1)
loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True)

model = nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

for epoch in range(30):
    total = 0.0
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:2d}  loss {total / len(loader):.4f}")
