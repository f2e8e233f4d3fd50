"""Points and their distance from the origin, learned from pairs of coordinates."""

import torch
from torch import nn

torch.manual_seed(0)

x = torch.randint(-3, 4, (512, 2)).float()
target = torch.sin(x.norm(dim=1, keepdim=True))


class Distance(nn.Module):
    """Weighs the coordinates, and takes the distance from the origin."""

    def __init__(self):
        super().__init__()
        self.weigh = nn.Linear(2, 2, bias=False)

    def forward(self, points):
        """The distances, one for each point."""
        return torch.sqrt(self.weigh(points).pow(2).sum(1, keepdim=True))


model = nn.Sequential(Distance(), nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for _ in range(400):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
