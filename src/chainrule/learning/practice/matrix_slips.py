"""Slips in derivatives by vectors and matrices: one small change that makes an answer right.

As in `slips.py`, each part of the answer is changed in turn, and how many changes were tried says
what a hit is worth. Here a change is another tree, since shapes change with it.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from chainrule.calculus import FormulaError
from chainrule.calculus.build import call, divide, multiply, name, negative, number
from chainrule.calculus.matrix.shapes import Shapes
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
    children,
    distinct,
)
from chainrule.calculus.writing import write

from .matrix_asked import MatrixAsked
from .matrix_edits import longer
from .matrix_values import Replacing, Variants
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


class LostFactors:
    """An answer with one factor of the right derivative more, in each place of its products.

    A factor that it lacks may be the one that made its parts fit, so this is of the answer as it
    was typed, whatever its products mean.

    Args:
        typed: The answer.
        asked: What is asked.
        variants: Where expressions are compared.
    """

    def __init__(self, typed: Node, asked: MatrixAsked, variants: Variants) -> None:
        self._typed = typed
        self._asked = asked
        self._variants = variants

    @cached_property
    def tried(self) -> int:
        """How many there are."""
        return len(self._made)

    @cached_property
    def hits(self) -> int:
        """How many are right."""
        return sum(map(self._variants.reads_right, self._made))

    @cached_property
    def _made(self) -> list[Node]:
        return [*longer(self._typed, _factors(self._asked))]


def matrix_slip(
    root: Node, asked: MatrixAsked, variants: Variants, lost: LostFactors
) -> Slip | None:
    """The slip that leads from the right derivative to an answer; None if none does.

    Args:
        root: What was answered, and is not right.
        asked: What is asked.
        variants: Where expressions are compared.
        lost: Of the answer as it was typed.
    """
    tried = dict.fromkeys((each.id for each in SLIPS), 0)
    hits = dict.fromkeys(tried, 0)
    for kind, is_right in _changes(root, asked, variants):
        tried[kind.id] += 1
        hits[kind.id] += is_right
    tried[SLIP_FACTOR.id] += lost.tried
    if not any(hits.values()):
        hits[SLIP_FACTOR.id] += lost.hits
    fitting = [each for each in SLIPS if hits[each.id]]
    if not fitting:
        return None
    return Slip(
        mutation=fitting[0],
        kinds=frozenset(each.id for each in fitting),
        probability=sum(RATES[each.id] * hits[each.id] / tried[each.id] for each in fitting),
    )


def _changes(root: Node, asked: MatrixAsked, variants: Variants) -> Iterator[tuple[Mutation, bool]]:
    """The kind of each small change of an answer that leaves it a shape, and whether it is right.

    Most changes multiply a part by a number. Where the whole is linear in that part, its value with
    the other sign of the part tells all of these.
    """
    missing = _terms(_right(asked), variants)
    replacing = Replacing(root)
    exponents = {id(each.exponent) for each in replacing.parts if isinstance(each, Power)}
    sites = [each for each in replacing.parts if not isinstance(each, Unary)]
    for node in sites[-MOST_SITES:]:
        linear = variants.shape(root) is not None and replacing.is_linear_in(node)
        turned = replacing(node, negative(node))
        changes: list[_Change] = [(negative(node), SLIP_SIGN, -1)]
        if isinstance(node, Number):
            changes += _other_numbers(node)
        elif id(node) not in exponents:
            changes += _multiples(node, asked, variants)
            changes += _with_terms(node, missing, variants)
        changes += _other_parts(node, asked)
        for other, kind, scale in changes:
            if linear and scale is not None:
                yield kind, variants.is_right_scaled(root, turned, scale)
                continue
            changed = replacing(node, other)
            if variants.shape(changed) is not None:
                yield kind, variants.is_right(changed)


_Change = tuple[Node, Mutation, float | str | None]
"""What stands for a part, the kind of that slip, and what times the part it is: a number, or the
name of one; None if it is no multiple."""


def _other_numbers(node: Number) -> Iterator[_Change]:
    for each in _NUMBERS:
        if each != node.value:
            yield number(each), SLIP_NUMBER, each / node.value if node.value else None


def _multiples(node: Node, asked: MatrixAsked, variants: Variants) -> Iterator[_Change]:
    for scale in _SCALES:
        yield multiply(number(scale), node), SLIP_NUMBER, scale
    for each, shape in asked.derivation.names.items():
        if shape in ((), variants.shape(node)):
            yield multiply(name(each), node), SLIP_FACTOR, None if shape else each


def _with_terms(node: Node, missing: Sequence[Node], variants: Variants) -> Iterator[_Change]:
    for each in missing:
        if variants.shape(each) == variants.shape(node):
            yield Sum(terms=(node, each), operators=("+",)), SLIP_TERM, None
            yield Sum(terms=(node, each), operators=("-",)), SLIP_TERM, None


def _other_parts(node: Node, asked: MatrixAsked) -> Iterator[_Change]:
    """With a part of it too few, or another name or function in its place."""
    names = asked.derivation.names
    match node:
        case Name():
            for each, shape in names.items():
                if shape == names[node.name] and each != node.name:
                    yield name(each), SLIP_FUNCTION, None
        case Sum():
            for i in range(len(node.terms)):
                yield _without(node, i), SLIP_TERM, None
        case Product() | MatrixProduct():
            for part in children(node):
                yield part, SLIP_FACTOR, None
        case Call() if len(node.arguments) == 1:
            for other in neighbours(node):
                yield other, SLIP_FUNCTION, None
        case _:
            pass


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
            whole = isinstance(each, Number | MatrixProduct | Product)
            if not whole or _is_dot(each, asked):
                found.setdefault(write(each), each)
                if isinstance(each, Name) and len(asked.derivation.names.get(each.name, ())) == 2:
                    found.setdefault(write(call("transpose", each)), call("transpose", each))
    return [*found.values()][:MOST_FACTORS]


def _is_dot(node: Node, asked: MatrixAsked) -> bool:
    """Whether it is a dot product, and so a factor like any number."""
    try:
        return isinstance(node, MatrixProduct) and Shapes(asked.derivation.names)(node) == ()
    except FormulaError:  # in a Jacobian stand names that are none of the formula
        return False


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
    replacing = Replacing(right)
    for node in replacing.parts:
        if not isinstance(node, Sum):
            continue
        signed = zip(node.terms, ("+", *node.operators), strict=True)
        alone = [replacing(node, negative(each) if sign == "-" else each) for each, sign in signed]
        total = alone[0]
        for each in alone[1:]:
            total = Sum(terms=(total, each), operators=("+",))
        if variants.is_right(total):
            return alone
    return []
