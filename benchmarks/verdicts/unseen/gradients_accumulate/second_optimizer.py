"""Convolutional autoencoder; encoder and decoder have an optimizer each."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)

x = torch.tensor(load_digits().images).float().unsqueeze(1) / 16
encoder = nn.Sequential(
    nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.SiLU(), nn.Flatten(), nn.Linear(128, 16)
)
decoder = nn.Sequential(
    nn.Linear(16, 128),
    nn.Unflatten(1, (8, 4, 4)),
    nn.SiLU(),
    nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
)
enc_opt = torch.optim.SGD(encoder.parameters(), lr=0.1, momentum=0.9)
dec_opt = torch.optim.SGD(decoder.parameters(), lr=0.1, momentum=0.9)

for epoch in range(10):
    for index in torch.randperm(1500).split(50):
        batch = x[index]
        enc_opt.zero_grad()
        loss = nn.functional.mse_loss(decoder(encoder(batch)), batch)
        loss.backward()
        enc_opt.step()
        dec_opt.step()

with torch.no_grad():
    rest = x[1500:]
    error = (decoder(encoder(rest)) - rest).square().mean() / rest.var(0).mean()
print("metric measured", error.item())
