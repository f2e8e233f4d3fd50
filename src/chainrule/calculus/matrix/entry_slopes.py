"""The slopes of a rule entry by entry: ∂(A b)ₖ/∂bᵢ = Aₖᵢ, ∂sₖ/∂aᵢ = sᵢ(δᵢₖ − sₖ) for a softmax.

A rule says what its parts get of a cotangent G. Of the G that is 1 in one place and 0 elsewhere,
δ, they get the slopes of that place; sums over δ have one term.
"""

from collections.abc import Callable, Sequence

from chainrule.calculus.build import add, divide, is_number, multiply, negative, number
from chainrule.calculus.tree import (
    Call,
    Name,
    Node,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)

from .in_letters import COTANGENT
from .index_form import DELTA, Indexed, delta, entry, times
from .shapes import Shapes


def entry_slope(pull: Node, shapes: Shapes, whole: Sequence[str], part: Sequence[str]) -> Node:
    """The slope of one entry of a whole by one entry of a part.

    Args:
        pull: What the part gets of `COTANGENT`, with all entries of the part.
        shapes: Of all names in it.
        whole: The index of the entry of the whole.
        part: The index of the entry of the part.
    """
    sizes = shapes.names[COTANGENT]
    one_place = [index if size > 1 else "1" for index, size in zip(whole, sizes, strict=True)]
    return _Slopes(shapes, one_place, len(whole) + len(part)).at(pull, part)


class _Slopes(Indexed):
    """With δ in the place of the cotangent."""

    def __init__(self, shapes: Shapes, place: Sequence[str], taken: int) -> None:
        super().__init__(shapes, taken)
        self._place = place

    def leaf(self, node: Node, index: Sequence[str]) -> Node:
        """δᵢₖ δⱼₗ for G."""
        if isinstance(node, Name) and node.name == COTANGENT:
            return times(*map(delta, zip(index, self._place, strict=True)))
        return super().leaf(node, index)

    def _entrywise(self, node: Node, shape: tuple[int, ...], index: Sequence[str]) -> Node:
        made = super()._entrywise(node, shape, index)
        return times(*made.factors) if isinstance(made, Product) else made

    def total(self, letter: str, size: int, body: Node) -> Node:
        """A sum over a δ is the one term at which it is 1."""
        return _contracted(
            letter, body, lambda rest: super(_Slopes, self).total(letter, size, rest)
        )


def _contracted(letter: str, body: Node, summed: Callable[[Node], Node]) -> Node:
    match body:
        case Unary():
            inner = _contracted(letter, body.operand, summed)
            return negative(inner) if body.operator == "-" else inner
        case Sum() if _has_delta(body):
            terms = [_contracted(letter, term, summed) for term in body.terms]
            signed = zip(["+", *body.operators], terms, strict=True)
            return add(*(negative(term) if sign == "-" else term for sign, term in signed))
        case Quotient() if not _mentions(body.denominator, letter):
            return divide(_contracted(letter, body.numerator, summed), body.denominator)
        case Product():
            for i, factor in enumerate(body.factors):
                rest = [*body.factors[:i], *body.factors[i + 1 :]]
                other = _other_index(factor, letter)
                if other is not None:
                    return times(*(_renamed(each, letter, other) for each in rest))
                if isinstance(factor, Sum) and _has_delta(factor):
                    signs = ["+", *factor.operators]
                    terms = [
                        _contracted(letter, times(*rest[:i], term, *rest[i:]), summed)
                        for term in factor.terms
                    ]
                    signed = zip(signs, terms, strict=True)
                    return add(*(negative(t) if sign == "-" else t for sign, t in signed))
                if isinstance(factor, Quotient | Unary) and _has_delta(factor):
                    return _contracted(letter, _opened(factor, rest, i), summed)
                if isinstance(factor, Product):
                    flat = times(*rest[:i], *factor.factors, *rest[i:])
                    return _contracted(letter, flat, summed)
    other = _other_index(body, letter)
    return number(1) if other is not None else summed(body)


def _opened(factor: Quotient | Unary, rest: list[Node], place: int) -> Node:
    """A product with a fraction or a sign among its factors as one fraction or with one sign."""
    inner = factor.numerator if isinstance(factor, Quotient) else factor.operand
    product = times(*rest[:place], inner, *rest[place:])
    if isinstance(factor, Quotient):
        return divide(product, factor.denominator)
    return negative(product) if factor.operator == "-" else product


def _other_index(node: Node, letter: str) -> str | None:
    """Of δ with a letter, the other one."""
    if not (isinstance(node, Call) and _is_delta(node)):
        return None
    first, second = node.function[1:-1].split(",")
    if letter not in (first, second):
        return None
    return second if first == letter else first


def _is_delta(node: Call) -> bool:
    inside = node.arguments[0]
    return node.function.startswith("[") and isinstance(inside, Name) and inside.name == DELTA


def _has_delta(node: Node) -> bool:
    return any(isinstance(each, Call) and _is_delta(each) for each in distinct(node))


def _mentions(node: Node, letter: str) -> bool:
    calls = (each for each in distinct(node) if isinstance(each, Call))
    return any(
        each.function.startswith("[") and letter in each.function[1:-1].split(",") for each in calls
    )


def _renamed(root: Node, letter: str, other: str) -> Node:
    """With another index; δ of twice the same is 1."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        new: Node = with_children(node, parts)
        if isinstance(new, Call) and new.function.startswith("["):
            index = [other if each == letter else each for each in new.function[1:-1].split(",")]
            new = delta(index) if _is_delta(new) else entry(new.arguments[0], index)
        elif isinstance(new, Product) and any(is_number(part, 1) for part in parts):
            new = multiply(*(part for part in parts if not is_number(part, 1)))
        made[id(node)] = new
    return made[id(root)]
