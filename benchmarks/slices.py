"""`python -m benchmarks.slices [--quick] [--output FILE]`: what a 51 × 51 slice costs.

The unit is one forward pass of the model and its loss, timed alone beside the slice. The peer is
the package `loss-landscapes`. The adaptive slice is compared with the exact one, point by point.
"""

import argparse
import copy
import dataclasses
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

from benchmarks.page import PAGE, machine, put_section
from chainrule.instruments.adaptive_slice import adaptive_slice
from chainrule.instruments.directions import Direction, random_directions, variable
from chainrule.instruments.landscape import Extents, plane_slice
from chainrule.instruments.trajectory_plane import trajectory_plane
from chainrule.objective import Objective
from chainrule.records.landscape import Slice

POINTS = 51
A_FIFTH = 520
BAR = 1.05
SEEDS = 5

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Network:
    """A trained network in eval mode, the batch it is looked at on, and how it came there."""

    name: str
    model: nn.Module
    batch: Batch
    trajectory: list[Tensor]

    def forward(self) -> Tensor:
        """One forward pass with the loss."""
        return F.cross_entropy(self.model(self.batch[0]), self.batch[1])

    def objective(self) -> Objective:
        """L on the batch."""
        return Objective.from_module(self.model, F.cross_entropy, self.batch)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norms[0](self.convolutions[0](x)))
        return F.relu(x + self.norms[1](self.convolutions[1](y)))


class _RowTransformer(nn.Module):
    """Reads an image of digits as eight words, its rows."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            32, 4, 64, dropout=0.1, batch_first=True, norm_first=True, activation="gelu"
        )
        self.embed = nn.Linear(8, 32)
        self.position = nn.Parameter(torch.randn(8, 32) * 0.1)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        words = self.encoder(self.embed(x.view(-1, 8, 8)) + self.position)
        return self.head(words.mean(1))


def _perceptron(activation: type[nn.Module], width: int, depth: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Linear(64, width), activation()]
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), activation()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


def _resnet() -> nn.Module:
    stem = nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
    blocks = [_Residual(8) for _ in range(3)]
    tail = nn.MaxPool2d(4), nn.Flatten(), nn.Linear(32, 10)
    return nn.Sequential(nn.Unflatten(1, (1, 8, 8)), *stem, *blocks, *tail)


NETWORKS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "tanh MLP 2×64": (lambda: _perceptron(nn.Tanh, 64, 2), 300),
    "ReLU MLP 2×64": (lambda: _perceptron(nn.ReLU, 64, 2), 300),
    "ReLU MLP 6×32": (lambda: _perceptron(nn.ReLU, 32, 6), 300),
    "tanh MLP 10×256": (lambda: _perceptron(nn.Tanh, 256, 10), 100),
    "ResNet, 3 blocks of 8 channels": (_resnet, 150),
    "transformer, 2 layers of width 32": (_RowTransformer, 150),
}
TIMED = ("tanh MLP 2×64", "tanh MLP 10×256", *list(NETWORKS)[-2:])


def network(name: str) -> Network:
    """Train one on scikit-learn's digits with Adam, and put it into eval mode."""
    make, steps = NETWORKS[name]
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    inputs, targets = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    model = make().train()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    generator = torch.Generator().manual_seed(0)
    trajectory = []
    for step in range(steps):
        pick = torch.randint(0, 1400, (64,), generator=generator)
        loss = F.cross_entropy(model(inputs[pick]), targets[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 9:
            trajectory.append(torch.cat([p.detach().reshape(-1) for p in model.parameters()]))
    many = 64 if "256" in name else 300
    return Network(name, model.eval(), (inputs[:many], targets[:many]), trajectory)


# ---- time


def _forwards(net: Network, many: int) -> float:
    """Seconds of so many forward passes at the same weights, and nothing else."""
    with torch.no_grad():
        began = time.perf_counter()
        for _ in range(many):
            net.forward()
        return time.perf_counter() - began


class _Pauses:
    """Lets a contender work for a while, then the bare forward passes as often, and so on.

    The speed of a machine drifts by more than the few per cent that are looked for; what alternates
    every tenth of a second drifts together.
    """

    def __init__(self, net: Network) -> None:
        self._net = net
        self._done = 0
        self._began = time.perf_counter()
        self.own_s = 0.0
        self.forward_s = 0.0

    def pause(self, done: int, of: int = 0) -> None:
        """So many points are done: as many forward passes now."""
        self.own_s += time.perf_counter() - self._began
        self.forward_s += _forwards(self._net, done - self._done)
        self._done = done
        self._began = time.perf_counter()

    @property
    def ratio(self) -> float:
        """Time of the contender over that of the forward passes."""
        return (self.own_s + time.perf_counter() - self._began) / self.forward_s


def _ours(net: Network, points: int) -> float:
    objective = net.objective()
    pauses = _Pauses(net)
    x, y = random_directions(objective)
    plane_slice(objective, x, y, points=points, progress=pauses.pause)
    return pauses.ratio


def _peer(net: Network, points: int) -> float:
    import loss_landscapes
    from loss_landscapes.metrics import Loss

    class Pausing(Loss):
        """Its own metric, with a pause after each row."""

        count = 0

        def __call__(self, wrapper: object) -> object:
            found = super().__call__(wrapper)
            self.count += 1
            if self.count % points == 0:
                pauses.pause(self.count)
            return found

    metric = Pausing(F.cross_entropy, *net.batch)
    pauses = _Pauses(net)
    loss_landscapes.random_plane(net.model, metric, steps=points, deepcopy_model=True)
    return pauses.ratio


def _floor(net: Network, points: int) -> float:
    """The least that a loop can do: one addition in place for each point, and its forward pass."""
    (x,) = random_directions(net.objective(), count=1)
    model = copy.deepcopy(net.model)
    theta = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    begin = 0
    for parameter in model.parameters():
        parameter.data = theta[begin : begin + parameter.numel()].view(parameter.shape)
        begin += parameter.numel()
    moved = dataclasses.replace(net, model=model)
    pauses = _Pauses(net)
    with torch.no_grad():
        for row in range(points):
            for _ in range(points):
                theta.add_(x.vector, alpha=1e-6)
                moved.forward()
            pauses.pause((row + 1) * points)
    return pauses.ratio


FLOOR = "a bare loop: `theta.add_(x)`, forward pass"


def timings(net: Network, points: int, rounds: int) -> dict[str, list[float]]:
    """For each contender the ratio to as many forward passes, which alternate with it."""
    contenders = {"chainrule `plane_slice`": _ours, FLOOR: _floor}
    try:
        import loss_landscapes  # noqa: F401

        contenders["loss-landscapes `random_plane`"] = _peer
    except ImportError:
        pass
    found: dict[str, list[float]] = {name: [] for name in contenders}
    _forwards(net, 50)
    for _ in range(rounds):
        for name, contender in contenders.items():
            found[name].append(contender(net, points))
    return found


def time_section(quick: bool) -> list[str]:
    """The table of times."""
    points, rounds = (15, 2) if quick else (POINTS, 5)
    lines = [
        f"### The plain slice, {points} × {points} points",
        "",
        "Time of the whole slice, making its directions included, over the time of as many forward "
        "passes alone, which take turns with it every tenth of a second. Median and, in brackets, "
        f"smallest and largest of {rounds}. Below 1 the slice is cheaper than its forward passes, "
        "because several points went through the network at once, by vmap or by replicas side by "
        f"side, each on a core of its own. Bar: at most {BAR}.",
        "",
        "The row *a bare loop* is no slice but the least that can be done one point after the "
        "other: another θ must be written for each, and the least for that is one addition in "
        "place, which reads θ and a direction and writes θ. It has no other code at all: no grid, "
        "no random streams, no value read, no other row.",
        "",
        "| network | parameters | one forward pass | by | time / forward passes | |",
        "|---|---|---|---|---|---|",
    ]
    for name in TIMED:
        net = network(name)
        count = sum(p.numel() for p in net.model.parameters())
        each = 1e3 * _forwards(net, 200) / 200
        found = timings(net, points, rounds)
        floor = statistics.median(found[FLOOR])
        for contender, ratios in found.items():
            median = statistics.median(ratios)
            met = ""
            if contender.startswith("chainrule"):
                met = "met" if median <= BAR else "**not met**"
                met += f"; {median / floor - 1:+.1%} to the bare loop"
            lines.append(
                f"| {name} | {count:,} | {each:.2f} ms | {contender} | **{median:.3f}** "
                f"[{min(ratios):.3f}–{max(ratios):.3f}] | {met} |"
            )
            _say(lines[-1])
    return [*lines, ""]


# ---- the adaptive slice


@dataclass(frozen=True)
class Plane:
    """A plane to be sliced both ways."""

    name: str
    objective: Objective
    x: Direction
    y: Direction
    theta: Tensor | None
    extent: Extents


def planes(quick: bool) -> Iterator[Plane]:
    """Random and trajectory planes of the networks, and formulas over their own."""
    for name in list(NETWORKS)[: 2 if quick else None]:
        net = network(name)
        objective = net.objective()
        for seed in range(1 if quick else 2):
            x, y = random_directions(objective, seed=seed)
            yield Plane(f"{name}, random plane {seed + 1}, ±1", objective, x, y, None, 1.0)
        plane = trajectory_plane(objective, net.trajectory)
        yield Plane(
            f"{name}, its trajectory", objective, plane.x, plane.y, plane.theta, plane.extent()
        )
    formulas: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], float]] = {
        "Himmelblau, ±5": (lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, 5),
        "Rosenbrock, ±2": (lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, 2),
        "sin 3x · cos 2y + xy/10, ±3": (
            lambda x, y: torch.sin(3 * x) * torch.cos(2 * y) + x * y / 10,
            3,
        ),
        "Rastrigin, ±5.12 (10 waves)": (
            lambda x, y: 20 + sum(t**2 - 10 * torch.cos(2 * torch.pi * t) for t in (x, y)),
            5.12,
        ),
        "sign(x − y/2), ±2 (a jump)": (lambda x, y: torch.sign(x - y / 2) + 0.1 * x, 2),
    }
    zero = torch.tensor(0.0, dtype=torch.float64)
    for name, (function, side) in formulas.items():
        objective = Objective.from_callable(
            lambda t, f=function: f(t["x"], t["y"]), {"x": zero, "y": zero}
        )
        x, y = variable(objective, "x"), variable(objective, "y")
        yield Plane(name, objective, x, y, None, float(side))


def _error(found: Slice, exact: Slice) -> float:
    low, high = exact.range
    differences = [abs(a - b) for a, b in zip(found.values, exact.values, strict=True)]
    return max(differences) / (high - low)


def adaptive_section(quick: bool) -> list[str]:
    """The table of errors."""
    seeds = 2 if quick else SEEDS
    lines = [
        "### The adaptive slice, 51 × 51 points",
        "",
        "Evaluations (those of the check included) and the largest error over *all* points beside "
        "the exact slice, in per cent of its range; for "
        f"{seeds} seeds of the random check, the worst one. *Estimated* is what the slice itself "
        f"says. Bar: at most {A_FIFTH} of 2,601 evaluations and 1 %, or all points and the reason.",
        "",
        "| plane | evaluations | largest error | estimated | error / largest checked | |",
        "|---|---|---|---|---|---|",
    ]
    ratios: list[float] = []
    for plane in planes(quick):
        sides = {"theta": plane.theta, "extent": plane.extent}
        exact = plane_slice(plane.objective, plane.x, plane.y, **sides)
        found = [
            adaptive_slice(plane.objective, plane.x, plane.y, seed=seed, **sides)
            for seed in range(seeds)
        ]
        errors = [_error(slice_, exact) for slice_ in found]
        worst = max(range(seeds), key=lambda i: errors[i])
        own = [
            errors[i] * (exact.range[1] - exact.range[0]) / s.checked_error
            for i, s in enumerate(found)
            if not all(s.exact) and s.checked_error > 1e-12
        ]
        ratios += own
        fewest, most = min(s.evaluations for s in found), max(s.evaluations for s in found)
        if all(all(s.exact) for s in found):
            verdict = "all points: " + found[0].note.partition(":")[0]
        else:
            verdict = "met" if most <= A_FIFTH and errors[worst] <= 0.01 else "**not met**"
        span = exact.range[1] - exact.range[0]
        lines.append(
            f"| {plane.name} | {fewest:,}–{most:,} | {100 * errors[worst]:.3f} % | "
            f"{100 * found[worst].error_estimate / span:.3f} % | "
            f"{f'{max(own):.1f}' if own else '–'} | {verdict} |"
        )
        _say(lines[-1])
    if ratios:
        within = sum(ratio <= 3 for ratio in ratios)
        lines += [
            "",
            "The estimate is three times the largest error at 60 random points. Over the "
            f"{len(ratios)} interpolated pictures above, the largest error was at most that in "
            f"{within}; the median of largest error / largest checked error was "
            f"{statistics.median(ratios):.2f}, the largest {max(ratios):.2f}.",
        ]
    return [*lines, ""]


def section(quick: bool = False) -> list[str]:
    """The Markdown section."""
    return [machine(), "", *time_section(quick), *adaptive_section(quick)]


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    """Run it and put the section on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few points, few networks")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    put_section("Landscapes", section(options.quick), options.output)


if __name__ == "__main__":
    main()
