"""A formula on both sides of a point where a part of it has a kink or a jump."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .definitions import evaluation_order
from .derivation import Derivation, Step
from .evaluate import DomainError, Evaluation
from .one_sided import BESIDE, OneSided, Ties, shifted, vanishes
from .rules import RULES, Rule
from .tree import Call, Node

CLOSE = 1e-9
"""Relative difference up to which the slopes of both sides are one: they are computed alike."""


def is_kinked(part: Node, at: Evaluation) -> bool:
    """Whether a function has its own kink or jump exactly at the numbers that it is given."""
    if not isinstance(part, Call):
        return False
    for rule in _BORDERED:
        for border in rule.borders(part):
            try:
                if vanishes(border, at):
                    return True
            except DomainError:
                continue
    return False


Place = tuple[str, Call, Node]
"""Name of the definition, empty for the formula; the part; what is 0 at its kink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """A formula on both sides of a point where some part of it has a kink or a jump.

    Attributes:
        places: Those parts.
        jumps: Whether the value of the whole is not the same on both sides and in between.
        left: Slope of the whole on the left; None where it has none.
        right: The same on the right.
        pytorch: What PyTorch's autograd gives for the whole.
    """

    places: Sequence[Place]
    jumps: bool
    left: float | None
    right: float | None
    pytorch: float | None

    @property
    def smooth(self) -> bool:
        """Whether the whole has a derivative all the same: its kinks cancel."""
        return not self.jumps and same(self.left, self.right)


def both_sides(derivation: Derivation, evaluation: Evaluation) -> BothSides | None:
    """A formula to the left and right of a point; None if no part has a kink or a jump in it.

    Raises:
        DomainError: If the formula has no value at the point.
    """
    places = [place for place in _places(derivation) if _is_passed(place, derivation, evaluation)]
    if not places:
        return None
    here = evaluation(derivation.formula.root)
    below, above = (beside(derivation, evaluation, by) for by in (-BESIDE, BESIDE))
    values = [_value(derivation.formula.root, side) for side in (below, above)]
    ties = Ties(evaluation.point, set(_tie_cases(derivation.root)))
    return BothSides(
        places=places,
        jumps=not all(same(here, value) for value in values),
        left=_value(derivation.raw, below),
        right=_value(derivation.raw, above),
        pytorch=_value(derivation.raw, ties),
    )


def _places(derivation: Derivation) -> Iterator[Place]:
    formulas = [("", derivation.formula), *derivation.definitions]
    for name, formula in formulas:
        for node in formula.nodes():
            if isinstance(node, Call):
                for rule in _BORDERED:
                    for border in rule.borders(node):
                        yield name, node, border


_BORDERED = tuple(rule for rule in RULES if type(rule).borders is not Rule.borders)


def _is_passed(place: Place, derivation: Derivation, at: Evaluation) -> bool:
    """Whether what decides is 0 at the point and not beside it."""
    border = place[2]
    try:
        if not vanishes(border, at):
            return False
    except DomainError:
        return False
    for by in (-BESIDE, BESIDE):
        try:
            if Evaluation(moved_to(derivation, at, by))(border):
                return True
        except DomainError:
            continue
    return False


def moved_to(derivation: Derivation, at: Evaluation, by: float) -> dict[str, float]:
    """The point a little beside it along the variable, with the names that move along."""
    definitions = {name: formula.root for name, formula in derivation.definitions}
    return shifted(at.point, derivation.variable, by, definitions)


def beside(derivation: Derivation, at: Evaluation, by: float) -> Evaluation:
    """The values at a point as the variable comes to it from one side.

    Args:
        derivation: Of the formula.
        at: The point, with numbers for all names.
        by: How far beside it kinks and jumps are decided; negative on the left.
    """
    moved = Evaluation(moved_to(derivation, at, by))
    point = dict(at.point)
    known = dict(derivation.definitions)
    for name in evaluation_order(known):
        # a = sign(x) is −1 or 1 beside 0
        value = _value(known[name].root, OneSided(point, moved))
        if value is not None and name != derivation.variable:
            point[name] = value
    return OneSided(point, moved, derivation.formula.text)


def through(derivation: Derivation, at: Evaluation) -> Evaluation:
    """The values of derivatives where kinks may cancel: with each decided as it is on one side."""
    smooth = both_sides(derivation, at)
    return at if smooth is None else beside(derivation, at, -BESIDE)


def _value(node: Node, at: Evaluation) -> float | None:
    try:
        return at(node)
    except DomainError:
        return None


def same(left: float | None, right: float | None) -> bool:
    """Whether there are two numbers, and they are one up to rounding."""
    if left is None or right is None:
        return False
    return abs(left - right) <= CLOSE * max(1.0, abs(left), abs(right))


def _tie_cases(root: Step) -> Iterator[int]:
    """Identities of the cases that the rules of max and min have made."""
    seen: set[int] = set()
    left = [root]
    while left:
        step = left.pop()
        if id(step) in seen:
            continue
        seen.add(id(step))
        left += step.steps
        if step.rule in ("max", "min") and isinstance(step.operand, Call):
            node = step.result
            for _ in step.operand.arguments[1:]:
                assert isinstance(node, Call)
                yield id(node)
                node = node.arguments[1]
