"""Full-batch gradient descent at the edge of stability.

The curvature rises until it reaches 2/η and stays there. From then on many a step ends higher than
it began, and still the loss falls over any longer stretch: it looks like a learning rate that is
too high, and it is the way in which gradient descent trains networks.
"""

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x[:500] / 16).float(), torch.tensor(y[:500])
target = nn.functional.one_hot(y, 10).float()

model = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.6)

for step in range(1500):
    loss = 0.5 * (model(x) - target).square().sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 150 == 149:
        print(f"step {step + 1:4d}  loss {loss.item():.5f}")
