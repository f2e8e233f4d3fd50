"""A picture as a function: from a pixel's place to its colour."""

import argparse

import numpy as np
import torch
from sklearn.datasets import load_sample_image
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)

picture = load_sample_image("china.jpg")[::4, ::4]
height, width, _ = picture.shape
colour = torch.tensor(picture.reshape(-1, 3) / 255.0).float()
rows, columns = np.mgrid[: 4 * height : 4, : 4 * width : 4]
place = torch.tensor(np.stack([rows.ravel(), columns.ravel()], 1)).float()

field = nn.Sequential(
    nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 3), nn.Sigmoid()
)
optimizer = torch.optim.Adam(field.parameters(), lr=5e-3)
for step in range(500):
    pick = torch.randint(len(place), (256,))
    loss = nn.functional.mse_loss(field(place[pick]), colour[pick])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    error = nn.functional.mse_loss(field(place), colour) / (colour - colour.mean(0)).square().mean()
print("metric measured", 1 - error.item())
