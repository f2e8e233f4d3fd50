"""What all terms of a sum have in common, taken out."""

from fractions import Fraction
from math import gcd

from chainrule.calculus.build import exact, is_number, negative, number
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import Node, Product, Quotient, Sum

from .factors import equal_factors
from .numbers import numbers
from .powers import base_and_exponent, to_the


def common_factor(node: Node, keys: Keys) -> Node:
    """x·eˣ + eˣ becomes eˣ·(x + 1)."""
    if not isinstance(node, Sum):
        return node
    terms = [(sign, factor_list(term)) for sign, term in term_list(node)]
    for _, found in terms:
        found.above = [each for each in found.above if not is_number(each, 1)]
    shared = _shared(terms, keys)
    if not shared.above and not shared.below and shared.sign > 0:
        return node
    rest: list[tuple[int, Node]] = []
    for sign, found in terms:
        quotient = FactorList(1, [*found.above, *shared.below], [*found.below, *shared.above])
        reduced = quotient.built()
        if isinstance(reduced, Product | Quotient):
            reduced = equal_factors(reduced, keys)
        rest.append((sign * found.sign * shared.sign, numbers(reduced, keys)))
    if shared.below and any(_is_fraction(term) for _, term in rest):
        return node  # a fraction within a fraction is no shorter
    inner = sum_of(_numbers_last(rest))
    product = FactorList(1, [*shared.above, inner], shared.below).built()
    return negative(product) if shared.sign < 0 else product


def _is_fraction(term: Node) -> bool:
    """Whether something other than a number stands below a line."""
    return any(exact(each) is None for each in factor_list(term).below)


def _numbers_last(terms: list[tuple[int, Node]]) -> list[tuple[int, Node]]:
    """2 + x becomes x + 2; 1 − x stays, since −x + 1 is no better."""
    rest = [pair for pair in terms if exact(pair[1]) is None]
    if len(rest) == len(terms) or not any(sign > 0 for sign, _ in rest):
        return terms
    return [*rest, *(pair for pair in terms if exact(pair[1]) is not None)]


def _shared(terms: list[tuple[int, FactorList]], keys: Keys) -> FactorList:
    """What all terms have in common."""
    tables = [_table(found, keys) for _, found in terms]
    shared = FactorList(-1 if all(sign * found.sign < 0 for sign, found in terms) else 1)
    divisor = gcd(*(_whole(found) for _, found in terms))
    if divisor > 1:
        shared.above.append(number(divisor))
    for key, (base, _) in tables[0].items():
        exponents = [table.get(key, (base, Fraction(0)))[1] for table in tables]
        if min(exponents) > 0:
            shared.above.append(to_the(base, min(exponents)))
        elif max(exponents) < 0:
            shared.below.append(to_the(base, -max(exponents)))
    return shared


def _table(found: FactorList, keys: Keys) -> dict[Key, tuple[Node, Fraction]]:
    table: dict[Key, tuple[Node, Fraction]] = {}
    for above, factors in (True, found.above), (False, found.below):
        for each in factors:
            base, exponent = base_and_exponent(each)
            if exact(base) is None:
                old = table.get(keys(base), (base, Fraction(0)))[1]
                table[keys(base)] = (base, old + (exponent if above else -exponent))
    return table


def _whole(found: FactorList) -> int:
    """The whole number in front of a term; 1 if what stands there is none."""
    value = Fraction(1)
    for each in found.above:
        value *= exact(each) or 1
    for each in found.below:
        value /= exact(each) or 1
    return int(value) if value.denominator == 1 else 1
