"""Guards against NaN in the forward pass and in the loop, early stopping by the loss, numbers for a log."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn



class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, x):
        x = torch.tanh(self.a(x))
        assert not torch.isnan(x).any()
        if torch.isinf(x).any():
            raise FloatingPointError("overflow")
        return self.b(x)


seed(0)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 5), torch.randint(0, 3, (12,))
best, log = float("inf"), []
for step in range(6):
    loss = F.cross_entropy(model(x), y)
    if not torch.isfinite(loss):
        break
    if loss < best:
        best = loss.item()
    log.append(f"{loss:.4f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(log, repr(best))
fingerprint(model, optimizer)
