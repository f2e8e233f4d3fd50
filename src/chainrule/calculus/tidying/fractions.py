"""Fractions within fractions, and sums of fractions brought to one denominator."""

from fractions import Fraction
from math import gcd, lcm

from chainrule.calculus.build import divide, exact, multiply, number
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import Node, Product, Quotient, Sum

from .common_factor import common_factor
from .expansion import expand
from .factors import equal_factors
from .idea import size
from .numbers import numbers
from .powers import base_and_exponent, to_the

MOST_DENOMINATORS = 8
"""Different factors of a common denominator: with more, each term is multiplied by more than anyone
reads, which is thrown away again, at a cost that grows with the cube of their number."""


def one_line(node: Node, keys: Keys) -> Node:
    """1/(1 + 1/x)² becomes x²/(x + 1)²: a fraction within a fraction is multiplied away.

    (1/x − 1/y)·x·y becomes y − x: where the factors beside a sum are all of its denominators.
    """
    if not isinstance(node, Product | Quotient):
        return node
    beside = isinstance(node, Quotient)
    most = size(node) + (SLACK if beside else -1)
    found = factor_list(node)
    for above in (True, False):
        for i, each in enumerate(found.above if above else found.below):
            base, exponent = base_and_exponent(each)
            if not isinstance(base, Sum) or exponent.denominator != 1 or exponent < 1:
                continue
            for denominator in _denominators(base, keys):
                made = _multiplied_away(found, above, i, denominator, keys)
                if size(made) <= most and (not factor_list(made).below or beside):
                    return made
    return node


SLACK = 4
"""Parts more to read for one fraction line instead of two: a power below the line, its product with
the rest, and a factor for a term that had no denominator."""


def _denominators(base: Sum, keys: Keys) -> list[list[Node]]:
    """What a sum may be multiplied by: what all its denominators divide, or the number in it."""
    whole = _common_denominator(base, keys)
    numbers_in = [each for each in whole if exact(each) is not None]
    return [each for each in (whole, numbers_in if len(numbers_in) < len(whole) else []) if each]


def _multiplied_away(
    found: FactorList, above: bool, i: int, denominator: list[Node], keys: Keys
) -> Node:
    """A fraction with the sum at one place multiplied by a denominator, and so its other side."""
    result = FactorList(found.sign, [*found.above], [*found.below])
    side, other = (result.above, result.below) if above else (result.below, result.above)
    base, exponent = base_and_exponent(side[i])
    assert isinstance(base, Sum)
    side[i] = to_the(_times_each(base, denominator, keys), exponent)
    other.extend(_power(factor, exponent) for factor in denominator)
    return numbers(equal_factors(result.built(), keys), keys)


def _power(factor: Node, exponent: Fraction) -> Node:
    value = exact(factor)
    if value is not None:
        return number(value**exponent.numerator)
    base, own = base_and_exponent(factor)
    return to_the(base, own * exponent)


def cancel(node: Node, keys: Keys) -> Node:
    """(x − 2x·ln x)/x⁴ becomes (1 − 2 ln x)/x³: what all terms share with the other side goes."""
    if not isinstance(node, Quotient):
        return node
    found = factor_list(node)
    for side, other in (found.above, found.below), (found.below, found.above):
        for i, each in enumerate(side):
            taken = common_factor(each, keys) if isinstance(each, Sum) else each
            if taken is each:
                continue
            factors = factor_list(taken)
            shared = FactorList(1, [f for f in factors.above if not isinstance(f, Sum)])
            shared.above += [f for f in factors.above if isinstance(f, Sum)][:-1]
            if not _meets(shared.above, other, keys):
                continue
            side[i] = taken
            result = numbers(equal_factors(found.built(), keys), keys)
            return result if size(result) < size(node) else node
    return node


def _meets(factors: list[Node], others: list[Node], keys: Keys) -> bool:
    """Whether something stands on both sides of a fraction line."""
    left = [base_and_exponent(each)[0] for each in factors]
    right = [base_and_exponent(each)[0] for each in others]
    values = [int(exact(each) or 1) for each in left], [int(exact(each) or 1) for each in right]
    if any(gcd(one, two) > 1 for one in values[0] for two in values[1]):
        return True
    return bool({keys(each) for each in left} & {keys(each) for each in right})


def common_denominator(node: Node, keys: Keys) -> Node:
    """√u − x²/√u becomes (u − x²)/√u; only where less is left to read."""
    if not isinstance(node, Sum):
        return node
    denominator = _common_denominator(node, keys)
    if not any(exact(each) is None for each in denominator) or len(denominator) > MOST_DENOMINATORS:
        return node
    above = _times_each(node, denominator, keys)
    expanded = expand(above, keys)
    if expanded is not None and size(expanded) < size(above):
        above = expanded
    made = equal_factors(divide(above, multiply(*denominator)), keys)
    return made if size(made) < size(node) else node


def _common_denominator(node: Sum, keys: Keys) -> list[Node]:
    """What all denominators of the terms divide; nothing if there are none."""
    whole = 1
    table: dict[Key, tuple[Node, Fraction]] = {}
    for _, term in term_list(node):
        for each in factor_list(term).below:
            value = exact(each)
            if value is not None:
                if value.denominator != 1:
                    return []
                whole = lcm(whole, int(value))
                continue
            base, exponent = base_and_exponent(each)
            _, before = table.get(keys(base), (base, Fraction(0)))
            table[keys(base)] = (base, max(before, exponent))
    found = [to_the(base, exponent) for base, exponent in table.values()]
    return [*([number(whole)] if whole > 1 else []), *found]


def _times_each(node: Sum, factors: list[Node], keys: Keys) -> Node:
    """Each term multiplied and reduced."""
    terms: list[tuple[int, Node]] = []
    for sign, term in term_list(node):
        found = factor_list(term)
        product = FactorList(1, [*factors, *found.above], found.below).built()
        if isinstance(product, Product | Quotient):
            product = equal_factors(product, keys)
        terms.append((sign * found.sign, numbers(_ordered(product, keys), keys)))
    return sum_of([pair for each in terms for pair in _flat(each)])


def _ordered(node: Node, keys: Keys) -> Node:
    """A factor 1 is not written."""
    found = factor_list(node)
    above = [each for each in found.above if exact(each) != 1]
    return FactorList(found.sign, above, found.below).built()


def _flat(pair: tuple[int, Node]) -> list[tuple[int, Node]]:
    return [(pair[0] * sign, term) for sign, term in term_list(pair[1])]
