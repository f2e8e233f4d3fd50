"""Multiplying out: a sum as monomials, each a number times powers of things that are no sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.calculus.build import exact
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list, worked_out
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import (
    Call,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    distinct,
)

from .idea import size
from .powers import base_and_exponent, is_exponential, of_root, to_the
from .terms import pythagoras

MOST_MONOMIALS = 40
"""Monomials above which nothing is multiplied out: nobody writes so many down."""

HIGHEST_POWER = 3
"""Powers of sums above are left as they are: (x + 1)⁴ says more than its five terms."""

Powers = dict[Key, Fraction]


@dataclass(slots=True)
class _Atoms:
    """The things that monomials are made of, in the order in which they were met."""

    keys: Keys
    nodes: dict[Key, Node] = field(default_factory=dict)
    numbers: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Monomial:
    value: Fraction
    powers: Powers


class TooMany(Exception):
    """There would be more monomials than anybody writes down."""


def multiply_out(node: Node, keys: Keys) -> Node:
    """2x·(x² + 1) − 2x·(x² − 1) becomes 4x; only where less is left to read."""
    if not isinstance(node, Sum) or not any(_holds_sum(term) for _, term in term_list(node)):
        return node
    if _share_sum(node, keys):
        return node  # it is to be taken out instead
    expanded = expand(node, keys)
    if expanded is not None:
        expanded = pythagoras(expanded, keys)
    if expanded is None or size(expanded) >= size(node):
        return node
    # tanh + x·(1 − tanh²) says more than its three terms; polynomials are written out
    more = len(term_list(expanded)) > len(term_list(node))
    return node if more and not _is_polynomial(expanded) else expanded


def _is_polynomial(node: Node) -> bool:
    return not any(isinstance(part, Call | Quotient) for part in distinct(node)) and not any(
        isinstance(part, Power) and exact(part.exponent) is None for part in distinct(node)
    )


def expand(node: Node, keys: Keys) -> Node | None:
    """A sum or product multiplied out and its like terms collected; None if that is no help."""
    atoms = _Atoms(keys)
    try:
        monomials = _collected(_expanded(node, atoms))
    except TooMany:
        return None
    return _written(monomials, atoms)


def _holds_sum(term: Node) -> bool:
    found = factor_list(term)
    return any(
        isinstance(base_and_exponent(each)[0], Sum | Product | Quotient) for each in found.above
    )


def _share_sum(node: Sum, keys: Keys) -> bool:
    """Whether all terms have a factor in common that is a sum."""
    shared: set[Key] | None = None
    for _, term in term_list(node):
        bases = (base_and_exponent(each)[0] for each in factor_list(term).above)
        found = {keys(base) for base in bases if isinstance(base, Sum)}
        # a term that is a sum in itself has been taken apart
        shared = found if shared is None else shared & found
    return bool(shared)


def _expanded(node: Node, atoms: _Atoms) -> list[_Monomial]:
    value = exact(node)
    if value is not None:
        atoms.numbers.append(node)
        return [_Monomial(value, {})]
    match node:
        case Unary():
            inner = _expanded(node.operand, atoms)
            return inner if node.operator == "+" else [_Monomial(-m.value, m.powers) for m in inner]
        case Sum():
            found: list[_Monomial] = []
            for sign, term in term_list(node):
                found += [_Monomial(sign * m.value, m.powers) for m in _expanded(term, atoms)]
            return _collected(found)
        case Product():
            return _multiplied([_expanded(factor, atoms) for factor in node.factors], atoms)
        case Quotient():
            return _multiplied(
                [_expanded(node.numerator, atoms), [_reciprocal(node.denominator, atoms)]], atoms
            )
        case Power():
            return _power(node, atoms)
        case _:
            return [_atom(node, Fraction(1), atoms)]


def _reciprocal(denominator: Node, atoms: _Atoms) -> _Monomial:
    found = factor_list(denominator)
    result = _Monomial(Fraction(found.sign), {})
    for above, factors in (True, found.above), (False, found.below):
        for each in factors:
            value = exact(each)
            if value is not None:
                if value == 0:
                    raise TooMany
                atoms.numbers.append(each)
                result.value *= 1 / value if above else value
                continue
            base, exponent = base_and_exponent(each)
            atom = _atom(base, -exponent if above else exponent, atoms)
            result = _times(result, atom)
    return result


def _power(node: Power, atoms: _Atoms) -> list[_Monomial]:
    base, exponent = base_and_exponent(node)
    whole = exponent.denominator == 1 and 1 < exponent <= HIGHEST_POWER
    if isinstance(base, Sum | Product | Quotient | Unary) and whole:
        return _multiplied([_expanded(base, atoms)] * int(exponent), atoms)
    return [_atom(base, exponent, atoms)]


def _atom(base: Node, exponent: Fraction, atoms: _Atoms) -> _Monomial:
    key = atoms.keys(base)
    atoms.nodes.setdefault(key, base)
    return _Monomial(Fraction(1), {key: exponent} if exponent else {})


def _times(left: _Monomial, right: _Monomial) -> _Monomial:
    powers = dict(left.powers)
    for key, exponent in right.powers.items():
        total = powers.get(key, Fraction(0)) + exponent
        if total:
            powers[key] = total
        else:
            powers.pop(key, None)
    return _Monomial(left.value * right.value, powers)


def _multiplied(parts: Sequence[list[_Monomial]], atoms: _Atoms) -> list[_Monomial]:
    result = [_Monomial(Fraction(1), {})]
    for part in parts:
        if len(result) * len(part) > MOST_MONOMIALS:
            raise TooMany
        result = _collected([_times(left, right) for left in result for right in part])
    return _without_roots(result, atoms)


def _without_roots(monomials: list[_Monomial], atoms: _Atoms) -> list[_Monomial]:
    """√u·√u is u, which may be a sum itself."""
    result: list[_Monomial] = []
    changed = False
    for monomial in monomials:
        for key, exponent in monomial.powers.items():
            root = of_root(atoms.nodes[key])
            if root is None or exponent < 1 / root[1]:
                continue
            inside, part = root
            left = dict(monomial.powers)
            left[key] = exponent - 1 / part
            if not left[key]:
                del left[key]
            result += _multiplied(
                [[_Monomial(monomial.value, left)], _expanded(inside, atoms)], atoms
            )
            changed = True
            break
        else:
            result.append(monomial)
    return _collected(result) if changed else monomials


def _collected(monomials: list[_Monomial]) -> list[_Monomial]:
    if len(monomials) > MOST_MONOMIALS:
        raise TooMany
    found: dict[frozenset[tuple[Key, Fraction]], _Monomial] = {}
    for monomial in monomials:
        key = frozenset(monomial.powers.items())
        if key in found:
            found[key] = _Monomial(found[key].value + monomial.value, monomial.powers)
        else:
            found[key] = monomial
    return [monomial for monomial in found.values() if monomial.value]


def _written(monomials: list[_Monomial], atoms: _Atoms) -> Node | None:
    used = {key for monomial in monomials for key in monomial.powers}
    polynomial = all(isinstance(atoms.nodes[key], Name) for key in used)
    if polynomial:
        monomials = sorted(monomials, key=lambda m: -sum(m.powers.values()))
    order = {key: i for i, key in enumerate(atoms.nodes)}
    terms: list[tuple[int, Node]] = []
    for monomial in monomials:
        written = worked_out(atoms.numbers, abs(monomial.value))
        if written is None:
            return None
        terms.append((1 if monomial.value > 0 else -1, _term(written, monomial, atoms, order)))
    return sum_of(terms)


def _term(written: Node, monomial: _Monomial, atoms: _Atoms, order: dict[Key, int]) -> Node:
    above: list[Node] = []
    below: list[Node] = []
    top = written.numerator if isinstance(written, Quotient) else written
    if isinstance(written, Quotient):
        below.append(written.denominator)
    for key in sorted(monomial.powers, key=lambda k: (_rank(atoms.nodes[k]), order[k])):
        exponent = monomial.powers[key]
        side = above if exponent > 0 else below
        side.append(to_the(atoms.nodes[key], abs(exponent)))
    one = isinstance(top, Number) and top.value == 1 and above
    return FactorList(1, above if one else [top, *above], below).built()


def _rank(node: Node) -> int:
    """Names before anything else, and exponentials before other functions."""
    if isinstance(node, Name):
        return 0
    return 1 if is_exponential(node) or not isinstance(node, Call) else 2
