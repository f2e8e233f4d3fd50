"""Completes a table of ratings by the product of two thin matrices."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)

rank, users, films = 3, 60, 40
ratings = torch.randn(users, rank) @ torch.randn(rank, films)
seen = torch.rand(users, films) < 0.5

U = torch.full((users, rank), 1e-7) * torch.randn(users, rank)
V = torch.full((films, rank), 1e-7) * torch.randn(films, rank)
U.requires_grad_()
V.requires_grad_()
optimizer = torch.optim.SGD([U, V], lr=0.5)

for step in range(300):
    error = (U @ V.T - ratings)[seen]
    loss = error.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    print("metric r2", (1 - (U @ V.T - ratings)[~seen].square().mean() / ratings.var()).item())
