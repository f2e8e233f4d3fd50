"""What can be got wrong with a function of numbers, entry by entry, on the way back from a result.

The rules for numbers know how people get them wrong; here their slope is a factor of the cotangent.
"""

from collections.abc import Iterator, Sequence

from chainrule.calculus.build import exact, multiply, name, number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix import Quantity, mathematics
from chainrule.calculus.matrix.rules import Place
from chainrule.calculus.rules import Application, Mutation, Task, rules_for
from chainrule.calculus.tree import (
    Call,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
)
from chainrule.records.message import Message

from .cause import Cause, mutated
from .matrix_walks import COTANGENT, Pulls

WITH_SLOPES = frozenset({"softmax", "log_softmax", "inverse"})
"""Functions of whole vectors and matrices whose value has the shape of what it is made of: who
leaves their slope out hands the cotangent on as it is."""


def function_mistakes(quantity: Quantity, place: Place) -> Iterator[tuple[Cause, Pulls]]:
    """What can be got wrong with a function, and what its arguments get then.

    Args:
        quantity: The value of the function.
        place: The same, for the rules.
    """
    node = place.node
    if len(place.moving) == 2 and isinstance(node, Quotient):
        for cause, slopes in _wrong_quotients(node):
            yield (
                Cause(cause.mutation, cause.rule, quantity.node.id),
                {i: multiply(name(COTANGENT), slope) for i, slope in enumerate(slopes)},
            )
    if len(place.moving) != 1:
        return
    (moves,) = place.moving
    if isinstance(node, Quotient) and moves == 0:
        yield Cause(_divisor_lost(node, place), "linear", quantity.node.id), {0: name(COTANGENT)}
    elif isinstance(node, Call) and node.function in WITH_SLOPES:
        yield Cause(_slope_lost(place), "chain", quantity.node.id), {moves: name(COTANGENT)}
    elif _is_function(node):
        for cause, slope in _wrong_slopes(place, children(node)[moves]):
            pull = multiply(name(COTANGENT), slope)
            yield Cause(cause.mutation, cause.rule, quantity.node.id), {moves: pull}


def _is_function(node: Node) -> bool:
    if isinstance(node, Call):
        return FUNCTIONS[node.function].kind == "elementwise" and node.function != "where"
    if isinstance(node, Product):
        return sum(exact(each) is None for each in node.factors) == 1
    return isinstance(node, Power | Quotient)


def made_wrongly(node: Node, moving: Sequence[str]) -> Iterator[tuple[Cause, Application]]:
    """What people write for the derivative of a part, by the first rule for numbers that fits.

    Args:
        node: The part.
        moving: The names in it that move, each of which stands for a part of its own.
    """
    variable = moving[0] if len(moving) == 1 else "time"
    task = Task(variable=variable, moving=frozenset(moving), definitions={})
    for rule in rules_for(node):
        applied = rule.apply(node, task)
        if applied is not None:
            yield from mutated(rule, applied, node, task, -1)
            return


def is_linear(node: Node, names: frozenset[str]) -> bool:
    """Whether a part is linear in some names taken together, as derivatives are in those below."""
    if isinstance(node, Name):
        return node.name in names
    parts = [each for each in children(node) if _holds(each, names)]
    match node:
        case Unary() | Sum():
            return len(parts) == len(children(node)) and all(is_linear(e, names) for e in parts)
        case Product():
            return len(parts) == 1 and is_linear(parts[0], names)
        case Quotient():
            return parts == [node.numerator] and is_linear(node.numerator, names)
        case _:
            return False


def _holds(node: Node, names: frozenset[str]) -> bool:
    return any(isinstance(each, Name) and each.name in names for each in distinct(node))


def _wrong_quotients(node: Quotient) -> Iterator[tuple[Cause, list[Node]]]:
    """What numerator and denominator are multiplied by, as people get it wrong."""
    above, below = node.numerator, node.denominator
    assert isinstance(above, Name)
    assert isinstance(below, Name)
    for cause, wrong in made_wrongly(node, (above.name, below.name)):
        operands = [part.operand for part in wrong.parts]
        if not _is_linear_rule(wrong):
            continue  # no factor of either, and so not what a step hands on
        if operands == [above, below]:
            yield (
                cause,
                [wrong.make([number(1), number(0)]), wrong.make([number(0), number(1)])],
            )
        elif operands == [above]:  # the denominator was held
            yield cause, [wrong.make([number(1)]), number(0)]
        elif operands == [below]:
            yield cause, [number(0), wrong.make([number(1)])]


def _is_linear_rule(wrong: Application) -> bool:
    slopes = [f"slope {i}" for i in range(len(wrong.parts))]
    return is_linear(wrong.make([name(each) for each in slopes]), frozenset(slopes))


def _wrong_slopes(place: Place, inside: Node) -> Iterator[tuple[Cause, Node]]:
    """The slope of a function of numbers as people get it wrong."""
    node = place.node
    assert isinstance(inside, Name)
    for cause, wrong in made_wrongly(node, (inside.name,)):
        if not _is_linear_rule(wrong):
            continue  # √u′ has no slope of √u in it: with u′ = 1 it would be a root left out
        if cause.mutation.id == "power-factor-lost" and exact(children(node)[1]) == 2:
            cause = Cause(TWO_LOST, "", -1)
        if cause.mutation.id == "multiple-lost":
            cause = Cause(_MULTIPLE_LOST, "linear", -1)
        if all(isinstance(part.operand, Name) for part in wrong.parts):
            yield cause, wrong.make([number(1)] * len(wrong.parts))
    if isinstance(node, Power):
        yield Cause(_POWER_LOST, "chain", -1), number(1)
        yield Cause(_BASE_LOST, "power", -1), node.exponent
    if isinstance(node, Call):
        if node.function == "log":
            yield Cause(_LOG_TURNED, "log", -1), inside
        yield Cause(_KEPT, "chain", -1), node
        yield Cause(_slope_lost(place), "chain", -1), number(1)


def _divisor_lost(node: Quotient, place: Place) -> Mutation:
    message = Message(
        "What it is divided by, {divisor}, is missing: it does not move, but it divides the "
        "derivative as well.",
        divisor=mathematics(node.denominator, place.shape_of),
    )
    of_number = exact(node.denominator) is not None
    id = "gradient-multiple-lost" if of_number else "held-factor-lost"
    return Mutation(id=id, after="du", message=message)


def _slope_lost(place: Place) -> Mutation:
    node = place.node
    assert isinstance(node, Call)
    if node.function == "inverse":
        message = Message(
            "The inverse was not differentiated: its own derivative, −A⁻¹ dA A⁻¹, is missing."
        )
    elif node.function in WITH_SLOPES:
        message = Message(
            "The slope of {function} is missing: it is a matrix of its own between what comes "
            "before and behind it.",
            function=node.function,
        )
    elif place.shape_of(node):
        message = Message(
            "The slope of {function} is missing: each entry is multiplied by it.",
            function=node.text,
        )
    else:
        message = Message(
            "The slope of {function} is missing: it is a factor of its own.", function=node.text
        )
    return Mutation(id="slope-lost", after="du", message=message)


TWO_LOST = Mutation(
    id="two-lost",
    after="",
    message="The factor 2 is missing: it comes down from the square, or from two places.",
)
_MULTIPLE_LOST = Mutation(
    id="gradient-multiple-lost",
    after="du",
    message="The number in front is missing: a multiple has the same multiple of the derivative.",
)
_POWER_LOST = Mutation(
    id="power-slope-lost",
    after="du",
    message="The inside was differentiated and the power left out: the power has a slope too, "
    "n·uⁿ⁻¹, and it is a factor.",
)
_BASE_LOST = Mutation(
    id="power-base-lost",
    after="n du",
    message="The exponent came down, and the power that is left of it, uⁿ⁻¹, is missing.",
)
_LOG_TURNED = Mutation(
    id="log-turned",
    after="u*du",
    message="The slope of the logarithm is upside down: it is 1/u, so the inside divides.",
)
_KEPT = Mutation(
    id="chain-outer-lost",
    after="f*du",
    message="The outer function was left as it is: it has to be differentiated too.",
)
