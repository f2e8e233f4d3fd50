"""A product or quotient taken apart: its sign, what is above the line and what is below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from .build import divide, exact, multiply, negative, number
from .tree import Node, Number, Product, Quotient, Sum, Unary, distinct


@dataclass(slots=True)
class FactorList:
    """sign · (above …) / (below …), in the order in which they stood."""

    sign: int = 1
    above: list[Node] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)

    def built(self) -> Node:
        """As one fraction with its sign in front."""
        node = multiply(*self.above)
        if self.below:
            node = divide(node, multiply(*self.below))
        return negative(node) if self.sign < 0 else node


def factor_list(node: Node) -> FactorList:
    """Take a product, quotient or signed part to pieces; anything else is one factor."""
    found = FactorList()
    stack = [(node, True)]
    while stack:
        part, above = stack.pop()
        match part:
            case Unary():
                found.sign *= -1 if part.operator == "-" else 1
                stack.append((part.operand, above))
            case Product():
                stack.extend((factor, above) for factor in reversed(part.factors))
            case Quotient():
                stack.append((part.denominator, not above))
                stack.append((part.numerator, above))
            case _:
                (found.above if above else found.below).append(part)
    return found


def term_list(node: Node) -> list[tuple[int, Node]]:
    """The terms of a sum with their signs; anything else is one term."""
    found: list[tuple[int, Node]] = []
    stack = [(1, node)]
    while stack:
        sign, part = stack.pop()
        match part:
            case Unary():
                stack.append((-sign if part.operator == "-" else sign, part.operand))
            case Sum():
                signs = [1, *(-1 if operator == "-" else 1 for operator in part.operators)]
                pairs = zip(signs, part.terms, strict=True)
                stack.extend((sign * own, term) for own, term in reversed([*pairs]))
            case _:
                found.append((sign, part))
    return found


def sum_of(terms: Sequence[tuple[int, Node]]) -> Node:
    """Terms with signs as a sum; a positive one comes first if there is one; 0 without any."""
    if not terms:
        return number(0)
    ordered = list(terms)
    first = next((i for i, (sign, _) in enumerate(ordered) if sign > 0), 0)
    ordered.insert(0, ordered.pop(first))
    if len(ordered) == 1:
        sign, term = ordered[0]
        return negative(term) if sign < 0 else term
    head = negative(ordered[0][1]) if ordered[0][0] < 0 else ordered[0][1]
    return Sum(
        terms=(head, *(term for _, term in ordered[1:])),
        operators=tuple("-" if sign < 0 else "+" for sign, _ in ordered[1:]),
    )


def worked_out(values: Sequence[Node], value: Fraction) -> Node | None:
    """The number that some numbers come to, written as they are; None if it cannot be.

    Decimals stay decimals if what comes of them is short, and fractions stay fractions.
    """
    decimal = any(
        isinstance(part, Number) and not part.text.isdecimal()
        for each in values
        for part in distinct(each)
    )
    if not decimal or value.denominator == 1:
        return number(value)
    as_float = float(value)
    if Fraction(repr(as_float)) != value or len(repr(abs(as_float))) > LONGEST_DECIMAL:
        return None
    return number(as_float)


LONGEST_DECIMAL = 12
"""Characters of a decimal that is worked out; longer ones are left as the product they are."""


def split_number(factors: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Numbers apart from what is none."""
    numbers = [factor for factor in factors if exact(factor) is not None]
    return numbers, [factor for factor in factors if exact(factor) is None]
