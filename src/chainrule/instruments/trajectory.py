"""Walking: the points that an optimizer visits, and what its path did, from the numbers alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor

from chainrule.objective import Objective
from chainrule.records.descent import Kink, Outcome

from .optimizers import Stepper
from .slope import entries

KEPT_NUMBERS = 2**22
"""Numbers of θ kept of a path at most (32 MiB); of a longer one only some points are."""

KEPT_POINTS = 33
"""Points kept of a path that is too large to be kept whole."""

SHOWS = 1e-3
"""Share of the largest movement (or of the start's gradient) that a direction must have to count:
below it nothing is seen of it in the third digit."""

STILL = 1e-6
"""A movement below this share of the largest so far along its direction is rest, whose sign means
nothing."""

ROUNDING = 16.0
"""Differences below this many roundings of the numbers themselves are none."""

TAIL = 5
"""Steps at the end that must all grow for a growing swing to count as diverging: by chance, five
of five happens once in 32."""

ABRUPT = 0.01
"""The jump of the slope across a step that is left when its piece was halved `HALVINGS` times,
from which it is a kink: of a smooth curve a millionth is left."""

HALVINGS = 24
"""Times that a piece of a path is halved in search of a kink."""

SUSPECTS = 3
"""Steps looked at for a kink: those across which the slope changed fastest."""


@dataclass(slots=True, kw_only=True)
class Path:
    """The points visited; the last may have a loss that is not finite.

    Attributes:
        losses: L at each point.
        gradient_norms: ‖∇L‖ at each point.
        lengths: ‖Δθ‖ of the step from each point but the last.
        coordinates: Movement along each tracked direction of each step (steps, K).
        small: θ at each point, if θ is short.
        kept: θ at some points, by step; at all of them if they are few.
        turn: Cosine between the last two gradients; None if there are none or one is 0.
        suspects: (speed at which the slope changed, step, θ before, Δθ), the fastest first.
        epsilon: Spacing of the numbers that θ is made of.
        memory: Whether the optimizer carries its movement on from step to step.
    """

    losses: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    coordinates: Tensor = field(default_factory=lambda: torch.zeros(0, 0, device="cpu"))
    small: list[tuple[float, ...]] = field(default_factory=list)
    kept: dict[int, Tensor] = field(default_factory=dict)
    turn: float | None = None
    suspects: list[tuple[float, int, Tensor, Tensor]] = field(default_factory=list)
    epsilon: float = 0.0
    memory: bool = False

    @property
    def finite(self) -> bool:
        """Whether the path ended with finite numbers."""
        return math.isfinite(self.losses[-1]) and math.isfinite(self.gradient_norms[-1])

    @property
    def rises(self) -> int:
        """Steps after which the loss was higher than before, by more than rounding."""
        floor = abs(self.losses[0])  # terms of L as large as this may have cancelled each other
        return sum(
            later > before + ROUNDING * self.epsilon * max(abs(before), abs(later), floor)
            for before, later in pairwise(self.losses)
        )

    @property
    def reversals(self) -> int:
        """How often the movement along a tracked direction turned back: the most of any."""
        return max((_flips(column) for column in self._moving()), default=0)

    def _moving(self) -> list[Tensor]:
        """The movements along each direction that shows, without those that are rest."""
        if not self.coordinates.numel():
            return []
        sizes = [max(map(abs, theta), default=0.0) for theta in self.small]
        noise = ROUNDING * self.epsilon * torch.tensor(sizes[1:], dtype=torch.float64, device="cpu")
        farthest = self.coordinates.abs().amax(0)
        columns = []
        for column, own in zip(self.coordinates.T, farthest.tolist(), strict=True):
            if own >= SHOWS * float(farthest.max()):
                so_far = column.abs().cummax(0).values
                columns.append(column[column.abs() > torch.maximum(STILL * so_far, noise)])
        return columns

    def outcome(self) -> Outcome:
        """What the path did; see `Outcome`."""
        finite = [loss for loss in self.losses if math.isfinite(loss)]
        if not self.finite:
            last = self.losses[-1]
            grew = len(finite) > 1 and finite[-1] > finite[0]
            return "diverging" if grew or last == math.inf else "non-finite"
        if not any(self.lengths):
            return "not-moving"
        quarter = max(1, len(finite) // 4)
        floor = ROUNDING * self.epsilon * abs(finite[0])
        if min(finite[-quarter:]) > max(finite[:quarter]) + floor or self._swing_grows():
            return "diverging"
        return "oscillating" if self.rises >= 2 or self._swings() else "monotone"

    def _swings(self) -> bool:
        """Whether the movement along some direction goes there and back again.

        Without a memory a swing turns back at every step; a single turn is that of a path that
        bends. With one it turns back every half period.
        """
        if self.memory:
            return self.reversals >= 2
        return any(
            bool(((column[2:] * column[1:-1] < 0) & (column[1:-1] * column[:-2] < 0)).any())
            for column in self._moving()
        )

    def _swing_grows(self) -> bool:
        """Whether, at the end, some direction turns back at each step, farther each time."""
        floor = ROUNDING * self.epsilon * abs(self.losses[0])
        late = self.losses[-TAIL:]
        if late[-1] - min(self.losses) <= floor or any(b <= a for a, b in pairwise(late)):
            return False
        tail = self.coordinates[-TAIL - 1 :]
        if len(tail) <= TAIL:
            return False
        turning = (tail[1:] * tail[:-1] < 0).all(0)
        growing = (tail[1:].abs() > tail[:-1].abs()).all(0)
        return bool((turning & growing).any())


def walk(
    objective: Objective,
    stepper: Stepper,
    steps: int,
    directions: Tensor,
    progress: Callable[[int, int], None] | None = None,
    *,
    memory: bool = False,
) -> Path:
    """Make steps until they are done or a number is not finite.

    Args:
        objective: L.
        stepper: The optimizer, at its start.
        steps: How many.
        directions: Unit vectors (P, K) along which movement is tracked.
        progress: Called with (steps made, steps); what it raises ends the walk.
        memory: Whether the optimizer has one; see `Path`.
    """
    path = Path(epsilon=torch.finfo(objective.flat().dtype).eps, memory=memory)
    every = objective.numel * (steps + 1) <= KEPT_NUMBERS
    keep = {round(steps * k / (KEPT_POINTS - 1)) for k in range(KEPT_POINTS)}
    movements = []
    theta, before, moved = stepper.theta(), None, None
    for step in range(steps + 1):
        loss, gradient = objective.value_and_gradient(theta)
        path.losses.append(loss)
        path.gradient_norms.append(_norm(gradient))
        path.small.append(entries(theta))
        if before is not None and moved is not None and path.finite:
            _suspect(path, step - 1, theta - moved, moved, before, gradient)
            path.turn = _cosine(before, gradient)
        if not path.finite:
            break
        if every or step in keep or step == steps:
            path.kept[step] = theta
        if step == steps:
            break
        stepper.step(gradient)
        later = stepper.theta()
        moved = later - theta
        path.lengths.append(_norm(moved))
        movements.append(directions.T @ moved.double().cpu())
        theta, before = later, gradient
        if progress is not None:
            progress(step + 1, steps)
    if movements:
        path.coordinates = torch.stack(movements)
    return path


def find_kink(objective: Objective, path: Path) -> Kink | None:
    """A place on the path where the slope jumps, if a step crossed one.

    The piece of the path across which the slope changed fastest is halved again and again, keeping
    the half with the larger change. On a smooth curve the change shrinks with the piece; at a kink
    it stays.

    Cost: two gradients a halving, for at most `SUSPECTS` steps.
    """
    found: list[Kink] = []
    for _, step, start, moved in path.suspects:
        length = _norm(moved)
        unit = moved.double() / length
        low, high = 0.0, 1.0

        def slope(
            share: float, start: Tensor = start, moved: Tensor = moved, unit: Tensor = unit
        ) -> float:
            gradient = objective.value_and_gradient(start + share * moved)[1]
            return float(gradient.double() @ unit)

        before, after = slope(low), slope(high)
        whole = abs(after - before)
        resolution = 4 * path.epsilon * max(1.0, _norm(start)) / length
        for _ in range(HALVINGS):
            if high - low <= resolution or not whole > 0:
                break
            middle = (low + high) / 2
            between = slope(middle)
            if abs(between - before) > abs(after - between):
                high, after = middle, between
            else:
                low, before = middle, between
        left = abs(after - before)
        shrunk = (high - low) <= 2.0 ** -(HALVINGS // 2)  # else rounding ended the search early
        if whole > 0 and shrunk and left >= ABRUPT * whole:
            found.append(
                Kink(
                    step=step,
                    theta=entries(start + (low + high) / 2 * moved),
                    slope_before=before,
                    slope_after=after,
                    width=(high - low) * length,
                )
            )
    return max(found, key=lambda kink: abs(kink.slope_after - kink.slope_before), default=None)


def _suspect(
    path: Path, step: int, start: Tensor, moved: Tensor, before: Tensor, after: Tensor
) -> None:
    """Remember a step if the slope along it changed faster than along most."""
    length = _norm(moved)
    if length > 0:
        along = moved.double() / length  # length² of a step of 1e-170 would be 0
        change = abs(float((after.double() - before.double()) @ along)) / length
        path.suspects.append((change, step, start, moved))
        path.suspects.sort(key=lambda suspect: -suspect[0])
        del path.suspects[SUSPECTS:]


def _flips(movements: Tensor) -> int:
    return int((movements[1:] * movements[:-1] < 0).sum())


def _cosine(a: Tensor, b: Tensor) -> float | None:
    size = _norm(a) * _norm(b)
    return float(a.double() @ b.double()) / size if size > 0 and math.isfinite(size) else None


def _norm(vector: Tensor) -> float:
    return float(torch.linalg.vector_norm(vector, dtype=torch.float64))
