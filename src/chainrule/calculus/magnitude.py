"""What a formula's numbers come to, in float64 and never exactly: 9**9**9 has 369 693 100 digits.

A formula whose numbers alone are too large, too small or no real number is refused when it is
read, so that nobody who walks its tree has to fear them.
"""

import math
from collections.abc import Iterable, Iterator

from chainrule.records.message import Message

from .domains import SETTINGS
from .errors import FormulaError
from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
)


def check_magnitudes(formula: Formula) -> dict[int, float]:
    """The value of each part that is made of numbers and operators only, by the node's id.

    Raises:
        FormulaError: If one of them is no finite number, is so small that it becomes 0, or
            something is divided by 0, or there is no function for a setting, as for the base 1.
    """
    values: dict[int, float] = {}
    for node in formula.nodes():
        if isinstance(node, Quotient) and values.get(node.denominator.id) == 0:
            raise FormulaError("This divides by 0.", formula.text, node.column)
        parts = [values.get(child.id) for child in children(node)]
        if isinstance(node, Call) and node.function in SETTINGS:
            _check_setting(formula, node, values)
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            continue
        value = _value(formula, node, known)
        if value is not None:
            values[node.id] = value
    return values


def _value(formula: Formula, node: Node, parts: list[float]) -> float | None:
    match node:
        case Number():
            value = node.value
            if value == 0 and any(digit in "123456789" for digit in _digits(node.text)):
                raise _beyond(formula, node.span[0], "small")
            at = node.span[0]
        case Constant():
            return node.value
        case Unary():
            return -parts[0] if node.operator == "-" else parts[0]
        case Sum():
            signs = (-1.0 if operator == "-" else 1.0 for operator in node.operators)
            value = parts[0] + sum(s * part for s, part in zip(signs, parts[1:], strict=True))
            at = node.columns[0]
        case Product():
            value = math.prod(parts)
            at = node.columns[0]
        case Quotient():
            value = parts[0] / parts[1]
            at = node.column
        case Power():
            value = _power(formula, node, *parts)
            at = node.column
        case _:
            return None
    if not math.isfinite(value):
        raise _beyond(formula, at, "large")
    return value


def _check_setting(formula: Formula, node: Call, values: dict[int, float]) -> None:
    """Whether there is a function for a setting; one that holds a name is known later."""
    setting = SETTINGS[node.function]
    for part in _entries(node.arguments[setting.place : setting.place + 1]):
        found = values.get(part.id)
        if found is None or setting.fits(found):
            continue
        given = f"{found:g}".replace("-", "−")
        message = (
            Message(
                "A logarithm needs a base above 0 other than 1, found {base}: every power of 1 is "
                "1, and powers of 0 and of negative numbers are not all real.",
                base=given,
            )
            if node.function == "log"
            else Message(
                "{name} needs {needs}, found {given}.",
                name=node.text,
                needs=setting.needs,
                given=given,
            )
        )
        raise FormulaError(message, formula.text, part.span[0])


def _entries(parts: Iterable[Node]) -> Iterator[Node]:
    """Of vectors and matrices that are written out, their entries."""
    for part in parts:
        if isinstance(part, Array):
            yield from _entries(part.entries)
        else:
            yield part


def _digits(text: str) -> str:
    """Of a number as typed, what stands before its exponent."""
    return text.lower().partition("e")[0]


def _power(formula: Formula, node: Power, base: float, exponent: float) -> float:
    try:
        value = math.pow(base, exponent)
    except OverflowError:
        raise _beyond(formula, node.column, "large") from None
    except ValueError:
        if base == 0:
            raise FormulaError(Message("This divides by 0."), formula.text, node.column) from None
        message = Message(
            "{base:g} to the power {exponent:g} is no real number: cbrt(x) takes the cube root of "
            "negative numbers.",
            base=base,
            exponent=exponent,
        )
        raise FormulaError(message, formula.text, node.column) from None
    if value == 0 and base != 0:
        raise _beyond(formula, node.column, "small")
    return value


def _beyond(formula: Formula, position: int, size: str) -> FormulaError:
    message = (
        Message("This is too large a number for float64: 1.8e308 is the largest it has.")
        if size == "large"
        else Message("This is too small a number for float64: 5e-324 is the smallest it has.")
    )
    return FormulaError(message, formula.text, position)
