"""Sums: like terms together, and the squares that Pythagoras adds up."""

from fractions import Fraction

from chainrule.calculus.build import exact, is_number, multiply, number
from chainrule.calculus.fraction import (
    FactorList,
    factor_list,
    split_number,
    sum_of,
    term_list,
    worked_out,
)
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import Node, Quotient, Sum

from .numbers import product_of_numbers
from .powers import square_of


def like_terms(node: Node, keys: Keys) -> Node:
    """2x + 3x becomes 5x."""
    if not isinstance(node, Sum):
        return node
    counts: dict[Key, tuple[Node, Fraction, list[Node]]] = {}
    terms = term_list(node)
    for sign, term in terms:
        value, used, rest = number_and_rest(sign, term)
        key = _key(rest, keys)
        before = counts.get(key, (rest.built(), Fraction(0), []))
        counts[key] = (before[0], before[1] + value, [*before[2], *used])
    if len(counts) == len(terms):
        return node
    result: list[tuple[int, Node]] = []
    for rest_node, value, used in counts.values():
        if value == 0:
            continue
        written = worked_out(used, abs(value))
        if written is None:
            return node
        result.append((1 if value > 0 else -1, times(written, rest_node)))
    return sum_of(result)


def number_and_rest(sign: int, term: Node) -> tuple[Fraction, list[Node], FactorList]:
    """A term's number, the numbers it was made of, and what it multiplies."""
    found = factor_list(term)
    numbers_above, above = split_number(found.above)
    numbers_below, below = split_number(found.below)
    value = Fraction(sign * found.sign)
    for each in numbers_above:
        value *= exact(each) or 0
    for each in numbers_below:
        value /= exact(each) or 1
    return value, [*numbers_above, *numbers_below], FactorList(1, above, below)


def _key(rest: FactorList, keys: Keys) -> Key:
    return keys(Quotient(numerator=multiply(*rest.above), denominator=multiply(*rest.below)))


def times(written: Node, rest: Node) -> Node:
    """A number in front of something."""
    if is_number(written, 1):
        return rest
    if is_number(rest, 1):
        return written
    return product_of_numbers(factor_list(multiply(written, rest))) or multiply(written, rest)


def pythagoras(node: Node, keys: Keys) -> Node:
    """sin² + cos² becomes 1, cosh² − sinh² becomes 1; with the same factor before both."""
    if not isinstance(node, Sum):
        return node
    terms = term_list(node)
    squares: dict[tuple[Key, str], list[tuple[int, Fraction, FactorList]]] = {}
    for i, (sign, term) in enumerate(terms):
        value, _, rest = number_and_rest(sign, term)
        for j, factor in enumerate(rest.above):
            square = square_of(factor, ("sin", "cos", "sinh", "cosh"))
            if square is None:
                continue
            others = FactorList(1, rest.above[:j] + rest.above[j + 1 :], rest.below)
            function, inside = square
            found = squares.setdefault((keys(inside), function), [])
            for partner, sign_wanted in _PARTNERS[function]:
                for k, other_value, other in squares.get((keys(inside), partner), []):
                    if other_value * sign_wanted == value and _key(other, keys) == _key(
                        others, keys
                    ):
                        whole = value if function in ("sin", "cos", "cosh") else other_value
                        return _replaced(terms, i, k, whole, others)
            found.append((i, value, others))
    return node


_PARTNERS = {
    "sin": (("cos", 1),),
    "cos": (("sin", 1),),
    "sinh": (("cosh", -1),),
    "cosh": (("sinh", -1),),
}


def _replaced(
    terms: list[tuple[int, Node]], one: int, other: int, value: Fraction, rest: FactorList
) -> Node:
    first, second = sorted((one, other))
    new = times(number(abs(value)), rest.built())
    kept = [*terms]
    kept[first] = (1 if value > 0 else -1, new)
    del kept[second]
    return sum_of(kept)
