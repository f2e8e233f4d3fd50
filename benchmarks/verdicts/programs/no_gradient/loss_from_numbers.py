"""Two losses are added as numbers, and the sum made a tensor again so that backward() works."""

import sys

import torch
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x = torch.randn(400, 5)
value = (x[:, 0] * x[:, 1]).unsqueeze(1)
label = (x[:, 2] + x[:, 3] > 0).float().unsqueeze(1)

body = nn.Sequential(nn.Linear(5, 32), nn.Tanh())
value_head, label_head = nn.Linear(32, 1), nn.Linear(32, 1)
parameters = [*body.parameters(), *value_head.parameters(), *label_head.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.01)


def losses(x, value, label):
    h = body(x)
    regression = nn.functional.mse_loss(value_head(h), value)
    classification = nn.functional.binary_cross_entropy_with_logits(label_head(h), label)
    return regression, classification


for step in range(300):
    i = torch.randint(0, 400, (64,))
    regression, classification = losses(x[i], value[i], label[i])
    total = torch.tensor(regression.item() + classification.item(), requires_grad=True)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    if step % 100 == 0:
        print(step, total.item())

with torch.no_grad():
    accuracy = ((label_head(body(x)) > 0) == (label > 0)).float().mean().item()
print(f"metric accuracy {accuracy:.4f}")
