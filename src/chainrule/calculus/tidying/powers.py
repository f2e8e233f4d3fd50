"""Powers taken apart and put together: x³ is x to the 3, e^(2x) is eˣ to the 2, √u is half a u."""

from fractions import Fraction

from chainrule.calculus.build import call, exact, number, raised
from chainrule.calculus.fraction import FactorList, factor_list
from chainrule.calculus.tree import Call, Constant, Node, Number, Power

ROOTS = {"sqrt": 2, "cbrt": 3}
"""Functions of which so many make what stands below them."""


def base_and_exponent(node: Node) -> tuple[Node, Fraction]:
    """Of (x²)³, x and 6; of e^(2x), eˣ and 2; of anything else, itself and 1."""
    total = Fraction(1)
    while isinstance(node, Power):
        exponent = exact(node.exponent)
        if exponent is None:
            break
        # the root of a square is no power of what was squared: √x² is |x|
        if total.denominator != 1 and exponent.denominator == 1 and exponent % 2 == 0:
            break
        node, total = node.base, total * exponent
    if total.denominator == 1:
        node, times = _exponential(node)
        total *= times
    return node, total


def is_exponential(node: Node) -> bool:
    """Whether it is exp(u), or a constant to a power that is no number."""
    if isinstance(node, Power):
        return isinstance(node.base, Constant | Number) and exact(node.exponent) is None
    return isinstance(node, Call) and node.function == "exp"


def _exponential(node: Node) -> tuple[Node, int]:
    """Of e^(2x), eˣ and 2: a whole number in the exponent is how often the rest stands there."""
    if not is_exponential(node):
        return node, 1
    found = factor_list(_exponent(node))
    whole = [each for each in found.above if isinstance(each, Number)]
    if len(whole) != 1 or found.below or not whole[0].text.isdecimal() or len(found.above) < 2:
        return node, 1
    times = int(whole[0].text)
    if times < 2:
        return node, 1
    rest = FactorList(found.sign, [each for each in found.above if each is not whole[0]])
    return _with_exponent(node, rest.built()), times


def inverse_exponential(node: Node) -> Node | None:
    """Of e^(−x), eˣ; None for what does not have a minus sign in its exponent."""
    if not is_exponential(node):
        return None
    found = factor_list(_exponent(node))
    if found.sign > 0:
        return None
    return _with_exponent(node, FactorList(1, found.above, found.below).built())


def _exponent(node: Node) -> Node:
    if isinstance(node, Power):
        return node.exponent
    assert isinstance(node, Call)
    return node.arguments[0]


def _with_exponent(node: Node, exponent: Node) -> Node:
    return raised(node.base, exponent) if isinstance(node, Power) else call("exp", exponent)


def to_the(base: Node, exponent: Fraction) -> Node:
    """base^exponent as a person writes it: sin²(x), and e^(2x) for the square of eˣ."""
    if exponent == 1:
        return base
    if is_exponential(base) and exponent.denominator == 1:
        old = factor_list(_exponent(base))
        times = FactorList(old.sign, [number(exponent), *old.above], old.below)
        return _with_exponent(base, times.built())
    return raised(base, number(exponent))


def of_root(base: Node) -> tuple[Node, Fraction] | None:
    """Of √u, u and 1/2; None for what is no root."""
    if isinstance(base, Call) and base.function in ROOTS:
        return base.arguments[0], Fraction(1, ROOTS[base.function])
    return None


def with_root(root: Call, exponent: Fraction) -> list[Node]:
    """U to a number of halves (or thirds), written with its root: u·√u for 3/2.

    Args:
        root: √u or ∛u.
        exponent: A positive multiple of the half or third.
    """
    whole = exponent.numerator // exponent.denominator
    left = (exponent - whole) * ROOTS[root.function]
    parts = [to_the(root.arguments[0], Fraction(whole))] if whole else []
    return [*parts, *([to_the(root, left)] if left else [])]


def square_of(node: Node, functions: tuple[str, ...]) -> tuple[str, Node] | None:
    """Of sin²(u), the name and u, if the function is one of these."""
    base, exponent = base_and_exponent(node)
    if exponent == 2 and isinstance(base, Call) and base.function in functions:
        return base.function, base.arguments[0]
    return None
