"""A ReLU network on handwritten digits that dies in its first two epochs.

The learning rate is twenty times too large. Its steps throw the inputs of the hidden units
below zero for every image: a ReLU passes nothing on there, and its derivative is 0, so the chain
rule gives their weights a gradient of exactly 0 and no amount of training brings them back. All
that still moves is the bias of the output; the accuracy stays at chance, one in ten.
"""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.second = nn.Linear(64, 64)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.first(x))
        x = F.relu(self.second(x))
        return self.head(x)


torch.manual_seed(0)
x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x / 16, y, test_size=0.2, random_state=0)
x_train, x_test = torch.from_numpy(x_train).float(), torch.from_numpy(x_test).float()
y_train, y_test = torch.from_numpy(y_train), torch.from_numpy(y_test)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)

for epoch in range(20):
    order = torch.randperm(len(x_train))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        loss = F.cross_entropy(net(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")

net.eval()
with torch.no_grad():
    right = (net(x_test).argmax(dim=1) == y_test).sum().item()
print(f"accuracy on the test set: {right / len(y_test):.1%}")
