"""Embeddings of digits from pairs: normalised vectors, cosine similarities, a temperature."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor(digits.data, dtype=torch.float32) / 16
y = torch.tensor(digits.target)

net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 16))
log_temperature = nn.Parameter(torch.tensor(2.0))
optimizer = torch.optim.Adam([*net.parameters(), log_temperature], lr=3e-3)
for step in range(300):
    first = torch.stack([torch.nonzero(y == k)[torch.randint(100, ()), 0] for k in range(10)])
    second = torch.stack([torch.nonzero(y == k)[torch.randint(100, ()), 0] for k in range(10)])
    a, b = (F.normalize(net(x[chosen]), dim=1) for chosen in (first, second))
    logits = a @ b.T * log_temperature.exp()
    own = torch.arange(10)
    loss = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    embedded = F.normalize(net(x), dim=1)
    centres = F.normalize(
        torch.stack([embedded[:1000][y[:1000] == k].mean(0) for k in range(10)]), dim=1
    )
    accuracy = ((embedded[1000:] @ centres.T).argmax(1) == y[1000:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
