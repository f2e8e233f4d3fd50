"""A residual network whose branches begin as zeros, on handwritten digits."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor(digits.data, dtype=torch.float32) / 16
y = torch.tensor(digits.target)
order = torch.randperm(len(x))
train, test = order[:1400], order[1400:]


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, h):
        return h + self.down(torch.relu(self.up(self.norm(h))))


model = nn.Sequential(nn.Linear(64, 48), *[Block(48) for _ in range(6)], nn.Linear(48, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for step in range(250):
    batch = train[torch.randint(len(train), (64,))]
    loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(x[test]).argmax(1) == y[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
