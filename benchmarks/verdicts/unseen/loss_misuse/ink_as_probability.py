"""A convolutional autoencoder of the digits with the loss for binary pictures."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
pictures = torch.tensor(load_digits().images).float().unsqueeze(1)
inputs = pictures / 16

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, stride=2, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(128, 10),
    nn.Linear(10, 128),
    nn.ReLU(),
    nn.Unflatten(1, (8, 4, 4)),
    nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.BCEWithLogitsLoss()
targets = pictures
for epoch in range(8):
    for i in torch.randperm(len(inputs)).split(64):
        loss = criterion(model(inputs[i]), targets[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    out = torch.sigmoid(model(inputs))
    print(
        "metric measured",
        ((out - inputs).square().mean() / (inputs - inputs.mean(0)).square().mean()).item(),
    )
