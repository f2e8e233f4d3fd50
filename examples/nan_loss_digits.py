"""Learns to place digits in the plane: images of the same digit close, of different digits apart.

The distance is written out as the square root of a sum of squares. Its derivative is 1/(2√s),
which is infinite at s = 0, and sooner or later an image is drawn as its own partner: the loss is
still finite, but the chain rule multiplies infinity by zero, the gradient is NaN, and after that
one step so is every weight. Adding a tiny number under the root would have been enough.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).flatten(1) / 16
labels = torch.tensor(digits.target)
x, y, x_test, y_test = images[:1400], labels[:1400], images[1400:], labels[1400:]

embed = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 8))
optimizer = torch.optim.Adam(embed.parameters(), lr=1e-3)


def distance(a, b):
    return (a - b).pow(2).sum(dim=1).sqrt()


def contrastive_loss(a, b, same, margin=4.0):
    d = distance(a, b)
    return torch.where(same, d.pow(2), (margin - d).clamp(min=0).pow(2)).mean()


for step in range(400):
    one = torch.randint(len(x), (32,))
    other = torch.randint(len(x), (32,))
    loss = contrastive_loss(embed(x[one]), embed(x[other]), y[one] == y[other])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print("step", step, "loss", round(loss.item(), 4))

with torch.no_grad():
    places, queries = embed(x), embed(x_test)
    centres = torch.stack([places[y == digit].mean(dim=0) for digit in range(10)])
    guesses = torch.cdist(queries, centres).argmin(dim=1)
    print("nearest centre is the right digit:", f"{(guesses == y_test).float().mean().item():.1%}")
