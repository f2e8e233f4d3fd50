"""The symbols of an implicit derivative, each with what it is: y is a number, dy/dx a function."""

from collections.abc import Iterator, Sequence

from chainrule.records.message import Message

from .glossary import signs_of_tree
from .implicit import ImplicitDerivation
from .notations import NOTATIONS, Notation, Paper, Sign, Slope

_LIKE_LEIBNIZ = ("partial", "index")
"""Notations of partial derivatives: along a curve there is one variable, and they write d/dx."""


def curve_glossary(
    found: ImplicitDerivation,
    way: Notation,
    paper: Paper,
    slope: str,
    second: str,
    partials: Sequence[str],
) -> tuple[Sign, ...]:
    """The symbols of a curve: those of the equation, those of its slope, then its functions.

    Args:
        found: The slope.
        way: The notation.
        paper: Where it is written.
        slope: What the slope is called: dy/dx.
        second: What the slope of the slope is called; empty if it is not told.
        partials: What ∂F/∂x and ∂F/∂y are called; empty if they are not told.
    """
    signs: dict[str, Sign] = {}
    for sign in (
        *_names(found, way, paper),
        *_slopes(found, slope, second),
        *_signs(found, way, paper),
        *_partials(found, partials),
    ):
        signs.setdefault(sign.symbol, sign)
    defined = [formula.root for _, formula in found.left.definitions]
    equation = found.equation
    for root in (equation.left.root, equation.right.root, *defined, found.factored):
        for sign in signs_of_tree(root, way, paper):
            signs.setdefault(sign.symbol, sign)
    return tuple(signs.values())


def _names(found: ImplicitDerivation, way: Notation, paper: Paper) -> Iterator[Sign]:
    defined = dict(found.left.definitions)
    names = (*found.equation.names, *(n for each in defined.values() for n in each.names))
    for each in dict.fromkeys(names):
        if each == found.by:
            meaning = Message("The variable: where the point is taken on the curve.")
        elif each == found.of:
            meaning = Message(
                "Moves with {by} along the curve, in a way that only the equation says.",
                by=found.by,
            )
        elif each in defined:
            meaning = Message("Stands for {formula}.", formula=way.write(defined[each].root, paper))
        else:
            meaning = Message("Held constant here.")
        yield _number(paper.marks.name(each), meaning)


def _slopes(found: ImplicitDerivation, slope: str, second: str) -> Iterator[Sign]:
    yield Sign(
        symbol=slope,
        kind="function",
        meaning=Message(
            "The slope of the curve: how fast {of} moves with {by}. It takes both coordinates of a "
            "point, and is unknown until it is solved for.",
            of=found.of,
            by=found.by,
        ),
    )
    if second:
        yield Sign(
            symbol=second,
            kind="function",
            meaning=Message(
                "How fast that slope changes with {variable} along the curve.", variable=found.by
            ),
        )


def _signs(found: ImplicitDerivation, way: Notation, paper: Paper) -> Iterator[Sign]:
    """The operators of the notation, and dx."""
    writes = next(each for each in NOTATIONS if each.id == "leibniz")
    if way.id not in _LIKE_LEIBNIZ:
        writes = way
    for sign in writes.signs(paper, Slope(variable=found.by, partial=False)):
        change = way.id == "differential" and sign.meaning.startswith("A small change")
        if sign.kind == "operator" or change:
            yield sign


def _partials(found: ImplicitDerivation, partials: Sequence[str]) -> Iterator[Sign]:
    if not partials:
        return
    yield _number("F", Message("The left side less the right, which is 0 on the curve."))
    for symbol, moved, held in zip(
        partials, (found.by, found.of), (found.of, found.by), strict=True
    ):
        yield Sign(
            symbol=symbol,
            kind="function",
            meaning=Message(
                "The slope of F along {moved}, while {held} is held constant.",
                moved=moved,
                held=held,
            ),
        )


def _number(symbol: str, meaning: str) -> Sign:
    return Sign(symbol=symbol, kind="number", meaning=meaning)
