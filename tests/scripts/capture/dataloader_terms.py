"""DataLoader batches; a loss of three terms, one of them a sum over all parameters."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


from torch.utils.data import DataLoader, TensorDataset

seed(0)
data = TensorDataset(torch.randn(96, 8), torch.randint(0, 3, (96,)))
loader = DataLoader(data, batch_size=16, shuffle=True)
model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step, (x, y) in enumerate(loader):
    optimizer.zero_grad()
    out = model(x)
    penalty = sum(p.pow(2).sum() for p in model.parameters())
    loss = F.cross_entropy(out, y, label_smoothing=0.1) + 1e-3 * penalty + 1e-2 * out.abs().mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), repr(penalty.item()))
fingerprint(model, optimizer)
