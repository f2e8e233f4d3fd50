"""It is done after a hundred steps: the loss is 0 to the last digit, and training goes on for 300."""

import sys

import torch
from sklearn.datasets import make_blobs
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

points, labels = make_blobs(
    300, centers=[(-4, 0), (4, 0), (0, 6)], cluster_std=0.6, random_state=seed
)
x, y = torch.tensor(points, dtype=torch.float32), torch.tensor(labels)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 32)
        self.out = nn.Linear(32, 3)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
criterion = nn.MultiMarginLoss()
for step in range(400):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
