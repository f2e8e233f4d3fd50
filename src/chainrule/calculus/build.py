"""Parts of formulas that nobody typed: what a derivation makes.

They have no id and no place in a text. Parentheses are left to `write`, which adds those needed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise

from .functions import POWER_ON_NAME
from .parse import parse
from .tree import (
    Call,
    Name,
    Node,
    Number,
    Power,
    Product,
    ProductOperator,
    Quotient,
    Sum,
    SumOperator,
    Unary,
    children,
    distinct,
    with_children,
)


def number(value: int | float | Fraction) -> Node:
    """A number: −2, 0.5, or 2/3 for a fraction."""
    if value < 0:
        return negative(number(-value))
    if isinstance(value, Fraction) and value.denominator != 1:
        return divide(number(value.numerator), number(value.denominator))
    whole = value == int(value) and (value < 1e15 or not isinstance(value, float))
    return Number(text=str(int(value)) if whole else repr(value))


def name(text: str) -> Name:
    """A variable or datum."""
    return Name(name=text, text=text)


def negative(operand: Node) -> Node:
    """−a, and a again for −(−a) made here."""
    return Unary(operator="-", operand=operand)


def add(*terms: Node) -> Node:
    """The sum of terms; a term with a minus sign is subtracted. 0 without terms."""
    if not terms:
        return number(0)
    if len(terms) == 1:
        return terms[0]
    operators: list[SumOperator] = []
    rest: list[Node] = []
    for term in terms[1:]:
        minus = isinstance(term, Unary) and term.operator == "-" and not term.parentheses
        operators.append("-" if minus else "+")
        rest.append(term.operand if minus and isinstance(term, Unary) else term)
    return Sum(terms=(terms[0], *rest), operators=tuple(operators))


def subtract(left: Node, right: Node) -> Node:
    """Left − right."""
    return Sum(terms=(left, right), operators=("-",))


def multiply(*factors: Node) -> Node:
    """The product of factors; 1 without any."""
    if not factors:
        return number(1)
    if len(factors) == 1:
        return factors[0]
    return Product(factors=factors, operators=signs(factors))


def signs(factors: Sequence[Node]) -> tuple[ProductOperator, ...]:
    """How factors are multiplied: a number other than 0 and 1 stands right before the rest: 2x."""
    found: list[ProductOperator] = []
    for left, right in pairwise(factors):
        apart = isinstance(right, Number | Unary | Quotient | Product) or _begins_with_number(right)
        before = isinstance(left, Number) and not left.parentheses and left.value not in (0, 1)
        found.append("" if before and not apart else "·")
    return tuple(found)


def _begins_with_number(node: Node) -> bool:
    return isinstance(node, Power) and isinstance(node.base, Number)


def divide(numerator: Node, denominator: Node) -> Node:
    """Numerator / denominator."""
    return Quotient(numerator=numerator, denominator=denominator)


def raised(base: Node, exponent: Node) -> Node:
    """base^exponent, as a superscript where that can be written: x², sin²(x)."""
    whole = isinstance(exponent, Number) and exponent.text.isdecimal()
    named = isinstance(base, Call) and base.function in POWER_ON_NAME and len(base.arguments) == 1
    if whole and named:
        base = replace(base, parentheses=0)
    return Power(base=base, exponent=exponent, spelling="superscript", on_name=whole and named)


def call(function: str, *arguments: Node) -> Call:
    """A function of its arguments, by its name in `FUNCTIONS`; |x|, Aᵀ, ln for the natural log."""
    if function == "abs":
        return Call(function=function, text="", arguments=arguments, spelling="|")
    if function == "transpose":
        return Call(function=function, text="", arguments=arguments, spelling="ᵀ")
    natural = function == "log" and len(arguments) == 1
    return Call(function=function, text="ln" if natural else function, arguments=arguments)


@cache
def _template(text: str) -> Node:
    """A formula of letters, without places: its nodes are not those of what the learner typed.

    Its parentheses are those that `write` adds, since what stands for a letter may need none.
    """
    root = parse(text, variables=("e",) if "e" in text.split() else ()).root
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        plain = replace(with_children(node, parts), id=-1, span=(0, 0), parentheses=0)
        if isinstance(plain, Product):
            # 2u stays so; a sign that was typed is the · of all that is made
            operators: list[ProductOperator] = ["·" if sign else "" for sign in plain.operators]
            plain = replace(plain, operators=tuple(operators))
        if isinstance(plain, Call):
            plain = call(plain.function, *plain.arguments)
        if isinstance(plain, Power):
            plain = raised(plain.base, plain.exponent)
        made[id(node)] = plain
    return made[id(root)]


def template(text: str, parts: Mapping[str, Node]) -> Node:
    """A formula with its letters replaced: `template("2u", {"u": x})` is 2x.

    Args:
        text: Parsed once.
        parts: What stands for which letter; other letters stay.
    """
    return substitute(_template(text), parts)


def substitute(node: Node, parts: Mapping[str, Node]) -> Node:
    """The tree with names replaced; what has none of them stays the same object."""
    made: dict[int, Node] = {}
    for part in distinct(node):
        if isinstance(part, Name):
            made[id(part)] = parts.get(part.name, part)
        else:
            changed = with_children(part, [made[id(child)] for child in children(part)])
            if isinstance(changed, Product) and changed is not part and part.id < 0:
                changed = replace(changed, operators=signs(changed.factors))
            if isinstance(changed, Power) and changed is not part and part.id < 0:
                changed = raised(changed.base, changed.exponent)
            made[id(part)] = changed
    return made[id(node)]


def exact(node: Node) -> Fraction | None:
    """The exact value of 3, −3, 0.5 or 2/3 as typed; None if it is no such number."""
    match node:
        case Number():
            if len(node.text) > MOST_DIGITS:
                return None
            value = Fraction(node.text)
            return value if _short(value) else None
        case Unary():
            inner = exact(node.operand)
            return inner if inner is None or node.operator == "+" else -inner
        case Quotient():
            top, bottom = exact(node.numerator), exact(node.denominator)
            return top / bottom if top is not None and bottom else None
        case _:
            return None


MOST_DIGITS = 15
"""Digits up to which numbers are worked out exactly: more is not for people to read, and 1e300 as
a fraction is three hundred digits."""


def _short(value: Fraction) -> bool:
    return max(abs(value.numerator), value.denominator) < int(10**MOST_DIGITS)


def is_number(node: Node, value: int) -> bool:
    """Whether a node is the number `value`, as typed or made."""
    found = exact(node)
    return found is not None and found == value


def occurs(node: Node, names: Collection[str]) -> bool:
    """Whether one of these names stands in a tree."""
    return any(isinstance(part, Name) and part.name in names for part in distinct(node))
