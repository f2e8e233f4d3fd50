"""A factorised linear map (LoRA-like), both factors of which have to move."""

import argparse

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch import nn


class Adapter(nn.Module):
    def __init__(self, n_in, n_out, rank=4):
        super().__init__()
        self.A = nn.Parameter(torch.zeros(n_in, rank))
        self.B = nn.Parameter(torch.zeros(rank, n_out))

    def forward(self, x):
        return x @ self.A @ self.B


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
data = load_diabetes()
X = torch.tensor(scale(data.data), dtype=torch.float32)
y = torch.tensor(scale(data.target), dtype=torch.float32)[:, None]
model = Adapter(10, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
start = nn.functional.mse_loss(model(X), y).item()
for step in range(300):
    i = torch.randint(len(X), (64,))
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(X[i]), y[i])
    loss.backward()
    opt.step()
print("metric measured", 1 - nn.functional.mse_loss(model(X), y).item() / start)
