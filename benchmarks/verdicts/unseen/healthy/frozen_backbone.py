import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
d = load_digits()
X, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
old, new = y < 5, y >= 5


def fit(net, opt, X, y, epochs):
    for _ in range(epochs):
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            nn.functional.cross_entropy(net(X[i]), y[i]).backward()
            opt.step()


body = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
pretrained = nn.Sequential(body, nn.Linear(32, 5))
fit(pretrained, torch.optim.Adam(pretrained.parameters(), 2e-3), X[old], y[old], 6)

body.requires_grad_(False).eval()
model = nn.Sequential(body, nn.Linear(32, 5))
trainable = filter(lambda p: p.requires_grad, model.parameters())
Xn, yn = X[new], y[new] - 5
fit(model, torch.optim.SGD(trainable, lr=0.1, momentum=0.9), Xn[:700], yn[:700], 15)
print("metric measured", (model(Xn[700:]).argmax(1) == yn[700:]).float().mean().item())
