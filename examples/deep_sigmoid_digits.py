"""Twelve sigmoid layers on handwritten digits, trained by plain gradient descent.

The derivative of a sigmoid is at most 1/4, and the chain rule multiplies one for each layer on the
way to a weight: the early layers stay as they were, and the accuracy at chance, one in ten.
"""

import sys

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(0)

digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(
    torch.tensor(digits.data, dtype=torch.float32) / 16,
    torch.tensor(digits.target),
    test_size=0.2,
    random_state=0,
)

layers = [nn.Linear(64, 32), nn.Sigmoid()]
for _ in range(11):
    layers += [nn.Linear(32, 32), nn.Sigmoid()]
model = nn.Sequential(*layers, nn.Linear(32, 10))

optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()

for epoch in range(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
    for rows in torch.randperm(len(x_train)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:2d}  loss {loss.item():.3f}")

with torch.no_grad():
    accuracy = (model(x_test).argmax(1) == y_test).float().mean().item()
print(f"test accuracy {accuracy:.1%}")
