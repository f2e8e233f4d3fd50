"""What an expression is on a curve: shorter, by what the equation says of its parts.

(6x² + 6xy + 6y²)/(x + 2y)³ is 42/(x + 2y)³ where x² + xy + y² = 7. The numerator is divided by
F = left − right, and what remains has the same value wherever F is 0.
"""

from dataclasses import replace

from .build import is_number, multiply, raised
from .parse import parse
from .problem import Equation
from .tidy import factor, tidy
from .tree import (
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
    written_size,
)
from .writing import write

LARGEST = 250
"""Parts of an expression that is shortened: larger ones take SymPy longer than a reader waits."""

HIGHEST = 12
"""Degree of a numerator that is divided, for the same reason."""


def shortened(node: Node, equation: Equation, variables: tuple[str, str]) -> Node | None:
    """A quotient of polynomials on a curve that a polynomial gives.

    Args:
        node: The expression.
        equation: The curve.
        variables: The names that the curve is drawn in, x and y; others are parameters.

    Returns:
        The shortest form found; None if none is shorter, or these are no polynomials.
    """
    if any(written_size(each) > LARGEST for each in (node, equation.difference.root)):
        return None
    if not _rational(node) or not _rational(equation.difference.root):
        return None
    import sympy  # type: ignore[import-untyped]

    from .symbolic import to_sympy

    whole = sympy.factor(to_sympy(parse(write(node))))
    zero = sympy.numer(sympy.together(to_sympy(parse(write(equation.difference.root)))))
    above, below = sympy.fraction(whole)
    names = [sympy.Symbol(each, real=True) for each in variables]
    if sympy.total_degree(above, *names) > HIGHEST:
        return None
    found = [whole]
    for order, symbols in (("grlex", names), ("lex", names), ("lex", names[::-1])):
        _, rest = sympy.reduced(above, [zero], *symbols, order=order)
        found.append(sympy.factor(rest) / below)
    best = min(found, key=sympy.count_ops)
    made = _as_derived(parse(sympy.sstr(best)).root)
    for change in (tidy, factor):
        steps = change(made)
        made = steps[-1].after if steps else made
    return made if written_size(made) < written_size(node) else None


def _as_derived(root: Node) -> Node:
    """What SymPy wrote, with exponents above the line, as of what the rules make."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        match node:
            case Power():
                made[id(node)] = raised(*parts)
            case Product():
                made[id(node)] = multiply(*parts)
            case _:
                made[id(node)] = replace(with_children(node, parts), id=-1, span=(0, 0))
    return made[id(root)]


def _rational(root: Node) -> bool:
    """Whether it is made of numbers and names by +, −, ·, / and whole powers."""
    for node in distinct(root):
        match node:
            case Number() | Name() | Sum() | Product() | Quotient() | Unary():
                continue
            case Power() if isinstance(node.exponent, Number) and node.exponent.text.isdecimal():
                if node.exponent.value > HIGHEST or is_number(node.exponent, 0):
                    return False
            case _:
                return False
    return True
