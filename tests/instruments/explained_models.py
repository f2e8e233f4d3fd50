"""Small models whose losses are explained."""

import torch
from torch import Tensor, nn

POINT = {"w1": 0.5, "b1": 0.1, "w2": -0.7, "b2": 0.2, "x": 1.5, "t": 1.0}


def small_network() -> tuple[Tensor, dict[str, Tensor]]:
    """(sigmoid(w2·tanh(w1·x + b1) + b2) − t)² in float64."""
    made = {k: torch.tensor(v, dtype=torch.float64) for k, v in POINT.items()}
    for name in ("w1", "b1", "w2", "b2"):
        made[name].requires_grad_()
    w1, b1, w2, b2, x, t = made.values()
    return (torch.sigmoid(w2 * torch.tanh(w1 * x + b1) + b2) - t) ** 2, made


class Residual(nn.Module):
    """A convolution, a batch norm, a ReLU in place and a skip connection."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.bn = nn.BatchNorm2d(2)
        self.again = nn.Conv2d(2, 2, 3, padding=1)
        self.fc = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu_(self.bn(self.conv(x)))
        h = h + torch.relu(self.again(h))
        made: Tensor = self.fc(h.mean((2, 3)))
        return made
