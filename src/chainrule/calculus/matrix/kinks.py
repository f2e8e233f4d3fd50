"""Entries by which a formula of vectors and matrices has no derivative exactly at a point.

Where something that decides is 0, such as an entry that relu is taken of, or two entries are the
largest, the slopes from both sides are compared along each entry of the variable. A kink that has
no effect, as that of relu(w)² at 0, is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.calculus.evaluate import DomainError
from chainrule.calculus.rules import RULES, Rule
from chainrule.calculus.tree import Call
from chainrule.records.message import Message

from .derivation import MatrixDerivation
from .evaluate import MatrixEvaluation, jacobian_values

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Values = NDArray[float64]

STEP = 2.0**-13
"""Of the one-sided quotients: of two of them a combination is taken in which h cancels, so that the
error is some h² = 10⁻⁸, and the noise of float64 some 10⁻¹²."""

APART = 1e-5
"""Relative difference above which two slopes are two."""

GAP = 0.05
"""Of values on a side and at the point, relative: a jump. A root rises by less within `STEP`."""

NOISE = 1e-14
"""Relative to what is compared: what is called 0."""

MOST_TRIED = 400
"""Entries of a variable that are tried one by one; of a larger one nothing is said."""

MOST_TOLD = 4
"""Entries whose slopes are written out."""


def matrix_kinks(derivation: MatrixDerivation, at: MatrixEvaluation) -> tuple[str, ...]:
    """What is to be said of kinks and jumps at a point, a sentence or none.

    Args:
        derivation: Of the formula.
        at: The point.
    """
    import numpy as np

    variable = at.point[derivation.variable]
    if variable.size > MOST_TRIED or not any(_decides(derivation, at)):
        return ()
    if derivation.is_number:
        slopes = np.asarray(at(derivation.gradient))
    else:
        seed = getattr(derivation.seed, "name", "")
        slopes = jacobian_values(derivation.gradient, seed, derivation.shape, at)
    slopes = np.broadcast_to(slopes, derivation.jacobian_shape)
    broken: list[str] = []
    cancelled: list[str] = []
    jumped = False
    for place in np.ndindex(*variable.shape):
        before, after = (_side(derivation, at, place, sign) for sign in (-1, 1))
        if before is None or after is None:
            continue
        entry, taken = _entry(derivation.variable, place), slopes[(..., *place)]
        if before.jumps or after.jumps:
            jumped = True
            broken.append(entry)
        elif (found := _apart(before.slope, after.slope)) is not None:
            broken.append(
                Message(
                    "{entry} ({left} from the left, {right} from the right; the formula gives "
                    "{taken})",
                    entry=entry,
                    left=_figure(before.slope, found),
                    right=_figure(after.slope, found),
                    taken=_figure(taken, found),
                )
            )
        elif (found := _apart(before.slope, np.asarray(taken))) is not None:
            cancelled.append(
                Message(
                    "{entry} ({slope} on both sides; the formula gives {taken})",
                    entry=entry,
                    slope=_figure(before.slope, found),
                    taken=_figure(taken, found),
                )
            )
    function = _first_function(derivation, at)
    told = []
    if broken:
        entries = _together(broken)
        told.append(
            Message(
                "There is no derivative at this point by {entries}: {function} jumps there. "
                "Choose a point beside it.",
                entries=entries,
                function=function,
            )
            if jumped
            else Message(
                "There is no derivative at this point by {entries}: {function} has a kink there. "
                "Choose a point beside it.",
                entries=entries,
                function=function,
            )
        )
    if cancelled:
        told.append(
            Message(
                "The formula does not give the derivative at this point by {entries}: kinks of "
                "{function} cancel there. Choose a point beside it.",
                entries=_together(cancelled),
                function=function,
            )
        )
    return tuple(told)


def _together(told: list[str]) -> str:
    entries = told[0]
    for each in told[1:MOST_TOLD]:
        entries = Message("{first}, nor by {last}", first=entries, last=each)
    if len(told) > MOST_TOLD:
        more = len(told) - MOST_TOLD
        entries = Message("{entries} and by {count} more entries", entries=entries, count=more)
    return entries


def _decides(derivation: MatrixDerivation, at: MatrixEvaluation) -> Iterator[str]:
    """The functions that are exactly at a border between two cases."""
    import numpy as np

    for node in derivation.formula.nodes():
        if not isinstance(node, Call):
            continue
        try:
            if node.function.endswith(("max", "min", "norm", "median")):
                values = np.ravel(at(node.arguments[0]))
                if np.unique(values).size < values.size or not values.all():
                    yield node.text
            for rule in _BORDERED:
                for border in rule.borders(node):
                    values = np.abs(at(border))
                    if (values <= NOISE * max(1.0, float(values.max()))).any():
                        yield node.text
        except DomainError:
            continue


_BORDERED = tuple(rule for rule in RULES if type(rule).borders is not Rule.borders)


def _first_function(derivation: MatrixDerivation, at: MatrixEvaluation) -> str:
    return ", ".join(dict.fromkeys(_decides(derivation, at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """What a formula does on one side of a point along one entry."""

    slope: "Values"
    jumps: bool


def _side(
    derivation: MatrixDerivation, at: MatrixEvaluation, place: tuple[int, ...], sign: int
) -> _Side | None:
    """None where there is no value."""
    import numpy as np

    here = at.point[derivation.variable]
    step = sign * STEP * max(1.0, abs(float(here[place])))

    def value(by: float) -> "Values":
        moved = here.copy()
        moved[place] += by
        point = {**at.point, derivation.variable: moved}
        return MatrixEvaluation(point)(derivation.formula.root)

    try:
        start = at(derivation.formula.root)
        near, far = (np.asarray(value(h) - start) for h in (step / 2, step))
    except DomainError:
        return None
    # what is left as h goes to 0
    gap = np.abs(2 * near - far) / np.maximum(1.0, np.abs(start))
    return _Side(slope=(4 * near - far) / step, jumps=bool((gap > GAP).any()))


def _apart(left: "Values", right: "Values") -> int | None:
    """The place, in a flat result, where two slopes differ most; None if they are the same."""
    import numpy as np

    scale = np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
    differ = np.ravel(np.abs(left - right) / scale)
    worst = int(differ.argmax())
    return worst if differ[worst] > APART else None


def _entry(name: str, place: tuple[int, ...]) -> str:
    small = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    sign = "," if any(each >= 9 for each in place) else ""
    return name + sign.join(str(each + 1) for each in place).translate(small)


def _figure(values: "Values", place: int) -> str:
    import numpy as np

    rounded = round(float(np.ravel(values)[place]), 6)
    return f"{rounded + 0.0:.4g}"
