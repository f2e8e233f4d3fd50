"""The gradient: one partial derivative a variable, and the slope in any direction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.records.message import Message

from .both_sides import CLOSE, is_kinked
from .checks import completed
from .derivation import Derivation
from .derive import derive
from .directions import along
from .errors import FormulaError
from .evaluate import Evaluation
from .kinks import derivative_value, kinks, sentences
from .tokens import suggestion
from .tree import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    """∇f: the partial derivatives of one formula, each with its derivation.

    Attributes:
        formula: f.
        partials: One derivation a variable, in the order of `variables`.
    """

    formula: Formula
    partials: tuple[Derivation, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """What the entries belong to."""
        return tuple(partial.variable for partial in self.partials)

    def at(self, evaluation: Evaluation) -> tuple[float | None, ...]:
        """Its numbers at a point; None where a kink or a jump leaves no derivative.

        Raises:
            DomainError: If f or a partial derivative has no value there.
        """
        return tuple(
            derivative_value(partial, completed(partial, evaluation)) for partial in self.partials
        )

    def is_kinked(self, evaluation: Evaluation) -> bool:
        """Whether some part of f has its own kink at a point, also one without an effect on f."""
        return any(
            is_kinked(node, completed(partial, evaluation))
            for partial in self.partials[:1]
            for formula in (self.formula, *(each for _, each in partial.definitions))
            for node in formula.nodes()
        )

    def notices(self, evaluation: Evaluation) -> tuple[str, ...]:
        """A sentence for each kink or jump exactly at a point.

        Raises:
            DomainError: If f has no value there.
        """
        return sentences(
            kink
            for partial in self.partials
            for kink in kinks(partial, completed(partial, evaluation))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionalSlope:
    """How fast f changes along a direction: D_u f = ∇f · u with u of length 1.

    Attributes:
        direction: v as it was given, an entry a variable.
        length: ‖v‖.
        unit: u = v/‖v‖.
        gradient: ∇f at the point; None for entries that a kink leaves without a number.
        gradient_norm: ‖∇f‖, the slope in the steepest direction; None without ∇f.
        slope: Of f along u, which is ∇f · u where f is smooth; None where the two sides differ.
        ahead: The slope on the side to which u points.
        behind: The slope on the other side, also in the direction of u.
        smooth: Whether slope is ∇f · u: not where f has a kink, even if each entry of ∇f exists.
        cosine: slope / ‖∇f‖, the cosine of the angle between them; None where ∇f is 0.

    Source: Stewart, Calculus, section 14.6, eq. 9: D_u f = ‖∇f‖ cos θ.
    """

    direction: tuple[float, ...]
    length: float
    unit: tuple[float, ...]
    gradient: tuple[float | None, ...]
    gradient_norm: float | None
    slope: float | None
    ahead: float | None
    behind: float | None
    smooth: bool
    cosine: float | None


def gradient(
    formula: Formula,
    variables: Sequence[str] | None = None,
    *,
    definitions: Mapping[str, Formula] | None = None,
) -> Gradient:
    """All partial derivatives of a formula of numbers, or those by some of its variables.

    Args:
        formula: f.
        variables: By which, in which order; all names of the formula if not given.
        definitions: As for `derive`.

    Raises:
        FormulaError: As for `derive`, and if the formula has no variable.
    """
    chosen = tuple(variables) if variables is not None else formula.names
    if not chosen:
        raise FormulaError(
            Message(
                "Expected a formula with a variable, found only numbers: their gradient has no "
                "entry."
            ),
            formula.text,
        )
    return Gradient(
        formula=formula,
        partials=tuple(derive(formula, name, definitions=definitions) for name in chosen),
    )


def directional_slope(
    found: Gradient, direction: Mapping[str, float], evaluation: Evaluation
) -> DirectionalSlope:
    """The slope of f along a direction, whose length is taken out first.

    Args:
        found: ∇f.
        direction: An entry for variables of the gradient; those left out are 0.
        evaluation: At the point.

    Raises:
        FormulaError: If the direction names something else or has no length.
    """
    for name in direction:
        if name not in found.variables:
            raise FormulaError(
                f"Expected a direction in the variables {', '.join(found.variables)}, found "
                f"{name!r}.{suggestion(name, found.variables)}"
            )
    given = tuple(float(direction.get(name, 0.0)) for name in found.variables)
    length = math.hypot(*given)
    shown = ", ".join(f"{name} = {v:g}" for name, v in zip(found.variables, given, strict=True))
    if not (length > 0 and math.isfinite(length)):
        raise FormulaError(
            f"Expected a direction with a length, found {shown}, which points nowhere: give at "
            "least one entry that is not 0."
        )
    unit = tuple(entry / length for entry in given)
    slopes = found.at(evaluation)
    known = [each for each in slopes if each is not None]
    norm = math.hypot(*known) if len(known) == len(slopes) else None
    product = None if norm is None else math.fsum(g * u for g, u in zip(known, unit, strict=True))
    # min(|x|, |y|) has the gradient 0 at the origin, and a kink along every slanted line
    ahead, behind = along(found.partials[0], found.variables, unit, evaluation, product)
    same = ahead is not None and behind is not None and _close(ahead, behind)
    smooth = same and product is not None and ahead is not None and _close(ahead, product)
    slope = product if smooth else ahead if same else None
    return DirectionalSlope(
        direction=given,
        length=length,
        unit=unit,
        gradient=slopes,
        gradient_norm=norm,
        slope=slope,
        ahead=ahead,
        behind=behind,
        smooth=smooth,
        cosine=slope / norm if smooth and norm and slope is not None else None,
    )


def _close(left: float, right: float) -> bool:
    return abs(left - right) <= CLOSE * max(1.0, abs(left), abs(right))
