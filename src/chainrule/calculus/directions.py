"""The slope of a formula along a line through a point, on each side of it."""

from collections.abc import Sequence

from .build import add, multiply, name, substitute
from .checks import completed
from .derivation import Derivation
from .derive import derive
from .evaluate import Evaluation
from .kinks import kinks
from .tree import Formula, Node

_STEP = "▪t"
"""Name of the distance along the line; no formula that is typed has it."""

_ENTRY = "▪"
"""First character of the names of the direction's entries."""


def along(
    partial: Derivation,
    variables: Sequence[str],
    unit: Sequence[float],
    evaluation: Evaluation,
    product: float | None,
) -> tuple[float | None, float | None]:
    """The slopes of f along a direction, ahead of the point and behind it, both towards u.

    They are those of g(t) = f(a + t·u) at t = 0, from the right and from the left.

    Args:
        partial: A derivation of f, with its definitions.
        variables: What the entries of the direction belong to.
        unit: u, of length 1.
        evaluation: At a.
        product: ∇f · u, which is both slopes where the line meets no kink; None if ∇f is not known.

    Raises:
        DomainError: If f has no value at the point or no slope along the line.
    """
    entries = {f"{_ENTRY}{i}": u for i, u in enumerate(unit) if u}
    moved: dict[str, Node] = {
        each: add(name(each), multiply(name(_STEP), name(f"{_ENTRY}{i}")))
        for i, each in enumerate(variables)
        if unit[i]
    }
    formula = partial.formula
    line = Formula(text=formula.text, root=substitute(formula.root, moved))
    definitions = {
        each: Formula(text=found.text, root=substitute(found.root, moved))
        for each, found in partial.definitions
    }
    derivation = derive(line, _STEP, definitions=definitions, routes=False)
    at = Evaluation({**evaluation.point, **entries, _STEP: 0.0}, formula.text)
    at = completed(derivation, at)
    found = kinks(derivation, at)
    if found:
        return found[0].right, found[0].left
    slope = at(derivation.raw) if product is None else product
    return slope, slope
