import argparse

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)

raw = load_breast_cancer()
features = torch.from_numpy(StandardScaler().fit_transform(raw.data)).float()
target = torch.from_numpy(raw.target).float().view(-1, 1)


class LogisticNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(30, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return self.net(x)


model = LogisticNet()
loss_fn = nn.BCEWithLogitsLoss()
optim = torch.optim.AdamW(model.parameters(), lr=5e-3)
for epoch in range(30):
    for idx in torch.randperm(len(features)).split(64):
        loss = loss_fn(model(features[idx]), target[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
print("metric measured", loss_fn(model(features), target).item())
