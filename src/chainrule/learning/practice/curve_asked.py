"""What is asked of a curve: the slope that its equation gives, and points of it."""

from functools import cached_property, lru_cache

from chainrule.calculus import FormulaError
from chainrule.calculus.implicit import ImplicitDerivation, derive_implicit
from chainrule.calculus.problem import Equation, Problem
from chainrule.records.message import Message

from .asked import EXERCISES
from .curve_points import curve_table
from .table import Table


class CurveAsked:
    """The slope that is asked for; two of them are the same only if they are one object.

    Attributes:
        derivation: How it comes about.
    """

    def __init__(self, derivation: ImplicitDerivation) -> None:
        self.derivation = derivation

    @cached_property
    def table(self) -> Table | None:
        """Points of the curve; None if too few are met."""
        return curve_table(self.derivation)


def asked_curve(problem: Problem, wrt: str = "") -> CurveAsked:
    """What an equation asks for; of the last `EXERCISES` it is known.

    Args:
        problem: As for `read_curve`.
        wrt: As there.

    Raises:
        FormulaError: As there.
    """
    return _asked_curve(problem, wrt)


@lru_cache(EXERCISES)
def _asked_curve(problem: Problem, wrt: str) -> CurveAsked:
    return CurveAsked(read_curve(problem, wrt))


def read_curve(problem: Problem, wrt: str = "") -> ImplicitDerivation:
    """The slope that an equation asks for.

    Args:
        problem: With an equation.
        wrt: The name that it is differentiated by; without one x, or the only one beside y.

    Raises:
        FormulaError: If it is not clear which name depends on which.
    """
    equation = problem.equation
    assert equation is not None
    if problem.definitions:
        raise FormulaError(
            Message(
                "Expected an equation alone to be graded, found definitions beside it: put them "
                "into the equation."
            ),
            problem.text,
        )
    by, of = _names(equation, wrt.strip())
    return derive_implicit(equation, of=of, by=by, routes=False)


def _names(equation: Equation, wrt: str) -> tuple[str, str]:
    names = equation.names
    by = wrt or ("x" if "x" in names else next((each for each in names if each != "y"), ""))
    others = [each for each in names if each != by]
    if by not in names or not others:
        raise FormulaError(
            Message(
                "Expected an equation of two names and one of them to differentiate by, found "
                "{found!r}; it has {names}.",
                found=by,
                names=", ".join(names) or "—",
            ),
            equation.text,
        )
    if "y" in others or len(others) == 1:
        return by, "y" if "y" in others else others[0]
    raise FormulaError(
        Message(
            "Expected a name y whose slope is asked for, found {names}: call the one that depends "
            "on {by} y.",
            names=", ".join(others),
            by=by,
        ),
        equation.text,
    )
