"""Numbers on every node: the values of a formula's parts and of what a derivation makes of them."""

import math
from collections.abc import Mapping

from .errors import FormulaError
from .float_functions import FLOAT_FUNCTIONS
from .tree import (
    Array,
    Call,
    Constant,
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
from .writing import write


class DomainError(FormulaError):
    """A part has no value at a point: the logarithm of −1, 1/0."""


class Evaluation:
    """The values of parts at one point; parts that are shared are computed once.

    Of `where(c, x, y)` only the case that holds needs a value: where(x, ln x, 0) is 0 at −1.

    Args:
        point: A number for each name.
        text: The formula that was typed, for messages.
    """

    def __init__(self, point: Mapping[str, float], text: str = "") -> None:
        self.point = dict(point)
        self._text = text
        self._values: dict[int, tuple[Node, float | DomainError]] = {}

    def __call__(self, root: Node) -> float:
        """The value of a part.

        Raises:
            DomainError: If it, or a part of it, has none here; the message points at the place.
            FormulaError: If a name has no value, or the part is not made of numbers.
        """
        known = self._values.get(id(root))
        if known is None:
            for node in distinct(root, self._values):
                # the node is kept, so that no other object gets its identity
                self._values[id(node)] = (node, self._value(node))
            known = self._values[id(root)]
        if isinstance(known[1], DomainError):
            raise known[1].with_traceback(None)
        return known[1]

    def _value(self, node: Node) -> float | DomainError:
        found = [self._values[id(child)][1] for child in children(node)]
        if isinstance(node, Call) and node.function == "where":
            condition = found[0]
            return condition if isinstance(condition, DomainError) else self._case(node, found)
        parts: list[float] = []
        for each in found:
            if isinstance(each, DomainError):
                return each
            parts.append(each)
        try:
            value = self._computed(node, parts)
        except FormulaError:  # a ValueError as well, and not about the domain
            raise
        except (ValueError, ZeroDivisionError):
            return self._outside(node, parts)
        except OverflowError:
            value = math.inf
        if math.isnan(value) and not any(math.isnan(part) for part in parts):
            return self._outside(node, parts)
        return value

    def _case(self, node: Call, found: list[float | DomainError]) -> float | DomainError:
        """The case of `where` that holds; its condition has a value."""
        condition = found[0]
        assert not isinstance(condition, DomainError)
        return found[1] if condition > 0 else found[2]

    def _computed(self, node: Node, parts: list[float]) -> float:
        match node:
            case Number() | Constant():
                return node.value
            case Name():
                return self._named(node)
            case Unary():
                return -parts[0] if node.operator == "-" else parts[0]
            case Sum():
                total = parts[0]
                for operator, part in zip(node.operators, parts[1:], strict=True):
                    total = total - part if operator == "-" else total + part
                return total
            case Product():
                return math.prod(parts)
            case Quotient():
                return parts[0] / parts[1]
            case Power():
                return math.pow(parts[0], parts[1])
            case Call():
                function = FLOAT_FUNCTIONS.get(node.function)
                if function is None:
                    raise self._refused(node, f"{node.function} is not made for numbers")
                return float(function(*parts))
            case Array() | MatrixProduct():
                raise self._refused(node, "this is no number")

    def _named(self, node: Name) -> float:
        value = self.point.get(node.name)
        if value is None:
            raise FormulaError(
                f"{node.text} has no value: give it one, such as {node.text}=1.",
                self._text,
                node.span[0] if node.id >= 0 else None,
            )
        return value

    def _refused(self, node: Node, reason: str) -> FormulaError:
        position = node.span[0] if node.id >= 0 else None
        return FormulaError(f"Expected a formula of numbers, but {reason}.", self._text, position)

    def _outside(self, node: Node, parts: list[float]) -> DomainError:
        given = ", ".join(f"{part:.6g}" for part in parts)
        match node:
            case Quotient():
                what = f"{parts[0]:.6g} divided by {parts[1]:.6g}"
            case Power():
                what = f"{parts[0]:.6g} to the power {parts[1]:.6g}"
            case Call():
                what = f"{node.function}({given})"
            case _:
                what = write(node)
        at = ", ".join(f"{name} = {value:.6g}" for name, value in self.point.items())
        place = f" in {write(node)}" if node.id >= 0 else f" in the derivative, in {write(node)}"
        return DomainError(
            f"{what} is no real number,{place} at {at}: choose another point.",
            self._text,
            node.span[0] if node.id >= 0 else None,
        )
