"""A tree as Unicode for the terminal: x², √(1 + x), |x|, 2x · cos(x)/y.

What is written can be typed again and means the same, derivatives still to be taken apart.
"""

import re
from collections.abc import Mapping, Sequence

from .functions import POWER_ON_NAME
from .script import ATOM, POWER, PRODUCT, SIGN, Script, Written
from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Quotient,
    Unary,
)

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = re.compile(r"\d+(\.\d+)?\Z|\.\d+\Z")
_READ_AS_EXPONENT = re.compile(r"[eE]\d")
_RADICALS = {"sqrt": "√", "cbrt": "∛"}
_BARS = {"abs": "|", "norm": "‖"}


class Pretty(Script):
    """Unicode on one line."""

    id = "unicode"

    def group(self, text: str) -> str:
        """(text)."""
        return f"({text})"

    def name(self, node: Name) -> str:
        """As typed."""
        return node.text

    def constant(self, node: Constant) -> str:
        """π for pi."""
        return "π" if node.name == "pi" else "e"

    def too_long(self, parts: int) -> str:
        """How many parts there are."""
        return f"⟨{parts:,} parts⟩"

    def loose(self, first: Written) -> bool:
        """A fraction with spaces in it."""
        return isinstance(first.node, Quotient) and " " in _outside_brackets(first.text)

    def between(self, left: Written, right: Written, shown: str) -> str:
        """Nothing in 2x and 2(x + 1), a space in 2 sin(x), else a dot."""
        number = isinstance(left.node, Number) and _PLAIN.match(left.text)
        if not number or right.open or not (shown[0].isalpha() or shown[0] in "(√∛"):
            return self.times
        if left.text == "1" or _READ_AS_EXPONENT.match(shown):
            return self.times
        base = right.node.base if isinstance(right.node, Power) else right.node
        return " " if isinstance(base, Call) and shown[0].isalpha() else ""

    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        """a/b, with spaces where the numerator has some."""
        nested = isinstance(numerator.node, Quotient | MatrixProduct)
        top = self.group(numerator.text) if nested else self.fitted(numerator, SIGN)
        bottom = (
            self.group(denominator.text) if denominator.open else self.fitted(denominator, POWER)
        )
        wide = numerator.open or " " in _outside_brackets(top)
        return Written(
            node=node,
            text=f"{top} / {bottom}" if wide else f"{top}/{bottom}",
            level=SIGN if numerator.level == SIGN else PRODUCT,
        )

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """A @ B, as in Python."""
        first = left.text if isinstance(left.node, MatrixProduct) else self.fitted(left, POWER)
        return Written(node=node, text=f"{first} @ {self.fitted(right, POWER)}", level=PRODUCT)

    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        """x², sin²(x), x^(1/2)."""
        small = _superscript(node.exponent)
        inner = node.base
        if small and isinstance(inner, Call) and self._takes_power(inner) and "⁻" not in small:
            name = self.function_name(inner)
            text = name + small + base.text.removeprefix(name)
            return Written(node=node, text=text, level=POWER)
        below = base.text if base.level == ATOM and not _bare(base) else self.group(base.text)
        raised = small or "^" + self.fitted(exponent, ATOM)
        return Written(node=node, text=below + raised, level=POWER)

    def _takes_power(self, node: Call) -> bool:
        return node.function in POWER_ON_NAME and len(node.arguments) == 1

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """sin(x), √x, |x|, Aᵀ."""
        inner = ", ".join(argument.text for argument in arguments)
        first = arguments[0]
        alone = len(arguments) == 1
        if alone and node.function in _RADICALS:
            sign = _RADICALS[node.function]
            leaf = isinstance(first.node, Name | Number | Constant) and not first.open
            return Written(node=node, text=sign + (inner if leaf else f"({inner})"), level=ATOM)
        bar = _BARS.get(node.function)
        if alone and bar and bar not in inner:
            return Written(node=node, text=bar + inner + bar, level=ATOM)
        if node.function == "transpose":
            fits = first.level == ATOM and not _bare(first)
            text = (first.text if fits else f"({inner})") + "ᵀ"
            return Written(node=node, text=text, level=ATOM)
        name = node.function if bar else self.function_name(node)
        return Written(node=node, text=f"{name}({inner})", level=ATOM)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """[a, b]."""
        inner = ", ".join(entry.text for entry in entries)
        return Written(node=node, text=f"[{inner}]", level=ATOM)


def pretty(tree: Node | Formula, holes: Mapping[str, str] | None = None, *, ln: str = "ln") -> str:
    """A tree as Unicode on one line.

    Args:
        tree: A formula, part of one, or what a derivation made.
        holes: What is written for derivatives still to be taken, by their names in the tree.
        ln: The name of the natural logarithm where it was made, not typed.

    Example:
        >>> from chainrule.calculus import parse
        >>> pretty(parse("(2*x) * cos(1+x^2)"))
        '2x · cos(1 + x²)'
    """
    return Pretty(ln).write(tree, holes)


def _superscript(exponent: Node) -> str:
    """The exponent as small raised digits; empty if it has none."""
    inner = exponent
    if isinstance(exponent, Unary) and exponent.operator == "-":
        inner = exponent.operand
    if not isinstance(inner, Number) or not inner.text.isdecimal():
        return ""
    sign = "-" if inner is not exponent else ""
    return (sign + inner.text).translate(_SUPERSCRIPTS)


def _bare(part: Written) -> bool:
    """√x, after which an exponent could belong to the x."""
    return part.text[0] in "√∛" and not part.text.endswith(")")


def _outside_brackets(text: str) -> str:
    """What of a text stands in no brackets."""
    depth, kept = 0, []
    bars = False
    for character in text:
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character in "|‖":
            bars = not bars
        elif depth == 0 and not bars:
            kept.append(character)
    return "".join(kept)
