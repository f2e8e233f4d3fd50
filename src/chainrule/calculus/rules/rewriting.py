"""Other ways to the same derivative: write the part differently first, then differentiate that."""

from collections.abc import Callable
from fractions import Fraction

from chainrule.calculus.build import (
    call,
    exact,
    is_number,
    multiply,
    number,
    raised,
    template,
)
from chainrule.calculus.tree import Call, Node, Power, Product, Quotient

from .rule import Application, Part, Rule, Task


class RewritingRule(Rule):
    """The part is written otherwise; the derivative is that of what is written then.

    Args:
        id: Of the rule.
        name: As a person says it.
        statement: What becomes what: two formulas with the same value.
        why: The reason in a sentence.
        rewrite: The part written otherwise; None where this is no way.
        prerequisites: Rules that a learner knows before this one.
    """

    def __init__(
        self,
        id: str,
        name: str,
        statement: tuple[str, str],
        why: str,
        rewrite: Callable[[Node, Task], Node | None],
        prerequisites: tuple[str, ...] = (),
    ) -> None:
        self.id = id
        self.name = name
        self.statement = statement
        self.why = why
        self.prerequisites = prerequisites
        self._rewrite = rewrite

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The part, written otherwise, as u."""
        written = self._rewrite(node, task)
        return None if written is None else {"u": written}

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative of what is written then."""
        found = self.match(node, task)
        if found is None:
            return None
        return Application(parts=(Part(operand=found["u"]),), make=lambda made: made[0])


def _as_product(node: Node, task: Task) -> Node | None:
    if not isinstance(node, Quotient) or not task.varies(node.denominator):
        return None
    if not task.varies(node.numerator) and _turned(node.denominator) is not None:
        return None  # that is `power-below`
    return _with_power(node)


def _with_power(node: Quotient) -> Node:
    power = _turned(node.denominator) or raised(node.denominator, number(-1))
    return power if is_number(node.numerator, 1) else multiply(node.numerator, power)


def _turned(denominator: Node) -> Node | None:
    """Of 1/uⁿ and 1/√u, the negative power; None for what is no power."""
    exponent: Fraction | None = None
    if isinstance(denominator, Power):
        base, exponent = denominator.base, exact(denominator.exponent)
    elif isinstance(denominator, Call) and denominator.function in _ROOTS:
        base, exponent = denominator.arguments[0], _ROOTS[denominator.function]
    if exponent is None or exponent < 0:
        return None
    return raised(base, number(-exponent))


_ROOTS = {"sqrt": Fraction(1, 2)}
"""A cube root is no power where what it is taken of is negative."""


def _power_below(node: Node, task: Task) -> Node | None:
    """c/uⁿ as c·u⁻ⁿ."""
    if not isinstance(node, Quotient) or task.varies(node.numerator):
        return None
    if not task.varies(node.denominator) or _turned(node.denominator) is None:
        return None
    return _with_power(node)


def _as_power(node: Node, task: Task) -> Node | None:
    if not isinstance(node, Call) or node.function != "sqrt" or not task.varies(node):
        return None
    return Power(base=node.arguments[0], exponent=number(Fraction(1, 2)), spelling="^")


def _repeated(node: Node, task: Task) -> Node | None:
    """x·x as x²."""
    if not isinstance(node, Product) or not task.varies(node):
        return None
    first, *rest = node.factors
    if any(factor != first for factor in rest):
        return None
    return raised(first, number(len(node.factors)))


def _as_exponential(node: Node, task: Task) -> Node | None:
    if not isinstance(node, Power) or not (task.varies(node.base) and task.varies(node.exponent)):
        return None
    return call("exp", multiply(node.exponent, call("log", node.base)))


_DEFINITIONS = {
    "tan": "sin(u)/cos(u)",
    "cot": "cos(u)/sin(u)",
    "sec": "1/cos(u)",
    "csc": "1/sin(u)",
    "tanh": "sinh(u)/cosh(u)",
    "sigmoid": "1/(1 + exp(-u))",
    "silu": "u*sigmoid(u)",
    "softplus": "log(1 + exp(u))",
    "mse": "(u - v)^2",
    "gelu": "u*(1 + erf(u/sqrt(2)))/2",
    "log_sigmoid": "log(sigmoid(u))",
    "mish": "u*tanh(softplus(u))",
    "sinh": "(exp(u) - exp(-u))/2",
    "cosh": "(exp(u) + exp(-u))/2",
}


def _by_definition(node: Node, task: Task) -> Node | None:
    if not isinstance(node, Call) or not task.varies(node) or node.function not in _DEFINITIONS:
        return None
    if node.function == "softplus" and len(node.arguments) > 1:
        return None
    letters = dict(zip(("u", "v"), node.arguments, strict=False))
    return template(_DEFINITIONS[node.function], letters)


POWER_BELOW = RewritingRule(
    "power-below",
    "power below the fraction line",
    ("c/u^n", "c*u^(-n)"),
    "What is divided by a power is multiplied by the power with a minus sign in its exponent.",
    _power_below,
    ("power", "chain"),
)
"""The way that people go first for 3/x² and 1/√x."""

RULES = (
    POWER_BELOW,
    RewritingRule(
        "quotient-as-product",
        "quotient as a product",
        ("u/v", "u*v^(-1)"),
        "Dividing is multiplying by the power −1: then the product rule and the power rule do it.",
        _as_product,
        ("product", "power", "chain"),
    ),
    RewritingRule(
        "root-as-power",
        "root as a power",
        ("sqrt(u)", "u^(1/2)"),
        "A root is a power with a fraction as its exponent.",
        _as_power,
        ("power", "chain"),
    ),
    RewritingRule(
        "repeated-factor",
        "equal factors as a power",
        ("u u", "u^2"),
        "A factor times itself is a power.",
        _repeated,
        ("power",),
    ),
    RewritingRule(
        "power-as-exponential",
        "power as an exponential",
        ("u^v", "exp(v*log(u))"),
        "Every power is an exponential: the base goes into the exponent as its logarithm.",
        _as_exponential,
        ("exp", "log", "product", "chain"),
    ),
    RewritingRule(
        "definition",
        "by its definition",
        ("sigmoid(u)", "1/(1 + exp(-u))"),
        "The function is written as what it is made of.",
        _by_definition,
        ("quotient", "chain"),
    ),
)
"""In the order in which people prefer them."""
