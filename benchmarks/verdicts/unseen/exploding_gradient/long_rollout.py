"""Identify the two constants of the Henon map by matching a simulated orbit to a measured one."""

import sys

import torch

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)


def henon(state, a, b):
    x, y = state
    return 1 - a * x**2 + y, b * x


true = (torch.tensor(1.4), torch.tensor(0.3))
orbit = [(torch.tensor(0.1), torch.tensor(0.1))]
for _ in range(600):
    orbit.append(henon(orbit[-1], *true))
orbit = [(x + 1e-3 * torch.randn(()), y + 1e-3 * torch.randn(())) for x, y in orbit]

a = torch.tensor(1.2, requires_grad=True)
b = torch.tensor(0.2, requires_grad=True)
optimizer = torch.optim.SGD([a, b], lr=0.01)
WINDOW = 40
for step in range(150):
    start = int(torch.randint(100, 500, ()))
    state = orbit[start]
    loss = 0.0
    for t in range(WINDOW):
        state = henon(state, a, b)
        target = orbit[start + t + 1]
        loss = loss + (state[0] - target[0]) ** 2 + (state[1] - target[1]) ** 2
    loss = loss / WINDOW
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("metric measured", float((a - 1.4).abs() + (b - 0.3).abs()))
