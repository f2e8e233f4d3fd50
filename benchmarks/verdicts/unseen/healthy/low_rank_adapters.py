"""A classifier of digits 0 to 9 is adapted to inverted pictures by low-rank additions."""

import sys
import warnings

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, weight, bias, rank=8, alpha=16):
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.A = nn.Parameter(torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5)
        self.B = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.scale = alpha / rank

    def forward(self, x):
        return F.linear(x, self.weight, self.bias) + self.scale * (x @ self.A.T) @ self.B.T


def main(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    d = load_digits()
    scaled = d.data / 8 - 1
    base = MLPClassifier((64, 64), max_iter=25, random_state=seed).fit(
        scaled[:1000], d.target[:1000]
    )
    layers = []
    for w, b in zip(base.coefs_, base.intercepts_, strict=True):
        layers += [LoRALinear(torch.tensor(w.T).float(), torch.tensor(b).float()), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    x, y = -torch.tensor(scaled).float(), torch.tensor(d.target)
    opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    for _ in range(15):
        for i in torch.randperm(1400).split(50):
            opt.zero_grad()
            loss = F.cross_entropy(model(x[i]), y[i])
            loss.backward()
            opt.step()
    with torch.no_grad():
        return (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()


warnings.simplefilter("ignore")
print("metric measured", main(int(sys.argv[1]) if sys.argv[1:] else 0))
