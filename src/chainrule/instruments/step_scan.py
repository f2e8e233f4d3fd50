"""How long should this step have been? The loss along the update that was made.

φ(α) = L(θ + αΔθ) at multiples α of the actual update Δθ. If φ is lowest far below α = 1, the step
was too long; if it is still falling far above, it was too short. The batch that made the update
flatters it, since Δθ follows its own noise, so φ is taken on another batch as well.
"""

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

from chainrule.objective import Objective
from chainrule.records import StepScan

_FACTOR = 4.0  # between multiples; halves and doubles around the best one follow
_LONGEST = _FACTOR**8  # 65,536 times the step: beyond it a learning rate is not too low but none
_SHORTEST = _FACTOR**-5  # a thousandth


def step_scan(
    objective: Objective,
    update: dict[str, Tensor],
    *,
    step: int,
    optimizer: int,
    learning_rate: float,
    other: Objective | None = None,
    other_step: int | None = None,
) -> StepScan:
    """Scan the loss along an update.

    Args:
        objective: L on the batch that made the update; its `parameters` are θ before it.
        update: Δθ by name; names that are missing did not move.
        step: The optimizer step.
        optimizer: Index of its optimizer.
        learning_rate: η of that step.
        other: L on another batch, for the same parameters by name (others are ignored).
        other_step: The step that batch came from.

    Returns:
        The scan. Losses may be NaN or infinite: a step that is long enough breaks any model.

    Cost: one gradient and about 6 to 12 evaluations for each of the two batches.
    """
    began = time.perf_counter()
    theta = objective.parameters
    moved = {name: d for name, d in update.items() if name in theta}
    _, gradient = objective.value_and_gradient()
    # ∇L·Δθ, summed in float64: its terms differ in size and sign
    promised = sum(float((gradient[n].double() * d.double()).sum()) for n, d in moved.items())

    def along(source: Objective) -> Callable[[float], float]:
        own = source.parameters

        def phi(alpha: float) -> float:
            with torch.no_grad():
                point = {
                    name: theta[name] + alpha * moved[name]
                    if name in moved
                    else theta.get(name, start)
                    for name, start in own.items()
                }
            return source.value(point)

        return phi

    phis = [along(objective)] + ([along(other)] if other is not None else [])
    table = {0.0: _at(phis, 0.0), 1.0: _at(phis, 1.0)}
    _search(phis, table)
    multiples = tuple(sorted(table))
    return StepScan(
        step=step,
        optimizer=optimizer,
        learning_rate=learning_rate,
        multiples=multiples,
        losses=tuple(table[alpha][0] for alpha in multiples),
        other_losses=tuple(table[alpha][1] for alpha in multiples) if other is not None else (),
        other_step=other_step if other is not None else None,
        promised=promised,
        gradient_norm=_norm(gradient),
        update_norm=_norm(moved),
        seconds=time.perf_counter() - began,
    )


def _search(phis: list[Callable[[float], float]], table: dict[float, tuple[float, ...]]) -> None:
    """Go up while any batch still gains, down until every one has; then look around the best."""
    batches = range(len(phis))

    def loss(alpha: float, i: int) -> float:
        value = table[alpha][i]
        return math.inf if math.isnan(value) else value

    alpha, shorter = 1.0, 0.0
    while alpha < _LONGEST and any(loss(alpha, i) < loss(shorter, i) for i in batches):
        alpha, shorter = alpha * _FACTOR, alpha
        table[alpha] = _at(phis, alpha)
    alpha = 1.0
    while alpha > _SHORTEST and any(
        min(loss(a, i) for a in table if a > 0) >= loss(0.0, i) for i in batches
    ):
        alpha /= _FACTOR
        table[alpha] = _at(phis, alpha)
    for i in batches:
        best = min(table, key=lambda a: loss(a, i))
        for near in (best / 2, 2 * best):
            if near and near not in table:
                table[near] = _at(phis, near)


def _at(phis: list[Callable[[float], float]], alpha: float) -> tuple[float, ...]:
    return tuple(phi(alpha) for phi in phis)


def _norm(tensors: dict[str, Tensor]) -> float:
    return float(sum(float(t.double().square().sum()) for t in tensors.values()) ** 0.5)
