"""Graph network: digits whose neighbours are the digits that look alike; few have a label."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neighbors import kneighbors_graph
from torch import nn


class GraphConv(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.lin = nn.Linear(d_in, d_out)

    def forward(self, h, adjacency):
        return adjacency @ self.lin(h)


class GCN(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.convs = nn.ModuleList(
            GraphConv(a, b) for a, b in zip(sizes[:-1], sizes[1:], strict=True)
        )

    def forward(self, x, adjacency):
        for conv in self.convs[:-1]:
            x = F.relu(conv(x, adjacency))
        return self.convs[-1](x, adjacency)


def propagation(points, k):
    a = torch.tensor(kneighbors_graph(points, k).toarray()).float()
    a = torch.maximum(a, a.T) + torch.eye(len(a))
    return a


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--neighbours", type=int, default=12)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    digits = load_digits()
    pick = torch.randperm(1797)[:500].numpy()
    x = torch.tensor(digits.data[pick] / 8 - 0.6).float()
    y = torch.tensor(digits.target[pick])
    adjacency = propagation(digits.data[pick], args.neighbours)
    labelled = torch.arange(500) < 100
    model = GCN(64, 32, 32, 32, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(150):
        model.train()
        loss = F.cross_entropy(model(x, adjacency)[labelled], y[labelled])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        said = model(x, adjacency).argmax(1)
    print("metric measured", (said == y)[~labelled].float().mean().item())


main()
