"""How operations are written and differentiated: one file for each family of them.

An operation that no file knows is shown by its name, shapes and norms; its gradients are exact all
the same, for autograd computes them.
"""

from . import (
    activations,
    arithmetic,
    convolutions,
    elementary,
    losses,
    matrices,
    normalizations,
    pooling,
    rearrangements,
    reductions,
    softmaxes,
)
from .rule import Rule

FAMILIES = (
    activations,
    arithmetic,
    convolutions,
    elementary,
    losses,
    matrices,
    normalizations,
    pooling,
    rearrangements,
    reductions,
    softmaxes,
)
"""Every file of rules."""

_BY_KIND: dict[str, Rule] = {
    kind: rule for family in FAMILIES for rule in family.RULES for kind in rule.kinds
}


def rule_for(name: str, kind: str) -> Rule | None:
    """The rule of an operation by PyTorch's name, such as `PowBackward1`; None if there is none."""
    return _BY_KIND.get(name.rsplit("::", 1)[-1]) or _BY_KIND.get(kind)
