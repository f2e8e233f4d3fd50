"""Numbers of formulas at points, computed for exercises, and how sentences write them."""

from collections.abc import Mapping

from chainrule.calculus import Evaluation, Formula, derive, parse


def slope(formula: str, wrt: str, at: Mapping[str, float]) -> float:
    """The derivative of a formula at a point."""
    found = derive(parse(formula), wrt, routes=False, algebra=False)
    return Evaluation(at)(found.raw)


def second_slope(formula: str, one: str, other: str, at: Mapping[str, float]) -> float:
    """The derivative by one name, differentiated by another, at a point."""
    first = derive(parse(formula), one, routes=False, algebra=False).raw
    second = derive(Formula(text="", root=first), other, routes=False, algebra=False)
    return Evaluation(at)(second.raw)


def value(formula: str, at: Mapping[str, float]) -> float:
    """The value of a formula at a point."""
    return Evaluation(at)(parse(formula).root)


def shown(number: float) -> str:
    """A number as sentences have it: six digits, with the minus sign of books."""
    return f"{number:.6g}".replace("-", "−")
