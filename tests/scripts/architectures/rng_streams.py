"""Three random streams at once: augmentation with random and numpy, dropout and noise with torch."""

import random

import numpy as np
import torch
from fingerprint import fingerprint, seed
from torch import nn


def augment(image):
    if random.random() < 0.5:
        image = image[:, ::-1]
    image = np.roll(image, random.randint(-1, 1), axis=0)
    return image + np.random.normal(0, 0.05, image.shape)


seed(0)
own = torch.Generator().manual_seed(3)
images = np.random.rand(32, 8, 8)
labels = torch.from_numpy(np.random.randint(0, 3, 32))
model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(8):
    x = torch.tensor(np.stack([augment(image) for image in images]), dtype=torch.float32)
    x = x + 0.01 * torch.randn(x.shape, generator=own)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), labels)
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), random.random(), float(np.random.rand()), repr(torch.rand(()).item()))
fingerprint(model, optimizer, own.get_state())
