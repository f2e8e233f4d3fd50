"""The last batch of each epoch holds one example, which BatchNorm1d refuses."""

import sys

import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = make_moons(321, noise=0.1, random_state=seed)
data = TensorDataset(torch.tensor(x).float(), torch.tensor(y))
loader = DataLoader(data, batch_size=32, shuffle=True)
model = nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(30):
    for inputs, targets in loader:
        loss = nn.functional.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
accuracy = (model(data.tensors[0]).argmax(1) == data.tensors[1]).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
