"""Two losses of one forward pass, each with its own backward pass; the graph is kept for the second."""

import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.from_numpy(digits.data).float().div(16)
y = torch.from_numpy(digits.target)


class Autoclassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ELU(), nn.Linear(48, 16), nn.ELU())
        self.decoder = nn.Linear(16, 64)
        self.classifier = nn.Linear(16, 10)

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(code), self.classifier(code)


model = Autoclassifier()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3)
for iteration in range(300):
    i = torch.randint(1400, (64,))
    picture, logits = model(x[i])
    optimizer.zero_grad()
    reconstruction = F.mse_loss(picture, x[i])
    reconstruction.backward(retain_graph=True)
    classification = F.cross_entropy(logits, y[i])
    classification.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(x[1400:])[1].argmax(1) == y[1400:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
