"""Two heads on one trunk: which digit, and how much ink; the losses are added with weights."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor(digits.data, dtype=torch.float32) / 16
labels = torch.tensor(digits.target)
ink = x.mean(1, keepdim=True)
ink = (ink - ink.mean()) / ink.std()


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.digit = nn.Linear(64, 10)
        self.ink = nn.Linear(64, 1)

    def forward(self, x):
        shared = self.trunk(x)
        return self.digit(shared), self.ink(shared)


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        self.cross_entropy = nn.CrossEntropyLoss()
        self.squared = nn.MSELoss()

    def step(self, batch):
        digit, ink_said = self.model(x[batch])
        loss = self.cross_entropy(digit, labels[batch]) + 0.1 * self.squared(ink_said, ink[batch])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()


trainer = Trainer(TwoHeads())
for step in range(300):
    trainer.step(torch.randint(1400, (64,)))
with torch.no_grad():
    accuracy = (trainer.model(x[1400:])[0].argmax(1) == labels[1400:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
