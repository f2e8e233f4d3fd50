"""A small convolutional classifier of digits; its features were looked at and left detached."""

import sys

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = nn.Linear(8 * 4 * 4, 5)
        self.head = nn.Linear(5, 10)

    def forward(self, x):
        h = self.pool(torch.relu(self.conv(x)))
        features = torch.tanh(self.bottleneck(h.flatten(1)))
        self.last_features = features = features.detach()  # kept for plotting
        return self.head(features)


x, y = load_digits(return_X_y=True)
x = torch.tensor(x / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
y = torch.tensor(y)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=0)

net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

for step in range(300):
    batch = torch.randint(len(x_train), (64,))
    optimizer.zero_grad()
    loss = criterion(net(x_train[batch]), y_train[batch])
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (net(x_test).argmax(1) == y_test).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
