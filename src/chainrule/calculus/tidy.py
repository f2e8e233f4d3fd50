"""The algebra after the calculus: named steps from what the rules leave to what a person writes.

Each step is one idea applied to the whole expression, and keeps its value wherever both exist (x²/x
and x differ at 0, where the first has none). What the learner wrote stays as it is unless it stands
in a product or sum that the derivation made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from .build import exact, is_number, multiply, negative, number, raised
from .derivation import Rewrite
from .fraction import FactorList, factor_list, split_number, sum_of, term_list, worked_out
from .same import Key, Keys
from .tree import (
    Call,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)

MOST_ROUNDS = 8
"""Rounds of all ideas: each can make work for another. Expressions met so far need three."""

Local = Callable[[Node, Keys], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """One idea of algebra.

    Attributes:
        id: Unique.
        name: As a person says it.
        local: What it makes of one node whose parts have been done; the node itself if nothing.
    """

    id: str
    name: str
    local: Local


def tidy(expression: Node) -> tuple[Rewrite, ...]:
    """The steps from an expression to a tidy one; none if it is tidy."""
    return _applied(expression, TIDYING)


def factor(expression: Node) -> tuple[Rewrite, ...]:
    """The steps from a tidy expression to one with its common factors taken out."""
    return _applied(expression, (COMMON_FACTOR, *TIDYING))


def _applied(expression: Node, ideas: tuple[Idea, ...]) -> tuple[Rewrite, ...]:
    found: list[Rewrite] = []
    keys = Keys()
    for _ in range(MOST_ROUNDS):
        before = len(found)
        for idea in ideas:
            changed = _everywhere(expression, idea.local, keys)
            if changed is not expression:
                found.append(Rewrite(rule=idea.id, before=expression, after=changed))
                expression = changed
        if len(found) == before:
            break
    return tuple(found)


def _everywhere(root: Node, local: Local, keys: Keys) -> Node:
    """An idea applied to every part that the derivation made, the innermost first."""
    done: dict[int, Node] = {}
    for node in distinct(root):
        if node.id >= 0:  # the learner's own
            done[id(node)] = node
            continue
        rebuilt = with_children(node, [done[id(child)] for child in children(node)])
        changed = local(rebuilt, keys)
        # the same thing said again is no step
        done[id(node)] = node if changed is not node and _equal(changed, node, keys) else changed
    return done[id(root)]


def _equal(left: Node, right: Node, keys: Keys) -> bool:
    return keys(left) == keys(right)


# ---- ideas -------------------------------------------------------------------------------------


def _zeros(node: Node, keys: Keys) -> Node:
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


def _ones(node: Node, keys: Keys) -> Node:
    match node:
        case Product():
            left = [factor for factor in node.factors if not is_number(factor, 1)]
            return multiply(*left) if len(left) < len(node.factors) else node
        case Quotient() if is_number(node.denominator, 1):
            return node.numerator
        case Power() if is_number(node.exponent, 1):
            return node.base
        case Power() if is_number(node.exponent, 0):
            return number(1)
        case _:
            return node


def _one_fraction(node: Node, keys: Keys) -> Node:
    if isinstance(node, Product | Quotient) or (
        isinstance(node, Unary) and isinstance(node.operand, Product | Quotient | Unary)
    ):
        return factor_list(node).built()
    if isinstance(node, Sum) and any(isinstance(t, Unary | Sum) for t in node.terms[1:]):
        return sum_of(term_list(node))
    return node


def _numbers(node: Node, keys: Keys) -> Node:
    match node:
        case Product() | Quotient():
            return _product_of_numbers(factor_list(node)) or node
        case Sum():
            return _sum_of_numbers(node)
        case Power():
            return _power_of_numbers(node)
        case _:
            return node


def _product_of_numbers(found: FactorList) -> Node | None:
    numbers_above, above = split_number(found.above)
    numbers_below, below = split_number(found.below)
    if not numbers_above and not numbers_below:
        return None
    value = Fraction(1)
    for each in numbers_above:
        value *= exact(each) or 0
    for each in numbers_below:
        value /= exact(each) or 1
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
    numbers = [(sign, term) for sign, term in terms if exact(term) is not None]
    if len(numbers) < 2:
        return node
    value = Fraction(0)
    for sign, term in numbers:
        value += sign * (exact(term) or 0)
    written = worked_out([term for _, term in numbers], abs(value))
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


def _equal_factors(node: Node, keys: Keys) -> Node:
    """x·x² becomes x³, x²/x becomes x, and what has a negative power goes below the line."""
    if not isinstance(node, Product | Quotient | Power):
        return node
    found = factor_list(node)
    powers: dict[Key, tuple[Node, Fraction]] = {}
    left: list[tuple[Key | None, Node, bool]] = []
    for above, factors in (True, found.above), (False, found.below):
        for each in factors:
            base, exponent = _base_and_exponent(each)
            if exact(base) is not None:
                left.append((None, each, above))
                continue
            key = keys(base)
            if key in powers:
                base, before = powers[key]
                powers[key] = (base, before + (exponent if above else -exponent))
            else:
                powers[key] = (base, exponent if above else -exponent)
                left.append((key, each, above))
    result = FactorList(found.sign)
    for place, each, above in left:
        if place is None:
            (result.above if above else result.below).append(each)
            continue
        base, exponent = powers[place]
        base, exponent = _without_root(base, exponent)
        if exponent:
            written = _to_the(base, abs(exponent))
            (result.above if exponent > 0 else result.below).append(written)
    return result.built()


def _base_and_exponent(node: Node) -> tuple[Node, Fraction]:
    """Of (x²)³, x and 6; only whole powers of powers multiply for every x."""
    total = Fraction(1)
    while isinstance(node, Power):
        exponent = exact(node.exponent)
        if exponent is None or (total != 1 and exponent.denominator != 1):
            break
        node, total = node.base, total * exponent
    return node, total


def _without_root(base: Node, exponent: Fraction) -> tuple[Node, Fraction]:
    """√u·√u is u."""
    root = isinstance(base, Call) and base.function == "sqrt"
    if root and isinstance(base, Call) and exponent.denominator == 1 and exponent % 2 == 0:
        return base.arguments[0], exponent / 2
    return base, exponent


def _to_the(base: Node, exponent: Fraction) -> Node:
    return base if exponent == 1 else raised(base, number(exponent))


def _like_terms(node: Node, keys: Keys) -> Node:
    """2x + 3x becomes 5x."""
    if not isinstance(node, Sum):
        return node
    counts: dict[Key, tuple[Node, Fraction, list[Node]]] = {}
    for sign, term in term_list(node):
        found = factor_list(term)
        numbers_above, above = split_number(found.above)
        numbers_below, below = split_number(found.below)
        value = Fraction(sign * found.sign)
        for each in numbers_above:
            value *= exact(each) or 0
        for each in numbers_below:
            value /= exact(each) or 1
        rest = FactorList(1, above, below).built()
        ordered = multiply(*sorted(above, key=keys), *sorted(below, key=keys))
        key = keys(Quotient(numerator=ordered, denominator=number(len(above))))
        before = counts.get(key, (rest, Fraction(0), []))
        used = [*before[2], *numbers_above, *numbers_below]
        counts[key] = (before[0], before[1] + value, used)
    if len(counts) == len(term_list(node)):
        return node
    terms: list[tuple[int, Node]] = []
    for rest, value, used in counts.values():
        if value == 0:
            continue
        written = worked_out(used, abs(value))
        if written is None:
            return node
        terms.append((1 if value > 0 else -1, _times(written, rest)))
    return sum_of(terms)


def _times(written: Node, rest: Node) -> Node:
    if is_number(written, 1):
        return rest
    if is_number(rest, 1):
        return written
    return _product_of_numbers(factor_list(multiply(written, rest))) or multiply(written, rest)


def _common_factor(node: Node, keys: Keys) -> Node:
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
        reduced = (
            _equal_factors(reduced, keys) if isinstance(reduced, Product | Quotient) else reduced
        )
        reduced = _numbers(reduced, keys)
        rest.append((sign * found.sign * shared.sign, reduced))
    inner = sum_of(rest)
    product = FactorList(1, [*shared.above, inner], shared.below).built()
    return negative(product) if shared.sign < 0 else product


def _shared(terms: list[tuple[int, FactorList]], keys: Keys) -> FactorList:
    """What all terms have in common."""
    tables = []
    for _, found in terms:
        table: dict[Key, tuple[Node, Fraction]] = {}
        for above, factors in (True, found.above), (False, found.below):
            for each in factors:
                base, exponent = _base_and_exponent(each)
                if exact(base) is None:
                    old = table.get(keys(base), (base, Fraction(0)))[1]
                    table[keys(base)] = (base, old + (exponent if above else -exponent))
        tables.append(table)
    shared = FactorList(-1 if all(sign * found.sign < 0 for sign, found in terms) else 1)
    whole = [_whole(found) for _, found in terms]
    divisor = gcd(*whole)
    if divisor > 1:
        shared.above.append(number(divisor))
    for key, (base, _) in tables[0].items():
        exponents = [table.get(key, (base, Fraction(0)))[1] for table in tables]
        if min(exponents) > 0:
            shared.above.append(_to_the(base, min(exponents)))
        elif max(exponents) < 0:
            shared.below.append(_to_the(base, -max(exponents)))
    return shared


def _whole(found: FactorList) -> int:
    """The whole number in front of a term; 1 if what stands there is none."""
    value = Fraction(1)
    for each in found.above:
        value *= exact(each) or 1
    for each in found.below:
        value /= exact(each) or 1
    return int(value) if value.denominator == 1 else 1


TIDYING = (
    Idea(
        id="zeros", name="what is multiplied by 0 vanishes, and + 0 changes nothing", local=_zeros
    ),
    Idea(id="ones", name="a factor 1 and a power 1 change nothing", local=_ones),
    Idea(id="one-fraction", name="signs to the front, one fraction line", local=_one_fraction),
    Idea(id="numbers", name="work out the numbers", local=_numbers),
    Idea(id="equal-factors", name="put equal factors together", local=_equal_factors),
    Idea(id="like-terms", name="put like terms together", local=_like_terms),
)
"""In the order in which they are applied."""

COMMON_FACTOR = Idea(id="common-factor", name="take out the common factor", local=_common_factor)

REWRITES: dict[str, str] = {idea.id: idea.name for idea in (*TIDYING, COMMON_FACTOR)}
"""What each step of algebra is called."""
