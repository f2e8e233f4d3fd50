"""Sums, signs and constant factors: the derivative passes through them."""

from collections.abc import Sequence
from dataclasses import replace

from chainrule.calculus.build import exact, multiply, negative
from chainrule.calculus.tree import Node, Product, Quotient, Sum, SumOperator, Unary

from .rule import Application, Mutation, Part, Rule, Task


class SumRule(Rule):
    """Any number of terms."""

    id = "sum"
    name = "sum rule"
    statement = ("u + v", "du + dv")
    why = "A sum changes by the sum of the changes."
    mutations = (
        Mutation(
            id="sum-term-lost",
            after="du",
            message="A term of the sum was left out: each has a derivative.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The first term and the rest."""
        if not isinstance(node, Sum) or "-" in node.operators:
            return None
        return _first_and_rest(node)

    def apply(self, node: Node, task: Task) -> Application | None:
        """All terms at once."""
        return _each_term(node) if self.match(node, task) else None


class DifferenceRule(Rule):
    """Terms of which some are subtracted."""

    id = "difference"
    name = "difference rule"
    statement = ("u - v", "du - dv")
    why = "What is subtracted changes the difference the other way."
    prerequisites = ("sum",)
    mutations = (
        Mutation(
            id="difference-sign-lost",
            after="du + dv",
            message="A minus sign became a plus: what is subtracted stays subtracted.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """What is before the first minus sign, and what is after it."""
        if not isinstance(node, Sum) or "-" not in node.operators:
            return None
        at = node.operators.index("-")
        left = _part_of(node, 0, at + 1)
        right = _part_of(node, at + 1, len(node.terms))
        if isinstance(right, Sum):
            flipped: list[SumOperator] = ["-" if sign == "+" else "+" for sign in right.operators]
            right = replace(right, operators=tuple(flipped))
        return {"u": left, "v": right}

    def apply(self, node: Node, task: Task) -> Application | None:
        """All terms at once."""
        return _each_term(node) if self.match(node, task) else None


class MinusRule(Rule):
    """A sign before something."""

    id = "minus"
    name = "minus sign"
    statement = ("-u", "-du")
    why = "A minus sign turns every change round."
    mutations = (
        Mutation(
            id="minus-lost", after="du", message="The minus sign in front was lost on the way."
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """−u; +u is u."""
        return {"u": node.operand} if isinstance(node, Unary) else None

    def apply(self, node: Node, task: Task) -> Application | None:
        """The sign stays where it is."""
        if not isinstance(node, Unary):
            return None
        plus = node.operator == "+"

        def make(derivatives: Sequence[Node]) -> Node:
            return derivatives[0] if plus else negative(derivatives[0])

        return Application(parts=(Part(operand=node.operand),), make=make)


class ConstantMultiple(Rule):
    """Factors, or a denominator, that do not vary."""

    id = "constant-multiple"
    name = "constant multiple"
    statement = ("c u", "c*du")
    why = "A constant factor stretches every change alike, so it stays where it is."
    mutations = (
        Mutation(
            id="multiple-lost",
            after="du",
            message="The constant factor in front was lost: it multiplies the derivative.",
        ),
        Mutation(
            id="multiple-differentiated",
            after="0",
            message="The constant factor was differentiated to 0, and the whole with it: it stays.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """c·u for products; for u/c the factor is 1/c."""
        parts = _constant_and_rest(node, task)
        return None if parts is None else {"c": parts[0], "u": parts[1]}

    def apply(self, node: Node, task: Task) -> Application | None:
        """c·Du, or Du/c."""
        if isinstance(node, Quotient):
            if task.varies(node.denominator):
                return None
            denominator = node.denominator
            return Application(
                parts=(Part(operand=node.numerator),),
                make=lambda found: Quotient(numerator=found[0], denominator=denominator),
            )
        parts = _constant_and_rest(node, task)
        if parts is None:
            return None
        factor, rest = parts
        behind = _stands_behind(node, task)

        def make(found: Sequence[Node]) -> Node:
            return multiply(found[0], factor) if behind else multiply(factor, found[0])

        return Application(parts=(Part(operand=rest),), make=make)


def _first_and_rest(node: Sum) -> dict[str, Node]:
    return {"u": node.terms[0], "v": _part_of(node, 1, len(node.terms))}


def _part_of(node: Sum, start: int, stop: int) -> Node:
    terms = node.terms[start:stop]
    return (
        terms[0]
        if len(terms) == 1
        else Sum(terms=terms, operators=node.operators[start : stop - 1])
    )


def _each_term(node: Node) -> Application | None:
    if not isinstance(node, Sum):
        return None

    def make(derivatives: Sequence[Node]) -> Node:
        return Sum(terms=tuple(derivatives), operators=node.operators)

    return Application(parts=tuple(Part(operand=term) for term in node.terms), make=make)


def _constant_and_rest(node: Node, task: Task) -> tuple[Node, Node] | None:
    if isinstance(node, Quotient) and not task.varies(node.denominator):
        one = Quotient(numerator=_ONE, denominator=node.denominator)
        return one, node.numerator
    if not isinstance(node, Product):
        return None
    still = [factor for factor in node.factors if not task.varies(factor)]
    moving = [factor for factor in node.factors if task.varies(factor)]
    if not still or not moving:
        return None
    # factors that stand together in the formula stay together
    return multiply(*still), multiply(*moving)


def _stands_behind(node: Node, task: Task) -> bool:
    """Whether the constants are names after what moves, as the y of x²y: they stay there."""
    if not isinstance(node, Product):
        return False
    moves = [task.varies(factor) for factor in node.factors]
    named = all(exact(f) is None for f, m in zip(node.factors, moves, strict=True) if not m)
    return named and moves == sorted(moves, reverse=True)


_ONE = multiply()
