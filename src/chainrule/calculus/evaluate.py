"""Numbers on every node: the values of a formula's parts and of what a derivation makes of them."""

import math
from collections.abc import Mapping

from chainrule.records.message import Message
from chainrule.records.shortened import brief

from .domains import NEEDS, SETTINGS, TOO_LARGE, Setting
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
            value = _overflowed(node, parts)
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
                if _unfit(node, parts):
                    raise ValueError
                function = FLOAT_FUNCTIONS.get(node.function)
                if function is None:
                    raise self._refused(
                        node, Message("{name} is not made for numbers", name=node.function)
                    )
                return float(function(*parts))
            case Array() | MatrixProduct():
                raise self._refused(node, Message("this is no number"))

    def _named(self, node: Name) -> float:
        value = self.point.get(node.name)
        if value is None:
            raise FormulaError(
                Message("{name} has no value: give it one, such as {name}=1.", name=node.text),
                self._text,
                node.span[0] if node.id >= 0 else None,
            )
        return value

    def _refused(self, node: Node, reason: Message) -> FormulaError:
        position = node.span[0] if node.id >= 0 else None
        message = Message("Expected a formula of numbers, but {reason}.", reason=reason)
        return FormulaError(message, self._text, position)

    def _outside(self, node: Node, parts: list[float]) -> DomainError:
        what, beside = self._wanted(node, parts)
        unfit = _unfit(node, parts)
        at_fault = children(node)[unfit.place] if unfit else node
        # what the learner typed is pointed at; what a derivation made stands in no text
        at = _place(self.point)
        message = (
            Message("{what}, at {point}: {beside}.", what=what, point=at, beside=beside)
            if node.id >= 0
            else Message(
                "{what}, in the derivative, in {part}, at {point}: {beside}.",
                what=what,
                part=brief(write(node)),
                point=at,
                beside=beside,
            )
        )
        return DomainError(
            message,
            self._text,
            at_fault.span[0] if node.id >= 0 else None,
        )

    def _wanted(self, node: Node, parts: list[float]) -> tuple[Message, Message]:
        """What was expected and found, and what to choose instead."""
        given = _all_of([_figure(part) for part in parts])
        if any(math.isinf(part) for part in parts):
            size = next(part for part in parts if math.isinf(part))
            large = next(
                child for child, part in zip(children(node), parts, strict=True) if part == size
            )
            what = Message("{part} is {too_large}", part=brief(write(large)), too_large=TOO_LARGE)
            return what, Message("choose a point where it is smaller")
        match node:
            case Quotient():
                part = brief(write(node.denominator))
                return (
                    Message("The denominator {part} must not be 0, and it is", part=part),
                    _choose(f"{part} ≠ 0"),
                )
            case Power() if parts[0] == 0:
                what = Message("0 to the power {power} divides by 0", power=_figure(parts[1]))
                return what, _choose(f"{brief(write(node.base))} ≠ 0")
            case Power():
                what = Message(
                    "A negative base takes only whole exponents, found {base} to the power {power}",
                    base=_figure(parts[0]),
                    power=_figure(parts[1]),
                )
                elsewhere = _choose(f"{brief(write(node.base))} > 0")
                if abs(abs(parts[1]) - 1 / 3) < 1e-9:
                    elsewhere = Message(
                        "{elsewhere}; cbrt(u) takes cube roots of negative numbers",
                        elsewhere=elsewhere,
                    )
                return what, elsewhere
            case Call() if unfit := _unfit(node, parts):
                what = Message(
                    "{name} needs {needs}, found {given}",
                    name=node.function,
                    needs=unfit.needs,
                    given=_figure(parts[unfit.place]),
                )
                part = brief(write(node.arguments[unfit.place]))
                return what, Message(
                    "choose a point where {part} {wanted}", part=part, wanted=unfit.wanted
                )
            case Call() if node.function in NEEDS:
                given = given if node.function != "log" else _figure(parts[0])
                needs, wanted = NEEDS[node.function]
                inside = node.arguments[0]
                part = brief(write(inside))
                return (
                    Message(
                        "{name} needs {needs}, found {given}",
                        name=node.function,
                        needs=needs,
                        given=given,
                    ),
                    Message("choose {part} {wanted}", part=part, wanted=wanted)
                    if isinstance(inside, Name)
                    else Message("choose a point where {part} {wanted}", part=part, wanted=wanted),
                )
            case Call():
                what = Message("{name} has no value for {given}", name=node.function, given=given)
            case _:
                what = Message("{part} has no value", part=brief(write(node)))
        return what, Message("choose another point")


def _unfit(node: Node, parts: list[float]) -> Setting | None:
    """What the function is asked for that there is none for: a logarithm to the base 1."""
    if not isinstance(node, Call) or node.function not in SETTINGS:
        return None
    setting = SETTINGS[node.function]
    given = parts[setting.place : setting.place + 1]
    return None if all(map(setting.fits, given)) else setting


def _choose(condition: str) -> Message:
    return Message("choose a point where {condition}", condition=condition)


def _all_of(numbers: list[str]) -> Message | str:
    if len(numbers) == 1:
        return numbers[0]
    return Message("{first} and {last}", first=_all_of(numbers[:-1]), last=numbers[-1])


def _overflowed(node: Node, parts: list[float]) -> float:
    """Infinity with its sign: of all functions that overflow, two do so downwards."""
    odd = isinstance(node, Power) and parts[0] < 0 and parts[1] % 2 == 1
    falling = isinstance(node, Call) and node.function in ("sinh", "csch") and parts[0] < 0
    return -math.inf if odd or falling else math.inf


MOST_COORDINATES = 6
"""Names whose values a message gives."""


def _place(point: Mapping[str, float]) -> str:
    shown = [f"{name} = {_figure(value)}" for name, value in point.items()]
    more = len(shown) - MOST_COORDINATES
    listed = ", ".join(shown[:MOST_COORDINATES])
    return Message("{shown} and {count} more", shown=listed, count=more) if more > 0 else listed


def _figure(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")
