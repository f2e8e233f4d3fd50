"""Zeros, ones, and numbers worked out."""

from fractions import Fraction
from math import isqrt

from chainrule.calculus.build import exact, is_number, multiply, number
from chainrule.calculus.fraction import (
    FactorList,
    factor_list,
    split_number,
    sum_of,
    term_list,
    worked_out,
)
from chainrule.calculus.same import Keys
from chainrule.calculus.tree import Call, Constant, Node, Power, Product, Quotient, Sum, Unary


def zeros(node: Node, keys: Keys) -> Node:
    """0·x is 0, x + 0 is x; two cases that are the same are none."""
    match node:
        case Product() if any(is_number(factor, 0) for factor in node.factors):
            return number(0)
        case Quotient() if is_number(node.numerator, 0):
            return number(0)
        case Unary() if is_number(node.operand, 0):
            return number(0)
        case Sum():
            terms = [pair for pair in term_list(node) if not is_number(pair[1], 0)]
            return sum_of(terms) if len(terms) < len(node.terms) else node
        case Call() if node.function == "where":
            return node.arguments[1] if keys(node.arguments[1]) == keys(node.arguments[2]) else node
        case _:
            return node


def ones(node: Node, keys: Keys) -> Node:
    """1·x is x, x/1 is x, x¹ is x, x⁰ is 1."""
    match node:
        case Product():
            left = [factor for factor in node.factors if not is_number(factor, 1)]
            return multiply(*left) if len(left) < len(node.factors) else node
        case Quotient() if is_number(node.denominator, 1):
            return node.numerator
        case Power() if is_number(node.exponent, 1):
            return node.base
        case Power() if is_number(node.exponent, 0) or is_number(node.base, 1):
            return number(1)
        case _:
            return node


def known_values(node: Node, keys: Keys) -> Node:
    """Ln e is 1, ln 1 and sin 0 are 0, √4 is 2."""
    if not isinstance(node, Call) or len(node.arguments) != 1:
        return node
    argument = node.arguments[0]
    if node.function == "log" and isinstance(argument, Constant) and argument.name == "e":
        return number(1)
    value = exact(argument)
    if value is None:
        return node
    known = _KNOWN.get((node.function, value))
    if known is not None:
        return number(known)
    if node.function == "sqrt" and value > 0:
        root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
        return number(root) if root * root == value else node
    return node


_KNOWN = {
    ("log", Fraction(1)): 0,
    ("exp", Fraction(0)): 1,
    ("sin", Fraction(0)): 0,
    ("tan", Fraction(0)): 0,
    ("cos", Fraction(0)): 1,
    ("sinh", Fraction(0)): 0,
    ("tanh", Fraction(0)): 0,
    ("cosh", Fraction(0)): 1,
}


def numbers(node: Node, keys: Keys) -> Node:
    """2·x·3 is 6x, x + 2 + 3 is x + 5, 2³ is 8."""
    match node:
        case Product() | Quotient():
            return product_of_numbers(factor_list(node)) or node
        case Sum():
            return _sum_of_numbers(node)
        case Power():
            return _power_of_numbers(node)
        case _:
            return node


def product_of_numbers(found: FactorList) -> Node | None:
    """The numbers of a product worked out and put in front; None if there are none."""
    numbers_above, above = split_number(found.above)
    numbers_below, below = split_number(found.below)
    if not numbers_above and not numbers_below:
        return None
    value = Fraction(1)
    for each in numbers_above:
        value *= exact(each) or 0
    for each in numbers_below:
        value /= exact(each) or 1
    if any(is_number(each, 0) for each in numbers_below):
        return None
    written = worked_out([*numbers_above, *numbers_below], abs(value))
    if written is None:
        return None
    if value == 0:
        return number(0)
    top = written.numerator if isinstance(written, Quotient) else written
    bottom = [written.denominator] if isinstance(written, Quotient) else []
    first = [] if is_number(top, 1) and above else [top]
    return FactorList(
        found.sign * (1 if value > 0 else -1), [*first, *above], [*bottom, *below]
    ).built()


def _sum_of_numbers(node: Sum) -> Node:
    terms = term_list(node)
    found = [(sign, term) for sign, term in terms if exact(term) is not None]
    if len(found) < 2:
        return node
    value = Fraction(0)
    for sign, term in found:
        value += sign * (exact(term) or 0)
    written = worked_out([term for _, term in found], abs(value))
    if written is None:
        return node
    rest = [pair for pair in terms if exact(pair[1]) is None]
    return sum_of([*rest, *([(1 if value > 0 else -1, written)] if value else [])])


def _power_of_numbers(node: Power) -> Node:
    base, exponent = exact(node.base), exact(node.exponent)
    small = exponent is not None and exponent.denominator == 1 and abs(exponent) <= 10
    if base is None or exponent is None or not small or (base == 0 and exponent <= 0):
        return node
    written = worked_out([node.base], base ** int(exponent))
    return node if written is None or exact(written) is None else written
