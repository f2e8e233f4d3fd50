"""How long a step was against how long it should have been, measured along the step itself."""

import math
import sys
from array import array
from dataclasses import dataclass

_ROUNDING_MARGIN = 8
"""Units in the last place by which sums of a batch's terms may differ, taken in another order."""

_FLOAT32_EPSILON, _EPSILON = 2.0**-23, sys.float_info.epsilon


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScan:
    """The loss along one actual update Δθ: φ(α) = L(θ + αΔθ), on one batch and on another.

    This is the loss against θ, along one direction; it is not the loss against steps.

    Attributes:
        step: The optimizer step whose update was scanned.
        optimizer: Index of the optimizer that made it.
        learning_rate: η of its first parameter group at that step.
        multiples: α, ascending, without unit; 0 (no step) and 1 (the step that was made) are
            among them.
        losses: φ(α) on the batch that made the update.
        other_losses: φ(α) on the batch of another captured step; empty if there was none.
        other_step: The step of that other batch; None if there was none.
        promised: ∇L·Δθ, by which the loss would change if its slope stayed; for plain gradient
            descent −η‖∇L‖².
        gradient_norm: ‖∇L(θ)‖ on the batch that made the update.
        update_norm: ‖Δθ‖.
        seconds: What the scan took.
    """

    step: int
    optimizer: int
    learning_rate: float
    multiples: tuple[float, ...]
    losses: tuple[float, ...]
    other_losses: tuple[float, ...]
    other_step: int | None
    promised: float
    gradient_norm: float
    update_norm: float
    seconds: float

    @property
    def together(self) -> tuple[float, ...]:
        """φ(α) averaged over the batches that were used: the nearest to the loss itself."""
        if not self.other_losses:
            return self.losses
        return tuple((a + b) / 2 for a, b in zip(self.losses, self.other_losses, strict=True))

    @property
    def before(self) -> float:
        """φ(0), of the batches together."""
        return self.together[self.multiples.index(0.0)]

    @property
    def after(self) -> float:
        """φ(1), of the batches together."""
        return self.together[self.multiples.index(1.0)]

    @property
    def best(self) -> tuple[float, float]:
        """(α, φ(α)) where the loss of the batches together is lowest."""
        return _lowest(self.multiples, self.together)

    @property
    def best_on_each(self) -> tuple[float, ...]:
        """The α with the lowest loss, on its own batch and on the other."""
        batches = (self.losses, self.other_losses) if self.other_losses else (self.losses,)
        return tuple(_lowest(self.multiples, losses)[0] for losses in batches)

    @property
    def rounding(self) -> float:
        """Differences of the loss below this are rounding, of the precision that it came in."""
        found = [x for x in (*self.losses, *self.other_losses) if math.isfinite(x)]
        single = list(array("f", found)) == found
        return _ROUNDING_MARGIN * (_FLOAT32_EPSILON if single else _EPSILON) * abs(self.before)

    @property
    def overshoots(self) -> bool:
        """True if the step raised the loss of the batches and a part of it would have lowered it.

        By more than rounding: at a saddle even the best step changes no digit of the loss.
        """
        alpha, lowest = self.best
        falls = lowest < self.before - self.rounding
        return falls and alpha < 1 and not self.after < self.before


def _lowest(multiples: tuple[float, ...], losses: tuple[float, ...]) -> tuple[float, float]:
    pairs = zip(multiples, losses, strict=True)
    return min(pairs, key=lambda pair: math.inf if math.isnan(pair[1]) else pair[1])
