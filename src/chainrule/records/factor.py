"""One factor of a chain-rule product, with its real numbers."""

from dataclasses import dataclass

from .operations import Kind
from .place import Place


@dataclass(frozen=True, slots=True)
class Factor:
    """The step of a path from one node to the next, away from the loss.

    Attributes:
        node: Index of the node whose derivative this is.
        target: Index of the node that receives the gradient.
        place: The operation, its module and its source line.
        kind: `activation`, `weight`, ...
        gain: γ = ‖Jᵀg‖ / ‖g‖.
        merge: μ = ‖g_total‖ / ‖g_contribution‖ at the target; 1 if nothing else arrives there.
        rms_gain: γ·μ with the root mean square in place of the norm, so that a change of width
            is no factor: (‖g_target‖/√n_target) / (‖g‖/√n).
    """

    node: int
    target: int
    place: Place
    kind: Kind
    gain: float
    merge: float
    rms_gain: float
