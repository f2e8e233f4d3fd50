"""Descent: what an optimizer will do to L, what it does, and why the two differ if they do.

The prediction is that of the quadratic that touches L at the start: each of its eigen-directions
has a multiplier. The path is PyTorch's own optimizer on L itself. Where the two part, the curvature
measured along the path shows why.

Two curves are at work. Prediction and curvature are about the loss against θ; the trajectory's
losses are the loss against steps.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.descent import Descent, PathCurvature, TrajectoryPoint
from chainrule.records.flatness import FlatPlace

from .flat_place import Situation, flat_place
from .forecast import Forecast, check_steps
from .optimizers import optimizer_name, settings_of, solver_of, stepper
from .quadratic import local_quadratic
from .regimes import ADAPTIVE, memory_of, stable_limit
from .slope import check_rate
from .trajectory import ROUNDING, Path, find_kink, walk

FALLS = 1e-4
"""Share of the span of all losses by which the last quarter must go below what was reached before,
for the loss to be falling still: at that pace another quarter is not worth its time."""

PATH_POINTS = 9
"""Points of a path at which its curvature is measured: ends, middle, quarters and between."""


def descend(
    objective: Objective,
    learning_rate: float,
    optimizer: str = "gradient-descent",
    theta: Theta | None = None,
    *,
    steps: int = 100,
    settings: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Descent:
    """Run an optimizer on L, after foretelling what it will do, and compare.

    Args:
        objective: L.
        learning_rate: η.
        optimizer: One of `OptimizerName`.
        theta: The start; θ₀ if not given.
        steps: How many; fewer are made if a number is not finite.
        settings: Of the optimizer, such as `{"momentum": 0.9}`.
        progress: Called with (steps made, steps); what it raises ends the descent.

    Cost: a forward and backward pass a step, twice that if θ has at most 32 entries (the quadratic
        is descended as well), and the curvature at `PATH_POINTS` points.

    Raises:
        ObjectiveError: If η is not positive, the optimizer is unknown, or L is not finite at the
            start. A path that meets NaN or infinity raises nothing: that is its outcome.
    """
    check_rate(learning_rate)
    check_steps(steps)
    name = optimizer_name(optimizer)
    known = settings_of(name, settings)
    start = objective.flat(theta)
    forecast = Forecast(objective, start, name, learning_rate, steps, known)
    path = walk(
        objective,
        stepper(objective, start, name, learning_rate, known),
        steps,
        forecast.hessian.vectors,
        progress,
        memory=memory_of(name, known) > 0,
    )
    outcome = path.outcome()
    foretold = forecast.regimes.prediction
    agrees = outcome == foretold or (
        outcome == "not-moving" and forecast.hessian.gradient_norm == 0
    )
    curvatures = _along(objective, path)
    # a search costs some seventy gradients: nothing for a formula, and worth it where it explains
    kink = None if agrees and not forecast.hessian.complete else find_kink(objective, path)
    departs_at = forecast.departs_at(path)
    settled = _place(objective, path, forecast, curvatures)
    return Descent(
        objective=objective.description,
        parameters=tuple((n, tuple(t.shape)) for n, t in objective.parameters.items()),
        optimizer=name,
        settings=(("learning_rate", learning_rate), *known.items()),
        solver=solver_of(name, objective.numel),
        regimes=forecast.regimes,
        points=_points(path),
        outcome=outcome,
        rises=path.rises,
        reversals=path.reversals,
        agrees=agrees,
        departs_at=departs_at,
        curvatures=curvatures,
        kink=kink,
        place=settled,
        reasons=() if agrees else forecast.reasons(path, curvatures, kink is not None, departs_at),
    )


def _points(path: Path) -> tuple[TrajectoryPoint, ...]:
    return tuple(
        TrajectoryPoint(
            step=step,
            loss=loss,
            gradient_norm=norm,
            step_length=path.lengths[step] if step < len(path.lengths) else math.nan,
            theta=theta,
        )
        for step, (loss, norm, theta) in enumerate(
            zip(path.losses, path.gradient_norms, path.small, strict=True)
        )
    )


def _along(objective: Objective, path: Path) -> tuple[PathCurvature, ...]:
    """The curvature at some points of the path, its ends included."""
    steps = sorted(path.kept)
    count = min(PATH_POINTS, len(steps))
    chosen = sorted({steps[round(k * (len(steps) - 1) / max(1, count - 1))] for k in range(count)})
    found = []
    for step in chosen:
        try:
            q = local_quadratic(objective, path.kept[step])
        except ObjectiveError:  # no second derivative there: this point has no curvature to tell
            continue
        found.append(
            PathCurvature(step=step, largest=q.largest, smallest=q.smallest, bound=q.bound)
        )
    return tuple(found)


def _place(
    objective: Objective, path: Path, forecast: Forecast, curvatures: Sequence[PathCurvature]
) -> FlatPlace | None:
    """What kind of place the path ended at; None if it did not end at one."""
    if not path.finite or path.outcome() == "diverging":
        return None
    last = max(path.kept)
    at_edge = None
    if curvatures and curvatures[-1].step == last and forecast.optimizer not in ADAPTIVE:
        limit = stable_limit(forecast.optimizer, curvatures[-1].largest, forecast.settings)
        at_edge = forecast.learning_rate / limit
    situation = Situation(
        learning_rate=forecast.learning_rate,
        loss_falls=_still_falls(path),
        turn=path.turn,
        sharpness_times_rate=at_edge,
    )
    try:
        return flat_place(objective, path.kept[last], situation=situation)
    except ObjectiveError:
        return None


def _still_falls(path: Path) -> bool:
    """Whether the lowest loss of the last quarter is below that of all before, by what counts."""
    losses = path.losses
    quarter = max(1, len(losses) // 4)
    before, late = min(losses[:-quarter]), min(losses[-quarter:])
    span = max(losses) - min(losses)
    return before - late > max(FALLS * span, ROUNDING * path.epsilon * max(abs(before), abs(late)))
