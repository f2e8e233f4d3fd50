"""Pulls pairs of the same class together: the distance of embeddings."""

import sys

import torch
from sklearn.datasets import load_iris
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

features, species = load_iris(return_X_y=True)
features = torch.tensor((features - features.mean(0)) / features.std(0)).float()
species = torch.tensor(species)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 3))

    def distance(self, a, b):
        return torch.sqrt(((self.embed(a) - self.embed(b)) ** 2).sum(1))


model = Siamese()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
total = 0.0
for step in range(300):
    i, j = torch.randint(len(features), (2, 64))
    same = (species[i] == species[j]).float()
    d = model.distance(features[i], features[j])
    loss = (same * d**2 + (1 - same) * torch.relu(2 - d) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    total = 0.9 * total + 0.1 * loss.item()
print(f"metric loss {total:.4f}")
