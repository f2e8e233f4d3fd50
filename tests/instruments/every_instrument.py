"""The instruments of a practitioner, each asked of a small network for some numbers."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chainrule.instruments.adaptive_slice import adaptive_slice
from chainrule.instruments.curvature import eigenpairs, sharpness
from chainrule.instruments.directions import random_directions
from chainrule.instruments.flat_place import flat_place
from chainrule.instruments.landscape import plane_slice
from chainrule.instruments.trajectory_plane import trajectory_plane
from chainrule.objective import Objective


def objective(width: int, device: str = "cpu") -> Objective:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, width), nn.Tanh(), nn.Linear(width, 4)).to(device)
    batch = torch.randn(64, 6).to(device), torch.randint(0, 4, (64,)).to(device)
    return Objective.from_module(model, F.cross_entropy, batch)


def of_plane(found: Objective) -> list[float]:
    x, y = random_directions(found, seed=3)
    return [*plane_slice(found, x, y, points=13).values, *adaptive_slice(found, x, y).values]


def of_spectrum(found: Objective) -> list[float]:
    spectrum = eigenpairs(found, largest=2, smallest=1).spectrum
    return [end.value for end in (*spectrum.largest, *spectrum.smallest)]


def of_trajectory(found: Objective) -> list[float]:
    start = found.flat()
    turns = torch.Generator("cpu").manual_seed(1)
    points: list[Tensor] = [start]
    for _ in range(5):
        points.append(
            points[-1] + 0.1 * torch.randn(len(start), generator=turns, device="cpu").to(start)
        )
    return list(trajectory_plane(found, points).path.x)


INSTRUMENTS: dict[str, Callable[[Objective], list[float]]] = {
    "plane": of_plane,
    "sharpness": lambda found: [sharpness(found).sharpness],
    "both ends": of_spectrum,
    "thorough": lambda found: [sharpness(found, thorough=True).sharpness],
    "place": lambda found: [fact.value for fact in flat_place(found).facts],
    "trajectory": of_trajectory,
}
