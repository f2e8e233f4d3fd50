"""A tanh network written with functions; all of its tensors start at zero."""

import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import make_circles

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = make_circles(400, noise=0.05, factor=0.5, random_state=seed)
x, y = torch.tensor(x).float(), torch.tensor(y)

parameters = {
    "w1": torch.zeros(2, 20),
    "b1": torch.zeros(20),
    "w2": torch.zeros(20, 2),
    "b2": torch.zeros(2),
}
for p in parameters.values():
    p.requires_grad_()


def forward(x):
    h = torch.tanh(F.linear(x, parameters["w1"].T, parameters["b1"]))
    return F.linear(h, parameters["w2"].T, parameters["b2"])


optimizer = torch.optim.SGD(list(parameters.values()), lr=0.5)
for _ in range(500):
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(x), y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (forward(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
