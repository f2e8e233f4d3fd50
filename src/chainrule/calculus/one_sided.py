"""Values just left or right of a point: at the point itself, with each kink and jump decided.

Where relu(x) − relu(−x) is differentiated at 0, each relu has to be read on the side that x comes
from. So the numbers are those of the point, and only what is 0 there, and decides between two
cases, is looked at a little beside it.
"""

import math
import sys
from collections.abc import Collection, Mapping

from .errors import FormulaError
from .evaluate import DomainError, Evaluation
from .tree import Call, Node, Sum

BESIDE = 2.0**-20
"""How far beside: near enough for what decides not to change its sign once more, and far enough for
it to be more than the noise of its own computation."""

NOISE = 4 * sys.float_info.epsilon
"""What a sum of terms of size 1 may be off by: 3·0.1 − 0.3 is 5.6e-17 in float64, and means 0."""


def vanishes(node: Node, at: Evaluation) -> bool:
    """Whether a part is 0 at a point, up to the rounding of its terms."""
    value = at(node)
    if value == 0:
        return True
    if not isinstance(node, Sum):
        return False
    return abs(value) <= NOISE * max(abs(at(term)) for term in node.terms)


class OneSided(Evaluation):
    """The values of parts at a point as it is approached from one side.

    Args:
        point: Numbers for all names.
        beside: The values a little to that side.
        text: The formula that was typed, for messages.
    """

    def __init__(self, point: Mapping[str, float], beside: Evaluation, text: str = "") -> None:
        super().__init__(point, text)
        self._beside = beside

    def _computed(self, node: Node, parts: list[float]) -> float:
        if isinstance(node, Call) and node.function in ("sign", "atan2"):
            beside = self._decided(node.arguments[0])
            if beside is not None:
                # the angle is π above the negative half of the axis, and −π below it
                return beside if node.function == "sign" else math.atan2(beside * 0.0, parts[1])
        return super()._computed(node, parts)

    def _case(self, node: Call, found: list[float | DomainError]) -> float | DomainError:
        beside = self._decided(node.arguments[0])
        if beside is None:
            return super()._case(node, found)
        return found[1] if beside > 0 else found[2]

    def _decided(self, condition: Node) -> float | None:
        """The sign, beside the point, of what is 0 at it; None for what is not 0."""
        try:
            if not vanishes(condition, self):
                return None
            beside = self._beside(condition)
        except DomainError:
            return None
        return float((beside > 0) - (beside < 0))


class Ties(Evaluation):
    """The values with what PyTorch takes where max or min has a tie: the mean of the slopes.

    Args:
        point: Numbers for all names.
        cases: Identities of the `where` that the rules of max and min have made.
    """

    def __init__(self, point: Mapping[str, float], cases: Collection[int]) -> None:
        super().__init__(point)
        self._cases = cases

    def _case(self, node: Call, found: list[float | DomainError]) -> float | DomainError:
        _, left, right = found
        tie = id(node) in self._cases and found[0] == 0
        if not tie or isinstance(left, DomainError) or isinstance(right, DomainError):
            return super()._case(node, found)
        return (left + right) / 2


def shifted(
    point: Mapping[str, float],
    name: str,
    by: float,
    definitions: Mapping[str, Node],
) -> dict[str, float]:
    """The point with one name moved, and with it the names whose formulas hold it.

    Args:
        point: Numbers for all names.
        name: What moves.
        by: How far, relative to its size.
        definitions: Formulas that names stand for.
    """
    moved = dict(point)
    moved[name] = point[name] + by * max(1.0, abs(point[name]))
    for _ in definitions:  # each round settles at least one more
        for each, formula in definitions.items():
            if each == name:  # it moves by itself here, whatever it stands for
                continue
            try:
                moved[each] = Evaluation(moved)(formula)
            except FormulaError:
                continue
    return moved
