import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--accumulate", type=int, default=4)
args = ap.parse_args()
torch.manual_seed(args.seed)
torch.set_num_threads(1)
d = load_digits()
X, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
loader = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=16, shuffle=True, drop_last=True)
model = nn.Sequential(nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
optimizer.zero_grad()
for epoch in range(12):
    for k, (x, t) in enumerate(loader):
        loss = nn.functional.cross_entropy(model(x), t) / args.accumulate
        loss.backward()
        if (k + 1) % args.accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
print("metric measured", (model(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
