"""Slips in derivatives by vectors and matrices: one small change that makes an answer right.

As in `slips.py`, each part of the answer is changed in turn, and how many changes were tried says
what a hit is worth. Here a change is another tree, since shapes change with it.
"""

from collections.abc import Iterator

from chainrule.calculus.build import call, divide, multiply, name, negative, number
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
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
from chainrule.calculus.writing import write

from .matrix_asked import MatrixAsked
from .matrix_edits import longer
from .matrix_values import Variants, with_part
from .slips import (
    RATES,
    SLIP_FACTOR,
    SLIP_FUNCTION,
    SLIP_NUMBER,
    SLIP_SIGN,
    SLIP_TERM,
    SLIPS,
    Slip,
    neighbours,
)

_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 0.5)
"""What may stand for a number."""

_SCALES = (2, 3, 4, 5, 6, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6)
"""Numbers that may have been lost before a part, or be too much."""

MOST_SITES = 30
"""Parts of an answer that are changed; no textbook's answer has more."""


def matrix_slip(root: Node, typed: Node, asked: MatrixAsked, variants: Variants) -> Slip | None:
    """The slip that leads from the right derivative to an answer; None if none does.

    Args:
        root: What was answered, and is not right.
        typed: The answer before it was read what its products mean: a factor that it lacks may be
            the one that made its parts fit.
        asked: What is asked.
        variants: Where expressions are compared.
    """
    tried = dict.fromkeys((each.id for each in SLIPS), 0)
    hits = dict.fromkeys(tried, 0)
    for changed, kind in _changes(root, asked, variants):
        tried[kind.id] += 1
        hits[kind.id] += variants.is_right(changed)
    lost = [*longer(typed, _factors(asked))]
    tried[SLIP_FACTOR.id] += len(lost)
    if not any(hits.values()):
        hits[SLIP_FACTOR.id] += sum(map(variants.reads_right, lost))
    fitting = [each for each in SLIPS if hits[each.id]]
    if not fitting:
        return None
    return Slip(
        mutation=fitting[0],
        kinds=frozenset(each.id for each in fitting),
        probability=sum(RATES[each.id] * hits[each.id] / tried[each.id] for each in fitting),
    )


def _changes(root: Node, asked: MatrixAsked, variants: Variants) -> Iterator[tuple[Node, Mutation]]:
    """An answer with one small change each that leaves it a shape, and the kind of the change."""
    names = asked.derivation.names
    missing = _terms(_right(asked), variants)
    exponents = {id(each.exponent) for each in distinct(root) if isinstance(each, Power)}
    sites = [each for each in distinct(root) if not isinstance(each, Unary)]
    for node in sites[-MOST_SITES:]:
        shape = variants.shape(node)
        others: list[tuple[Node, Mutation]] = [(negative(node), SLIP_SIGN)]
        if isinstance(node, Number):
            others += [(number(each), SLIP_NUMBER) for each in _NUMBERS if each != node.value]
        elif id(node) not in exponents:
            others += [(multiply(number(each), node), SLIP_NUMBER) for each in _SCALES]
            others += [
                (multiply(name(each), node), SLIP_FACTOR)
                for each, of in names.items()
                if of in ((), shape)
            ]
            others += [
                (Sum(terms=(node, each), operators=(sign,)), SLIP_TERM)
                for each in missing
                if variants.shape(each) == shape
                for sign in ("+", "-")
            ]
        match node:
            case Name():
                others += [
                    (name(each), SLIP_FUNCTION)
                    for each, of in names.items()
                    if of == names[node.name] and each != node.name
                ]
            case Sum():
                others += [(_without(node, i), SLIP_TERM) for i in range(len(node.terms))]
            case Product():
                others += [(each, SLIP_FACTOR) for each in node.factors]
            case MatrixProduct():
                others += [(node.left, SLIP_FACTOR), (node.right, SLIP_FACTOR)]
            case Call() if len(node.arguments) == 1:
                others += [(each, SLIP_FUNCTION) for each in neighbours(node)]
            case _:
                pass
        for other, kind in others:
            changed = with_part(root, node, other)
            if variants.shape(changed) is not None:
                yield changed, kind


def _right(asked: MatrixAsked) -> Node:
    derivation = asked.derivation
    return derivation.gradient if derivation.jacobian is None else derivation.jacobian


def _factors(asked: MatrixAsked) -> list[Node]:
    """Factors of the right derivative, each once; a name transposed as well."""
    right = _right(asked)
    found: dict[str, Node] = {}
    for node in distinct(right):
        match node:
            case Product():
                parts: tuple[Node, ...] = node.factors
            case MatrixProduct():
                parts = (node.left, node.right)
            case Quotient():
                parts = (divide(number(1), node.denominator),)
            case Call(function="outer"):
                parts = (node.arguments[0], call("transpose", node.arguments[1]))
            case _:
                parts = ()
        for each in parts:
            if not isinstance(each, Number | MatrixProduct | Product):
                found.setdefault(write(each), each)
                if isinstance(each, Name) and len(asked.derivation.names.get(each.name, ())) == 2:
                    found.setdefault(write(call("transpose", each)), call("transpose", each))
    return [*found.values()][:MOST_FACTORS]


MOST_FACTORS = 12
"""Factors of the right derivative that may be missing."""


def _without(node: Sum, at: int) -> Node:
    signed = zip(node.terms, ("+", *node.operators), strict=True)
    kept = [negative(each) if sign == "-" else each for each, sign in signed]
    del kept[at]
    total = kept[0]
    for each in kept[1:]:
        total = Sum(terms=(total, each), operators=("+",))
    return total


def _terms(right: Node, variants: Variants) -> list[Node]:
    """The terms of the derivative if it is multiplied out; none where it is not linear in a sum."""
    for node in distinct(right):
        if not isinstance(node, Sum):
            continue
        signed = zip(node.terms, ("+", *node.operators), strict=True)
        alone = [
            with_part(right, node, negative(each) if sign == "-" else each) for each, sign in signed
        ]
        total = alone[0]
        for each in alone[1:]:
            total = Sum(terms=(total, each), operators=("+",))
        if variants.is_right(total):
            return alone
    return []
