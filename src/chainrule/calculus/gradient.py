"""The gradient: one partial derivative a variable, and the slope in any direction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .derivation import Derivation
from .derive import derive
from .errors import FormulaError
from .evaluate import Evaluation
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

    def at(self, evaluation: Evaluation) -> tuple[float, ...]:
        """Its numbers at a point.

        Raises:
            DomainError: If a partial derivative has no value there.
        """
        return tuple(evaluation(partial.factored) for partial in self.partials)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionalSlope:
    """How fast f changes along a direction: D_u f = ∇f · u with u of length 1.

    Attributes:
        direction: v as it was given, an entry a variable.
        length: ‖v‖.
        unit: u = v/‖v‖.
        gradient: ∇f at the point.
        gradient_norm: ‖∇f‖, the slope in the steepest direction.
        slope: ∇f · u.
        cosine: slope / ‖∇f‖, the cosine of the angle between them; None where ∇f is 0.

    Source: Stewart, Calculus, section 14.6, eq. 9: D_u f = ‖∇f‖ cos θ.
    """

    direction: tuple[float, ...]
    length: float
    unit: tuple[float, ...]
    gradient: tuple[float, ...]
    gradient_norm: float
    slope: float
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
            "Expected a formula with a variable, found only numbers: their gradient has no entry.",
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
    if not (length > 0 and math.isfinite(length)):
        raise FormulaError(
            f"Expected a direction with a length, found {given}: name at least one entry that is "
            "not 0."
        )
    unit = tuple(entry / length for entry in given)
    slopes = found.at(evaluation)
    norm = math.hypot(*slopes)
    slope = math.fsum(g * u for g, u in zip(slopes, unit, strict=True))
    return DirectionalSlope(
        direction=given,
        length=length,
        unit=unit,
        gradient=slopes,
        gradient_norm=norm,
        slope=slope,
        cosine=slope / norm if norm > 0 else None,
    )
