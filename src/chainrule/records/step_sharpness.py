"""How sharply the loss of one training step bends, beside what its optimizer tolerates."""

from dataclasses import dataclass

from .curvature import Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSharpness:
    """The largest curvature of L at θ before a captured step, on that step's batch.

    Attributes:
        step: The optimizer step.
        optimizer: Index of the optimizer.
        learning_rate: η of its first parameter group at that step.
        spectrum: λ_max of H, or of P^(-1/2) H P^(-1/2) with the optimizer's own P where that is
            known, with its stability limit.
        seconds: What measuring took.
    """

    step: int
    optimizer: int
    learning_rate: float
    spectrum: Spectrum
    seconds: float

    @property
    def share_of_limit(self) -> float | None:
        """λ_max / limit; above 1 the optimizer diverges on a quadratic. None without a limit."""
        limit = self.spectrum.limit
        return None if limit is None else self.spectrum.sharpness / limit
