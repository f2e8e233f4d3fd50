"""An answer of vectors and matrices with one transpose more or less, or a factor in another place.

Answers are edited as they were typed, before it is read what their products mean: so also those
whose parts do not fit are edited until they do, and a vector that is turned becomes a row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeGuard

from chainrule.calculus.build import call
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Number,
    Product,
    ProductOperator,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)
from chainrule.calculus.writing import write

from .matrix_values import Replacing

MOST_TURNED = 8
"""Names of which two are transposed at once: 28 pairs. Gradients of textbooks have up to six."""

MOST_FACTORS = 6
"""Of a product whose factors are moved; those of textbooks have up to five."""


def turned(typed: Node) -> Iterator[Node]:
    """With a name or a factor transposed that is not, or all factors that are written like it."""
    typed = flat(typed)
    replacing = Replacing(typed)
    within = {id(each.arguments[0]) for each in replacing.parts if _turns(each)}
    for each in replacing.parts:
        if isinstance(each, Name) and id(each) not in within:
            yield replacing(each, call("transpose", each))
    for product in _products(typed):
        for factor in product.factors:
            if not isinstance(factor, Number | Name) and not _turns(factor):
                yield replacing(product, _with(product, factor, call("transpose", factor)))
    seen: dict[str, list[Node]] = {}
    for product in _products(typed):
        for factor in product.factors:
            if not isinstance(factor, Number) and not _turns(factor):
                seen.setdefault(write(factor), []).append(factor)
    for alike in seen.values():
        if len(alike) > 1:
            made = typed
            for factor in alike:
                made = Replacing(made)(factor, call("transpose", factor))
            yield made


def turned_twice(typed: Node) -> Iterator[Node]:
    """With two names transposed that are not."""
    typed = flat(typed)
    within = {id(each.arguments[0]) for each in distinct(typed) if _turns(each)}
    names = [each for each in distinct(typed) if isinstance(each, Name) and id(each) not in within]
    for first, second in combinations(names[:MOST_TURNED], 2):
        once = Replacing(typed)(first, call("transpose", first))
        yield Replacing(once)(second, call("transpose", second))


def turned_together(typed: Node) -> Iterator[Node]:
    """With some neighbours of a product, or all of its factors, transposed that are not."""
    typed = flat(typed)
    replacing = Replacing(typed)
    for product in _products(typed):
        for group, (before, behind) in _neighbours(product):
            yield replacing(product, beside([*before, _turn(group), *behind]))
        if not any(_turns(each) for each in product.factors):
            every = [
                each if isinstance(each, Number) else call("transpose", each)
                for each in product.factors
            ]
            yield replacing(product, beside(every))


def _neighbours(product: Product) -> Iterator[tuple[list[Node], tuple[list[Node], list[Node]]]]:
    """Factors side by side, two or more but not all, and what stands before and behind them."""
    factors = [*product.factors]
    for start in range(len(factors)):
        for end in range(start + 2, len(factors) + 1):
            group = factors[start:end]
            if len(group) < len(factors) and not isinstance(group[0], Number):
                yield group, (factors[:start], factors[end:])


def _turn(group: Sequence[Node]) -> Node:
    return call("transpose", replace(beside(group), parentheses=1))


def unturned(typed: Node) -> Iterator[Node]:
    """Without one of the transposes."""
    replacing = Replacing(flat(typed))
    for node in replacing.parts:
        if _turns(node):
            yield replacing(node, node.arguments[0])


def moved(typed: Node) -> Iterator[Node]:
    """With one factor of a product in another place of it, or two in each other's."""
    typed = flat(typed)
    replacing = Replacing(typed)
    for product in _products(typed):
        factors = [each for each in product.factors if not isinstance(each, Number)]
        numbers = [each for each in product.factors if isinstance(each, Number)]
        if not 2 <= len(factors) <= MOST_FACTORS:
            continue
        seen = {tuple(map(id, factors))}
        for i, factor in enumerate(factors):
            others = factors[:i] + factors[i + 1 :]
            for place in range(len(factors)):
                order = [*others[:place], factor, *others[place:]]
                if tuple(map(id, order)) not in seen:
                    seen.add(tuple(map(id, order)))
                    yield replacing(product, beside([*numbers, *order]))
        for i, k in combinations(range(len(factors)), 2):
            order = [*factors]
            order[i], order[k] = factors[k], factors[i]
            if tuple(map(id, order)) not in seen:
                seen.add(tuple(map(id, order)))
                yield replacing(product, beside([*numbers, *order]))


def products(typed: Node) -> Iterator[tuple[Node, list[Node]]]:
    """The products of an answer that is flat, with their factors; a term alone is one of one."""
    found = _products(typed)
    within = {id(each) for product in found for each in product.factors}
    alone = [
        each
        for each in (typed, *(term for node in distinct(typed) for term in _terms(node)))
        if not isinstance(each, Product) and id(each) not in within
    ]
    for site in (*found, *alone):
        yield site, [*site.factors] if isinstance(site, Product) else [site]


def with_factor(factors: Sequence[Node], factor: Node) -> list[Product]:
    """A product with a factor more, in each place of it."""
    places = range(len(factors) + 1)
    return [beside([*factors[:place], factor, *factors[place:]]) for place in places]


def _terms(node: Node) -> tuple[Node, ...]:
    match node:
        case Sum():
            return node.terms
        case Unary():
            return (node.operand,)
        case _:
            return ()


def flat(typed: Node) -> Node:
    """With A @ B @ C, and A B C, as one product of three factors; parentheses stay together.

    Every part is an object of its own, so that one of two that are alike can be edited.
    """
    parts = [flat(each) for each in children(typed)]
    if isinstance(typed, MatrixProduct):
        return replace(
            beside([*_factors(parts[0]), *_factors(parts[1])]), parentheses=typed.parentheses
        )
    made = with_children(typed, parts) if parts else replace(typed)
    if isinstance(made, Product):
        factors: list[Node] = []
        operators: list[ProductOperator] = []
        before: list[ProductOperator] = ["", *made.operators]
        for factor, operator in zip(made.factors, before, strict=True):
            inner = _factors(factor)
            factors += inner
            operators.append(operator)
            operators += _no_signs(len(inner) - 1)
        return replace(made, factors=tuple(factors), operators=tuple(operators[1:]), columns=())
    return made


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Product) and not node.parentheses:
        return [*node.factors]
    return [node]


def beside(factors: Sequence[Node]) -> Product:
    """Factors side by side."""
    return Product(factors=tuple(factors), operators=tuple(_no_signs(len(factors) - 1)))


def _no_signs(count: int) -> list[ProductOperator]:
    return [""] * count


def _with(product: Product, old: Node, new: Node) -> Product:
    return replace(product, factors=tuple(new if each is old else each for each in product.factors))


def _products(root: Node) -> list[Product]:
    return [each for each in distinct(root) if isinstance(each, Product)]


def _turns(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.function == "transpose"
