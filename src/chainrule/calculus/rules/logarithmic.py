"""Logarithmic differentiation: ln turns powers into factors and factors into terms."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from chainrule.calculus.build import add, call, multiply, negative, number
from chainrule.calculus.tree import Call, Constant, Node, Power, Product, Quotient, Unary
from chainrule.records.message import Message

from .rule import Application, Mutation, Part, Rule, Task

FEWEST_FACTORS = 3
"""Moving factors from which logarithms are a way at all: two are done by one product rule."""

FEWEST_POWERS = 2
"""Powers and roots among them from which it is the way that people take first: each is a chain rule
inside the product rule, while its logarithm is one term."""


class LogarithmicRule(Rule):
    """f′ = f · (ln f)′."""

    id = "logarithmic"
    name = "logarithmic differentiation"
    statement = ("u", "u*dv")
    why = "The logarithm turns powers into factors and factors into terms, which are easier."
    prerequisites = ("log", "chain", "sum")
    mutations = (
        Mutation(
            id="logarithmic-not-multiplied",
            after="dv",
            message="That is the derivative of ln f, which is f′/f: multiply by f to get f′.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The part as u and its logarithm, taken apart, as v."""
        if not self._is_way(node, task):
            return None
        terms = [_logarithm(factor, above) for factor, above in _moving_factors(node, task)]
        return {"u": node, "v": add(*terms)}

    def _is_way(self, node: Node, task: Task) -> bool:
        return _is_moving_power(node, task) or len(_moving_factors(node, task)) >= FEWEST_FACTORS

    def apply(self, node: Node, task: Task) -> Application | None:
        """F times the derivative of its logarithm v, written out."""
        applied = super().apply(node, task)
        return applied and replace(applied, remark=self._remark(node))

    def _remark(self, node: Node) -> str:
        return _BASE if isinstance(node, Power) else _WHERE

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """The derivative of the logarithm alone."""
        found = self.match(node, task)
        if found is None:
            return None

        def make(derivatives: Sequence[Node]) -> Node:
            return derivatives[0]

        return Application(parts=(Part(operand=found["v"]),), make=make)


class LogarithmicPower(LogarithmicRule):
    """uᵛ with both moving, where no rule of powers holds and ln is what people reach for."""

    def _is_way(self, node: Node, task: Task) -> bool:
        return _is_moving_power(node, task)


class LogarithmicProduct(LogarithmicRule):
    """Products and quotients of many powers, where it is the first of the other ways.

    It is not the way that is shown, since f · (ln f)′ has no value where a factor is 0 and the
    product rule has.
    """

    def _is_way(self, node: Node, task: Task) -> bool:
        factors = _moving_factors(node, task)
        powers = sum(isinstance(each, Power) or _is_root(each) for each, _ in factors)
        return len(factors) >= FEWEST_FACTORS and powers >= FEWEST_POWERS


_WHERE = Message(
    "This holds where f is not 0; for negative f take ln |f|, whose slope is the same."
)
_BASE = Message("The base has to be positive, as it has for the power itself.")


def _is_moving_power(node: Node, task: Task) -> bool:
    return isinstance(node, Power) and task.varies(node.base) and task.varies(node.exponent)


def _is_root(node: Node) -> bool:
    return isinstance(node, Call) and node.function in _ROOTS


_ROOTS = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}


def _moving_factors(node: Node, task: Task) -> list[tuple[Node, bool]]:
    """The factors that move, and whether each stands above the fraction line.

    A constant factor adds its logarithm, whose slope is 0, and a sign adds nothing to ln |f|.
    """
    found: list[tuple[Node, bool]] = []
    stack = [(node, True)]
    while stack:
        part, above = stack.pop()
        match part:
            case Product():
                stack.extend((factor, above) for factor in reversed(part.factors))
            case Quotient():
                stack += [(part.denominator, not above), (part.numerator, above)]
            case Unary():
                stack.append((part.operand, above))
            case _ if task.varies(part):
                found.append((part, above))
    return found


def _logarithm(factor: Node, above: bool) -> Node:
    """Ln of a factor, with its exponent in front; subtracted if it stands below the line."""
    exponent, base = _exponent_and_base(factor)
    log = call("log", base) if base is not None else None
    term = multiply(*(part for part in (exponent, log) if part is not None))
    return term if above else negative(term)


def _exponent_and_base(factor: Node) -> tuple[Node | None, Node | None]:
    match factor:
        case Power() if isinstance(factor.base, Constant) and factor.base.name == "e":
            return factor.exponent, None
        case Power():
            return factor.exponent, factor.base
        case Call() if factor.function == "exp":
            return factor.arguments[0], None
        case Call() if factor.function in _ROOTS:
            return number(_ROOTS[factor.function]), factor.arguments[0]
        case _:
            return None, factor
