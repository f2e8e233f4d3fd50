"""Mistakes with a rule, in derivatives by vectors and matrices, that are a slip away from right."""

from .explanations import Explanation
from .slips import SLIP_FACTOR, SLIP_SIGN, SLIP_TERM, Slip

SLIPS_OF_LEFT_OUT = {
    "held-term-lost": SLIP_TERM,
    "inside-term-lost": SLIP_TERM,
    "inside-minus-lost": SLIP_SIGN,
    "held-factor-lost": SLIP_FACTOR,
}
"""What only says that something is not there, and the slip that says so as well."""

ALONE = frozenset({"inside-term-lost", "inside-minus-lost"})
"""Of what is left of an answer with another mistake too little shows them: x + a for 2(x − a)."""

AS_SLIPS = frozenset(SLIPS_OF_LEFT_OUT) | {
    "determinant-inverse-lost",
    "gradient-term-sign",
    "log-determinant-inverse-lost",
    "logsumexp-sigmoid",
    "inverse-sign",
    "parts-skipped",
    "power-raised",
    "product-minus",
    "softmax-plus",
}
"""One sign, letter, number or factor away from what is right, so that nothing tells a mistake with
a rule from a slip of the hand: both are named then, however many changes were tried."""


def is_as_a_slip(found: Explanation) -> bool:
    """Whether nothing tells one of its mistakes from a slip."""
    return any(each.mutation.id in AS_SLIPS for each in found.causes)


def slip_throughout(found: Explanation) -> Slip | None:
    """What was left out in several places: so it is as well if it was copied wrongly once, before.

    Who writes s = σ(W x + b) and drops b there has it nowhere in s ⊙ (1 − s).
    """
    for each in found.causes:
        if (kind := SLIPS_OF_LEFT_OUT.get(each.mutation.id)) is not None:
            return Slip(mutation=kind, kinds=frozenset({kind.id}), probability=1.0)
    return None
