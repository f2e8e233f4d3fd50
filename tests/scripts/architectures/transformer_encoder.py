"""nn.TransformerEncoderLayer and nn.MultiheadAttention, with an eval pass under no_grad between steps."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(4, 16)
        layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.query = nn.Parameter(torch.randn(1, 1, 16))
        self.pool = nn.MultiheadAttention(16, 2, dropout=0.1, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        x = self.encoder(self.enter(x))
        pooled, _ = self.pool(self.query.expand(len(x), -1, -1), x, x)
        return self.head(pooled.squeeze(1))


seed(0)
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
x, y = torch.randn(32, 7, 4), torch.randint(0, 3, (32,))
held_x, held_y = torch.randn(16, 7, 4), torch.randint(0, 3, (16,))
for step in range(8):
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        held = nn.functional.cross_entropy(model(held_x), held_y)
    with torch.inference_mode():
        right = (model(held_x).argmax(1) == held_y).sum().item()
    print(step, repr(loss.item()), repr(held.item()), right)
fingerprint(model, optimizer)
