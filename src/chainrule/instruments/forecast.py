"""The regimes of η at a place, and the forecast: what an optimizer does on the quadratic there.

The quadratic that touches L at the start has a multiplier in each eigen-direction. What they say
holds as long as the path stays where the quadratic describes L; where it does not, the curvature
along the path shows why.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Point, Theta
from chainrule.records.descent import (
    EigenDirection,
    Motion,
    OptimizerName,
    PathCurvature,
    Reason,
    Regimes,
)

from .optimizers import Stepper, optimizer_name, settings_of, stepper
from .quadratic import local_quadratic
from .regimes import ADAPTIVE, memory_of, monotone_limit, multiplier, stable_limit
from .slope import check_rate, entries
from .trajectory import ROUNDING, SHOWS, Path, walk

ADAPTED_STEPS = 10
"""Steps on the quadratic whose gradients make D: as many as Adam's momentum of 0.9 averages over. D
of the first gradient alone would be next to 0 wherever the start happens to have no slope."""

DEPARTED = 0.1
"""Share of the largest change of the loss so far by which the path's loss may differ from the
quadratic's before it has left the quadratic."""

_ORDER: Mapping[Motion, int] = {"monotone": 0, "oscillating": 1, "diverging": 2}


def regimes(
    objective: Objective,
    learning_rate: float,
    optimizer: str = "gradient-descent",
    theta: Theta | None = None,
    *,
    steps: int = 100,
    settings: Mapping[str, float] | None = None,
) -> Regimes:
    """The limits of η for this objective at this place, and what η does in each eigen-direction.

    For an adaptive optimizer curvature is measured in its own coordinates: that of
    D^(−1/2) H D^(−1/2), with D as it is after ten steps on the quadratic (or after the first step
    where not all of the quadratic is known), whatever `steps` is. D shrinks with the gradient and
    depends on η, so these limits are of that moment, and decide nothing: `prediction` comes from
    running the optimizer on the quadratic.

    Args:
        objective: L.
        learning_rate: η.
        optimizer: One of `OptimizerName`.
        theta: Where; θ₀ if not given.
        steps: How many steps the prediction is for.
        settings: Of the optimizer, such as `{"momentum": 0.9}`.

    Cost: the local quadratic, twice for adaptive optimizers. Above 32 entries of θ only both ends
        of the spectrum are known, and the prediction rests on the sharpest direction.

    Raises:
        ObjectiveError: If η is not positive, the optimizer is unknown, or L is not finite at θ.
    """
    check_rate(learning_rate)
    check_steps(steps)
    name = optimizer_name(optimizer)
    known = settings_of(name, settings)
    return Forecast(objective, objective.flat(theta), name, learning_rate, steps, known).regimes


class Forecast:
    """The quadratic at the start, and what it says.

    Args:
        objective: L.
        start: θ, flat.
        optimizer: Which.
        learning_rate: η.
        steps: How many the forecast is for.
        settings: All settings of the optimizer.

    Attributes:
        hessian: The local quadratic at the start.
        seen: The same in the optimizer's own coordinates.
        regimes: What it says.
    """

    def __init__(
        self,
        objective: Objective,
        start: Tensor,
        optimizer: OptimizerName,
        learning_rate: float,
        steps: int,
        settings: Mapping[str, float],
    ) -> None:
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.steps = steps
        self.settings = settings
        self.hessian = local_quadratic(objective, start)
        self._model = self._quadratic() if self.hessian.complete else None
        self._adapted = 0
        self.seen = (
            local_quadratic(objective, start, scale=self._scale())
            if optimizer in ADAPTIVE
            else self.hessian
        )
        self.path = self._on_quadratic()
        self.regimes = self._regimes()

    def _regimes(self) -> Regimes:
        sharpness = self.seen.largest
        if sharpness <= self.seen.bound:  # bends nowhere upwards, as far as can be told
            sharpness = min(sharpness, 0.0)
        directions = tuple(self._directions())
        return Regimes(
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            eigenvalues=tuple(self.hessian.eigenvalues.tolist()),
            bound=self.hessian.bound,
            sharpness=self.seen.largest,
            preconditioned=self.optimizer in ADAPTIVE,
            monotone_limit=monotone_limit(self.optimizer, sharpness, self.settings),
            stable_limit=stable_limit(self.optimizer, sharpness, self.settings),
            prediction=self._prediction(directions),
            directions=directions,
            preconditioner_steps=self._adapted,
        )

    def _directions(self) -> list[EigenDirection]:
        seen = self.seen
        # an eigenvector has no sign of its own: the one in which its largest entry is positive
        leading = seen.vectors.gather(0, seen.vectors.abs().argmax(0, keepdim=True)).sign()[0]
        curvatures = torch.where(seen.eigenvalues.abs() <= seen.bound, 0.0, seen.eigenvalues)
        roots = [
            multiplier(self.optimizer, curvature, self.learning_rate, self.settings)
            for curvature in curvatures.tolist()
        ]
        # logarithms of each direction's share of the gradient, at the start and after all steps
        shares = [
            math.log(abs(slope) / seen.gradient_norm) if slope != 0 else -math.inf
            for slope in seen.slopes.tolist()
        ]
        grown = [
            share + self.steps * math.log(abs(root.value)) if root.value else -math.inf
            for share, root in zip(shares, roots, strict=True)
        ]
        return [
            EigenDirection(
                eigenvalue=float(seen.eigenvalues[k]),
                gradient=float(leading[k] * seen.slopes[k]),
                multiplier=root.value,
                complex=root.complex,
                motion=root.motion,
                active=max(shares[k], grown[k]) >= math.log(SHOWS)
                or (abs(root.value) > 1 and grown[k] >= max(grown) + math.log(SHOWS)),
                vector=entries(leading[k] * seen.vectors[:, k]),
            )
            for k, root in enumerate(roots)
        ]

    def _prediction(self, directions: Sequence[EigenDirection]) -> Motion:
        if self.optimizer in ADAPTIVE and self.path is not None:
            foretold = self.path.outcome()
            if foretold in _ORDER:
                return foretold  # type: ignore[return-value]
        motions: list[Motion] = [
            direction.motion
            for direction in directions
            # along negative curvature the loss falls as θ moves away: nothing to be warned of,
            # but Newton's method goes up there
            if direction.active and (direction.eigenvalue > 0 or self.optimizer == "newton")
        ]
        return max(motions, key=_ORDER.__getitem__, default="monotone")

    def _quadratic(self) -> Objective:
        """The quadratic as an objective."""
        q = self.hessian
        matrix = q.vectors @ torch.diag(q.eigenvalues) @ q.vectors.T
        origin = q.theta.double().cpu()

        def loss(point: Point) -> Tensor:
            d = point["theta"] - origin
            return q.loss + q.gradient @ d + 0.5 * (d @ matrix @ d)

        return Objective(loss, {"theta": origin}, source="callable", description="the quadratic")

    def _stepper(self, model: Objective) -> Stepper:
        return stepper(model, model.flat(), self.optimizer, self.learning_rate, self.settings)

    def _on_quadratic(self) -> Path | None:
        """The same optimizer on the quadratic."""
        if self._model is None:
            return None
        return walk(
            self._model,
            self._stepper(self._model),
            self.steps,
            self.hessian.vectors,
            memory=memory_of(self.optimizer, self.settings) > 0,
        )

    def _scale(self) -> Tensor:
        """D = √v + ε after the first steps; v is Adam's mean of g², RMSprop's running share."""
        squares = [self.hessian.gradient**2]
        if self._model is not None:
            made = self._stepper(self._model)
            for _ in range(ADAPTED_STEPS - 1):
                made.step(self._model.gradient(made.theta()))
                square = self._model.gradient(made.theta()) ** 2
                if not bool(torch.isfinite(square).all()):
                    break
                squares.append(square)
        self._adapted = len(squares)
        mean = torch.stack(squares).mean(0)
        if self.optimizer == "rmsprop":
            mean = mean * (1 - self.settings["alpha"] ** len(squares))  # no correction of its start
        return mean.sqrt() + self.settings["epsilon"]

    def departs_at(self, path: Path) -> int | None:
        """First step at which the loss was no longer the quadratic's."""
        if self.path is None:
            return None
        first, largest = path.losses[0], 0.0
        for step, (real, told) in enumerate(zip(path.losses, self.path.losses, strict=False)):
            if not (math.isfinite(real) and math.isfinite(told)):
                return None if real == told or (real != real and told != told) else step
            largest = max(largest, abs(real - first), abs(told - first))
            rounding = ROUNDING * path.epsilon * (abs(real) + abs(first))
            if abs(real - told) > max(DEPARTED * largest, rounding):
                return step
        return None

    def reasons(
        self, path: Path, curvatures: Sequence[PathCurvature], kink: bool, departs_at: int | None
    ) -> tuple[Reason, ...]:
        """Why the path was not what the quadratic said."""
        if path.outcome() == "not-moving":
            return ("steps-below-rounding",)
        found: list[Reason] = []
        if kink:
            found.append("kink")
        if self.optimizer in ADAPTIVE:
            found.append("preconditioner-changed")
        elif self.optimizer != "newton":
            found += self._crossed_limits(curvatures)
        if (
            len(curvatures) > 1
            and curvatures[0].smallest >= -curvatures[0].bound
            and any(there.smallest < -there.bound for there in curvatures[1:])
        ):
            found.append("curvature-turned-negative")
        if departs_at is not None:
            found.append("left-the-quadratic")
        elif self.path is not None and self.path.outcome() == path.outcome():
            found.append("too-few-steps")
        return tuple(found) or ("unexplained",)

    def _crossed_limits(self, curvatures: Sequence[PathCurvature]) -> list[Reason]:
        """Whether λ_max crossed a limit of this η on the way."""
        if not curvatures:
            return []
        unit = self.optimizer, 1.0, self.settings
        limits = (
            monotone_limit(*unit) / self.learning_rate,
            stable_limit(*unit) / self.learning_rate,
        )

        def regime(sharpness: float) -> int:
            return sum(sharpness > limit for limit in limits)

        at_start = regime(curvatures[0].largest)
        found: list[Reason] = []
        if any(regime(there.largest) > at_start for there in curvatures[1:]):
            found.append("curvature-rose")
        if any(regime(there.largest) < at_start for there in curvatures[1:]):
            found.append("curvature-fell")
        return found


def check_steps(steps: int) -> None:
    """Refuse a number of steps that is none.

    Raises:
        ObjectiveError: If it is not a whole number of at least 1.
    """
    if steps < 1 or steps != int(steps):
        raise ObjectiveError(f"Expected a whole number of steps of at least 1, found {steps}.")
