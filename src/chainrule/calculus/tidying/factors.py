"""Products and quotients: one line, what is simple in front, equal factors together."""

from fractions import Fraction

from chainrule.calculus.build import call, exact, is_number, multiply, negative, number, raised
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import (
    Call,
    Constant,
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
)

from .powers import (
    base_and_exponent,
    inverse_exponential,
    is_exponential,
    of_root,
    to_the,
    with_root,
)


def simple_first(node: Node, keys: Keys) -> Node:
    """cos(x²)·(2x) becomes (2x)·cos(x²): so a chain's inner slope is written when it is short.

    What the learner put last, the x of cos(x)·x, stays last.
    """
    if not isinstance(node, Product):
        return node
    *outer, last = node.factors
    inner, behind = _head(last)
    if inner.id >= 0 or not _is_monomial(inner):
        return node
    rest = [factor for factor in outer if exact(factor) is None]
    parts = [each for each in factor_list(inner).above if exact(each) != 1]
    torn = len(parts) > 1 and any(exact(each) is not None for each in parts)
    one = len(rest) == 1 and (
        isinstance(rest[0], Call | Power)
        or (isinstance(rest[0], Sum) and (len(outer) > 1 or len(parts) > 1))
    )
    if not rest or not (torn or one) or all(map(_is_monomial, rest)):
        return node
    numbers = [factor for factor in outer if exact(factor) is not None]
    return multiply(*numbers, inner, *rest, *behind)


def _head(last: Node) -> tuple[Node, tuple[Node, ...]]:
    """The last factor, or of one that is a product itself its first factor and the others."""
    minus = isinstance(last, Unary) and last.operator == "-"
    product = last.operand if isinstance(last, Unary) and minus else last
    if not isinstance(product, Product) or product.id >= 0 or _is_monomial(last):
        return last, ()
    first, *others = product.factors
    if minus:
        others[-1] = negative(others[-1])
    return first, tuple(others)


def _is_monomial(node: Node) -> bool:
    """Numbers times powers of names."""
    found = factor_list(node)
    named = False
    for each in found.above:
        base, _ = base_and_exponent(each)
        if isinstance(base, Name | Constant):
            named = True
        elif exact(base) is None:
            return False
    return named and all(exact(each) is not None for each in found.below)


def one_fraction(node: Node, keys: Keys) -> Node:
    """a·(b/c)·(−d) becomes −abd/c, and a − (b − c) becomes a − b + c."""
    if isinstance(node, Product | Quotient) or (
        isinstance(node, Unary) and isinstance(node.operand, Product | Quotient | Unary)
    ):
        found = factor_list(node)
        above = [factor for factor in found.above if not is_number(factor, 1)]
        below = [factor for factor in found.below if not is_number(factor, 1)]
        return FactorList(found.sign, above, below).built()
    if isinstance(node, Sum) and any(isinstance(term, Unary | Sum) for term in node.terms[1:]):
        return sum_of(term_list(node))
    if isinstance(node, Sum) and isinstance(node.terms[0], Sum | Unary):
        return sum_of(term_list(node))
    return node


def power_of_product(node: Node, keys: Keys) -> Node:
    """(2x)² becomes 4x², (x/y)² becomes x²/y², (x·eᵗ)²·e⁻ᵗ becomes x²·e²ᵗ·e⁻ᵗ; for whole powers."""
    if isinstance(node, Product | Quotient):
        return _met_exponentials(node, keys)
    if not isinstance(node, Power) or not isinstance(node.base, Product | Quotient | Unary):
        return node
    exponent = exact(node.exponent)
    if exponent is None or exponent.denominator != 1 or not 1 < exponent <= 10:
        return node
    found = factor_list(node.base)
    with_number = any(isinstance(each, Number) for each in (*found.above, *found.below))
    if not found.below and not with_number and found.sign > 0:
        return node
    raised = FactorList(
        -1 if found.sign < 0 and exponent % 2 else 1,
        [_power(each, exponent) for each in found.above],
        [_power(each, exponent) for each in found.below],
    )
    return raised.built()


def _met_exponentials(node: Product | Quotient, keys: Keys) -> Node:
    """Powers of products taken apart of which an exponential meets its like or its inverse."""
    found = factor_list(node)
    if len(found.above) + len(found.below) < 2:
        return node
    alone = {key for each in (*found.above, *found.below) for key in _exponentials(each, keys)}
    if not alone:
        return node
    changed = False
    sides: tuple[list[Node], list[Node]] = ([], [])
    for side, factors in zip(sides, (found.above, found.below), strict=True):
        for each in factors:
            parts = _taken_apart(each, alone, keys)
            changed = changed or parts is not None
            side.extend(parts or [each])
    return FactorList(found.sign, *sides).built() if changed else node


def _taken_apart(node: Node, alone: set[Key], keys: Keys) -> list[Node] | None:
    """The factors of a whole power of a product that holds one of these; else None."""
    if not isinstance(node, Power) or not isinstance(node.base, Product):
        return None
    exponent = exact(node.exponent)
    if exponent is None or exponent.denominator != 1 or not 1 < exponent <= 10:
        return None
    inside = factor_list(node.base)
    if inside.below or inside.sign < 0:
        return None
    if not any(alone & _exponentials(each, keys) for each in inside.above):
        return None
    return [_power(each, exponent) for each in inside.above]


def _exponentials(node: Node, keys: Keys) -> set[Key]:
    """The key of an exponential, whatever the number and the sign in its exponent; else none."""
    base, _ = base_and_exponent(node)
    if not is_exponential(base):
        return set()
    return {keys(inverse_exponential(base) or base)}


def _power(node: Node, exponent: Fraction) -> Node:
    base, own = base_and_exponent(node)
    return to_the(base, own * exponent)


def equal_factors(node: Node, keys: Keys) -> Node:
    """x·x² becomes x³, x²/x becomes x, x/√x becomes √x; negative powers go below the line."""
    if not isinstance(node, Product | Quotient | Power):
        return node
    return together(factor_list(node), keys).built()


class _Place:
    """A factor of the result: where it stands, what it is a power of, and to what."""

    __slots__ = ("above", "base", "exponent", "node", "times")

    def __init__(self, node: Node, above: bool, base: Node, exponent: Fraction) -> None:
        self.node = node
        self.above = above
        self.base = base
        self.exponent = exponent
        self.times = 1


def together(found: FactorList, keys: Keys) -> FactorList:
    """Equal factors put together."""
    places: list[_Place] = []
    known: dict[Key, _Place] = {}
    for above, factors in (True, found.above), (False, found.below):
        for each in factors:
            base, exponent = base_and_exponent(each)
            if exact(base) is not None:
                if not is_number(each, 1):
                    places.append(_Place(each, above, base, Fraction(0)))
                continue
            signed = exponent if above else -exponent
            place = known.get(keys(base))
            if place is None:
                place = _Place(each, above, base, signed)
                known[keys(base)] = place
                places.append(place)
            else:
                place.exponent += signed
                place.times += 1
    roots = _roots(places, known, keys)
    _opposite(places, known, keys)
    result = FactorList(found.sign)
    for place in places:
        if exact(place.base) is not None:
            (result.above if place.above else result.below).append(place.node)
        elif place.times:
            _write(place, roots.get(id(place)), result)
    return result


def _roots(places: list[_Place], known: dict[Key, _Place], keys: Keys) -> dict[int, Call]:
    """√u and u put into one place; the roots with which such places are written."""
    roots: dict[int, Call] = {}
    for place in places:
        root = place.base
        taken = of_root(root)
        if taken is None or not place.times or not isinstance(root, Call):
            continue
        inside, part = taken
        other = known.get(keys(inside))
        share = place.exponent * part
        if other is None or (other.exponent / part).denominator != 1:
            if abs(share) >= 1:
                roots[id(place)] = call(root.function, inside)
                place.base, place.exponent, place.times = inside, share, 2
            continue
        roots[id(other)] = call(root.function, inside)
        other.exponent += share
        other.times += 1
        place.times = 0
    return roots


def _opposite(places: list[_Place], known: dict[Key, _Place], keys: Keys) -> None:
    """eˣ·e⁻ˣ is 1, and eˣ/e⁻ˣ is e²ˣ."""
    for place in places:
        inverse = inverse_exponential(place.base) if place.times else None
        other = known.get(keys(inverse)) if inverse is not None else None
        if other is not None and other.times:
            place.exponent -= other.exponent
            place.times += 1
            other.times = 0
            if place.exponent < 0 and inverse is not None:
                place.base, place.exponent = inverse, -place.exponent


def _write(place: _Place, root: Call | None, result: FactorList) -> None:
    if not place.exponent:
        return
    above = place.exponent > 0
    side = result.above if above else result.below
    nested = isinstance(place.node, Power) and _is_nested(place.node)
    if place.times == 1 and above == place.above and not nested:
        side.append(place.node)
    elif root is None:
        side.append(_power_like(place))
    else:
        side.extend(with_root(root, abs(place.exponent)))


def _power_like(place: _Place) -> Node:
    """The power, with a decimal in its exponent if the learner wrote one."""
    size = abs(place.exponent)
    decimal = isinstance(place.node, Power) and any(
        isinstance(part, Number) and not part.text.isdecimal()
        for part in distinct(place.node.exponent)
    )
    if decimal and place.times == 1 and size.denominator != 1:
        return raised(place.base, number(float(size)))
    return to_the(place.base, size)


def _is_nested(node: Power) -> bool:
    """(x²)³, a power of a power, or x⁻², a negative one."""
    exponent = exact(node.exponent)
    return isinstance(node.base, Power) or (exponent is not None and exponent < 0)


def sign_and_size(node: Node, keys: Keys) -> Node:
    """u·sign(u) becomes |u|, sign(u)/|u| becomes 1/u, and |u|² becomes u²."""
    if not isinstance(node, Product | Quotient | Power):
        return node
    found = factor_list(node)
    for factors in (found.above, found.below):
        for i, each in enumerate(factors):
            base, exponent = base_and_exponent(each)
            if _is_call(base, "abs") and exponent % 2 == 0:
                factors[i] = to_the(children(base)[0], exponent)
                return found.built()
    for i, each in enumerate(found.above):
        if _is_call(each, "sign"):
            left = FactorList(found.sign, found.above[:i] + found.above[i + 1 :], found.below)
            if _met(keys(children(each)[0]), left, keys):
                return left.built()
    return node


def _is_call(node: Node, function: str) -> bool:
    return isinstance(node, Call) and node.function == function


def _met(inside: Key, found: FactorList, keys: Keys) -> bool:
    """A sign put into u or |u| above the line, or into |u| below it, if one of them is there."""
    for i, each in enumerate(found.above):
        base, exponent = base_and_exponent(each)
        if keys(base) == inside and exponent >= 1 and exponent.denominator == 1:
            rest = [to_the(base, exponent - 1)] if exponent > 1 else []
            found.above[i : i + 1] = [*rest, call("abs", base)]
            return True
        if _is_call(each, "abs") and keys(children(each)[0]) == inside:
            found.above[i] = children(each)[0]
            return True
    for i, each in enumerate(found.below):
        if _is_call(each, "abs") and keys(children(each)[0]) == inside:
            found.below[i] = children(each)[0]
            return True
    return False


def turned_difference(node: Node, keys: Keys) -> Node:
    """−eˣ·(1 − x) becomes eˣ·(x − 1), and (a − b)/(b − a) −(b − a)/(b − a)."""
    minus = isinstance(node, Unary) and node.operator == "-"
    if not minus and not isinstance(node, Product | Quotient):
        return node
    found = factor_list(node)
    bases = {keys(base_and_exponent(each)[0]) for each in (*found.above, *found.below)}
    for factors in (found.above, found.below):
        for i, each in enumerate(factors):
            if isinstance(each, Sum) and each.id < 0 and each.operators == ("-",):
                turned = Sum(terms=each.terms[::-1], operators=("-",))
                if keys(turned) == keys(each):
                    continue  # x − x
                called = any(isinstance(part, Call) for part in distinct(each))
                called = called and (factors is found.below or len(found.above) > 1)
                if (minus and not called) or keys(turned) in bases:
                    factors[i] = turned
                    return FactorList(-found.sign, found.above, found.below).built()
    return node
