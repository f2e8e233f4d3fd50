"""Reads a digit pixel by pixel with a recurrent cell of one's own (after the IRNN paper)."""

import sys

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
torch.manual_seed(seed)
torch.set_num_threads(1)
H = 40


class Cell(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = torch.nn.Linear(4, H)
        self.rec = torch.nn.Parameter(1.6 * torch.eye(H))
        self.out = torch.nn.Linear(H, 10)

    def forward(self, seq):
        h = torch.zeros(seq.shape[0], H)
        for t in range(seq.shape[1]):
            h = torch.relu(self.inp(seq[:, t]) + h @ self.rec)
        return self.out(h)


digits = load_digits()
X = torch.from_numpy((digits.data / 16).astype(np.float32)).view(-1, 16, 4)
y = torch.from_numpy(digits.target)
order = torch.randperm(len(X))
train, test = order[:1400], order[1400:]
cell = Cell()
with torch.no_grad():
    cell.inp.weight.mul_(0.5)
opt = torch.optim.SGD(cell.parameters(), lr=0.01)
for epoch in range(25):
    perm = train[torch.randperm(len(train))]
    for b in range(0, len(perm), 50):
        batch = perm[b : b + 50]
        loss = F.cross_entropy(cell(X[batch]), y[batch])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (cell(X[test]).argmax(-1) == y[test]).float().mean()
print(f"metric measured {acc:.4f}")
