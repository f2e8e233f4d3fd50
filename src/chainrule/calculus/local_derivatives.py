"""The derivatives of one operation by its inputs, each with the other inputs held.

They come from the rules: the operation, with a letter for each input, is a small formula.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from .build import multiply, name, number, substitute
from .derive import derive
from .evaluate import Evaluation
from .same import Keys
from .tree import (
    Call,
    Formula,
    Name,
    Node,
    Product,
    Sum,
    children,
    distinct,
    with_children,
)
from .writing import write

MOST_SHOWN = 8
"""Inputs up to which the derivative of a product or a maximum is written out; each of n has a
derivative of n − 1 parts."""

FIGURES = 4
"""Digits of the numbers that are put into a formula: as many as a reader works with by hand."""

_PLACE = "▪"
"""First character of the letters that stand for the inputs; no formula that is typed has it."""


class LocalDerivative:
    """∂(operation)/∂(one input).

    Args:
        text: As a formula in the labels, or in words.
        value: Its number, where the quantities have theirs.
        formula: The formula; None if the text is in words.
    """

    def __init__(
        self, text: str, value: Callable[[Evaluation], float], formula: Node | None = None
    ) -> None:
        self.text = text
        self.value = value
        self._formula = formula

    def figures(self, values: Mapping[str, float]) -> str:
        """The formula with numbers in place of the labels; empty if it is a number or one label."""
        if self._formula is None or not children(self._formula):
            return ""
        numbers = {label: number(float(f"{v:.{FIGURES}g}")) for label, v in values.items()}
        return write(substitute(self._formula, numbers))


def local_derivatives(label: str, expression: Node) -> list[LocalDerivative]:
    """The derivatives of a quantity by its inputs, in reading order.

    Args:
        label: What it is called: sigmoid(u₁) has the derivative u₂ · (1 − u₂) if it is u₂.
        expression: What it is, in the labels of its inputs.
    """
    if isinstance(expression, Name):  # another name for the same
        return [_exactly(number(1))]
    if isinstance(expression, Sum):
        return _of_sum(expression)
    if isinstance(expression, Product):
        return _of_product(expression)
    inputs = [part for part in children(expression) if _is_label(part)]
    extreme = isinstance(expression, Call) and expression.function in ("min", "max")
    if extreme and len(inputs) > 2:
        return _of_extreme(expression)
    return _by_rules(label, expression)


def _by_rules(label: str, expression: Node) -> list[LocalDerivative]:
    letters: dict[str, Node] = {}
    parts: list[Node] = []
    for part in children(expression):
        if _is_label(part):
            letter = f"{_PLACE}{len(letters)}"
            letters[letter] = part
            parts.append(name(letter))
        else:
            parts.append(part)
    operation = replace(with_children(expression, parts), id=-1, span=(0, 0), parentheses=0)
    known = {**letters, _OWN: name(label)}
    return [_exactly(substitute(_taken(operation, letter), known)) for letter in letters]


@lru_cache(maxsize=4096)
def _taken(operation: Node, letter: str) -> Node:
    """The derivative by one input, by the rules; operations recur: every layer has its tanh."""
    derivative = derive(Formula(text="", root=operation), letter, routes=False).tidy
    keys = Keys()
    key = keys(operation)
    made: dict[int, Node] = {}
    for node in distinct(derivative):
        if keys(node) == key:  # the operation's own value
            made[id(node)] = name(_OWN)
        else:
            made[id(node)] = with_children(node, [made[id(part)] for part in children(node)])
    return made[id(derivative)]


_OWN = f"{_PLACE}own"


def _exactly(derivative: Node) -> LocalDerivative:
    return LocalDerivative(write(derivative), lambda evaluation: evaluation(derivative), derivative)


def _is_label(part: Node) -> bool:
    return isinstance(part, Name)


def _of_sum(node: Sum) -> list[LocalDerivative]:
    signs = ("+", *node.operators)
    return [
        _exactly(number(1 if sign == "+" else -1))
        for sign, term in zip(signs, node.terms, strict=True)
        if _is_label(term)
    ]


def _of_product(node: Product) -> list[LocalDerivative]:
    """The other factors; their products from both ends, so that n of them cost n and not n²."""
    places = [i for i, factor in enumerate(node.factors) if _is_label(factor)]
    if len(node.factors) <= MOST_SHOWN:
        return [_exactly(multiply(*node.factors[:i], *node.factors[i + 1 :])) for i in places]
    text = f"the other {len(node.factors) - 1} factors multiplied"
    products: dict[int, list[float]] = {}

    def others(evaluation: Evaluation, place: int) -> float:
        if id(evaluation) not in products:
            products.clear()
            products[id(evaluation)] = _products_of_others([evaluation(f) for f in node.factors])
        return products[id(evaluation)][place]

    def at(place: int) -> Callable[[Evaluation], float]:
        return lambda evaluation: others(evaluation, place)

    return [LocalDerivative(text, at(i)) for i in places]


def _products_of_others(values: Sequence[float]) -> list[float]:
    before, after = [1.0], [1.0]
    for value in values[:-1]:
        before.append(before[-1] * value)
    for value in values[:0:-1]:
        after.append(after[-1] * value)
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


def _of_extreme(node: Node) -> list[LocalDerivative]:
    """1 by the argument that is chosen, 0 by the others.

    Among equal ones the last is chosen, as in the rule.
    """
    assert isinstance(node, Call)
    arguments, larger = node.arguments, node.function == "max"

    def at(place: int) -> Callable[[Evaluation], float]:
        def value(evaluation: Evaluation) -> float:
            values = [evaluation(argument) for argument in arguments]
            best = max(values) if larger else min(values)
            chosen = max(i for i, each in enumerate(values) if each == best)
            return 1.0 if chosen == place else 0.0

        return value

    word = "largest" if larger else "smallest"
    return [
        LocalDerivative(f"1 where {write(argument)} is the {word}, 0 elsewhere", at(place))
        for place, argument in enumerate(arguments)
        if _is_label(argument)
    ]
