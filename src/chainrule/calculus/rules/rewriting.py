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

from .rule import Application, Mutation, Part, Rule, Task


class RewritingRule(Rule):
    """The part is written otherwise; the derivative is that of what is written then.

    Args:
        id: Of the rule.
        name: As a person says it.
        statement: What becomes what: two formulas with the same value.
        why: The reason in a sentence.
        rewrite: The part written otherwise; None where this is no way.
        prerequisites: Rules that a learner knows before this one.
        mutations: What people write instead, in the letters that `letters` finds.
        letters: The letters of the statement in a part that is rewritten; empty for a part that
            the mutation with this id is not about.
    """

    def __init__(
        self,
        id: str,
        name: str,
        statement: tuple[str, str],
        why: str,
        rewrite: Callable[[Node, Task], Node | None],
        prerequisites: tuple[str, ...] = (),
        mutations: tuple[Mutation, ...] = (),
        letters: Callable[[Node, str], dict[str, Node]] = lambda node, mutation: {},
    ) -> None:
        self.id = id
        self.name = name
        self.statement = statement
        self.why = why
        self.prerequisites = prerequisites
        self.mutations = mutations
        self._rewrite = rewrite
        self._letters = letters

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The part, written otherwise, as u."""
        written = self._rewrite(node, task)
        return None if written is None else {"u": written}

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative of what is written then."""
        found = self.match(node, task)
        return None if found is None else _derivative_of(found["u"])

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """The derivative of what somebody writes instead."""
        letters = {} if self.match(node, task) is None else self._letters(node, mutation.id)
        return _derivative_of(template(mutation.after, letters)) if letters else None


def _derivative_of(written: Node) -> Application:
    return Application(parts=(Part(operand=written),), make=lambda made: made[0])


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


def _of_quotient(node: Node, mutation: str) -> dict[str, Node]:
    assert isinstance(node, Quotient)
    return {"u": node.numerator, "v": node.denominator}


def _of_power_below(node: Node, mutation: str) -> dict[str, Node]:
    assert isinstance(node, Quotient)
    turned = _turned(node.denominator)
    assert isinstance(turned, Power)
    return {"c": node.numerator, "u": turned.base, "p": turned.exponent}


def _of_power(node: Node, mutation: str) -> dict[str, Node]:
    assert isinstance(node, Power)
    return {"u": node.base, "v": node.exponent}


def _of_call(node: Node, mutation: str) -> dict[str, Node]:
    assert isinstance(node, Call)
    return {"u": node.arguments[0]}


def _of_product(node: Node, mutation: str) -> dict[str, Node]:
    assert isinstance(node, Product)
    return {"u": node.factors[0], "n": number(len(node.factors))}


def _of_definition(node: Node, mutation: str) -> dict[str, Node]:
    """The argument, if the mistake is one with this function: `definition-of-tan-turned`."""
    assert isinstance(node, Call)
    mine = mutation.startswith(f"definition-of-{node.function}-")
    return {"u": node.arguments[0]} if mine else {}


POWER_BELOW = RewritingRule(
    "power-below",
    "power below the fraction line",
    ("c/u^n", "c*u^(-n)"),
    "What is divided by a power is multiplied by the power with a minus sign in its exponent.",
    _power_below,
    ("power", "chain"),
    mutations=(
        Mutation(
            id="power-below-sign-lost",
            after="c*u^(-p)",
            message="The minus sign of the exponent is missing: 1/uⁿ is u⁻ⁿ.",
        ),
    ),
    letters=_of_power_below,
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
        mutations=(
            Mutation(
                id="quotient-as-product-power-lost",
                after="u*v",
                message="The power −1 is missing: dividing by v is multiplying by v⁻¹.",
            ),
            Mutation(
                id="quotient-as-product-turned",
                after="u^(-1)*v",
                message="The wrong part got the power −1: it is the denominator that does.",
            ),
        ),
        letters=_of_quotient,
    ),
    RewritingRule(
        "root-as-power",
        "root as a power",
        ("sqrt(u)", "u^(1/2)"),
        "A root is a power with a fraction as its exponent.",
        _as_power,
        ("power", "chain"),
        mutations=(
            Mutation(
                id="root-as-negative-power",
                after="u^(-1/2)",
                message="√u is u to the power 1/2; the power −1/2 is 1/√u.",
            ),
            Mutation(
                id="root-as-half",
                after="u/2",
                message="Half is the exponent, no factor: √u is u^(1/2).",
            ),
        ),
        letters=_of_call,
    ),
    RewritingRule(
        "repeated-factor",
        "equal factors as a power",
        ("u u", "u^2"),
        "A factor times itself is a power.",
        _repeated,
        ("power",),
        mutations=(
            Mutation(
                id="repeated-factor-as-sum",
                after="n*u",
                message="A sum of equal terms is a multiple; a product of equal factors is a "
                "power.",
            ),
        ),
        letters=_of_product,
    ),
    RewritingRule(
        "power-as-exponential",
        "power as an exponential",
        ("u^v", "exp(v*log(u))"),
        "Every power is an exponential: the base goes into the exponent as its logarithm.",
        _as_exponential,
        ("exp", "log", "product", "chain"),
        mutations=(
            Mutation(
                id="power-as-exponential-outside",
                after="exp(v)*log(u)",
                message="The logarithm of the base belongs in the exponent: uᵛ is e^(v·ln u).",
            ),
            Mutation(
                id="power-as-exponential-turned",
                after="exp(u*log(v))",
                message="Base and exponent were exchanged: the logarithm is taken of the base.",
            ),
        ),
        letters=_of_power,
    ),
    RewritingRule(
        "definition",
        "by its definition",
        ("sigmoid(u)", "1/(1 + exp(-u))"),
        "The function is written as what it is made of.",
        _by_definition,
        ("quotient", "chain"),
        mutations=(
            Mutation(
                id="definition-of-sigmoid-sign-lost",
                after="1/(1 + exp(u))",
                message="The minus sign in the exponent is missing: the sigmoid is "
                "1/(1 + e⁻ˣ), and it rises.",
            ),
            Mutation(
                id="definition-of-tan-turned",
                after="cos(u)/sin(u)",
                message="The quotient was turned over: tan is sin/cos, and cos/sin is cot.",
            ),
            Mutation(
                id="definition-of-sec-mistaken",
                after="1/sin(u)",
                message="sec is 1/cos; 1/sin is csc.",
            ),
            Mutation(
                id="definition-of-sinh-mistaken",
                after="(exp(u) + exp(-u))/2",
                message="sinh is the difference of eˣ and e⁻ˣ, halved; the sum is cosh.",
            ),
            Mutation(
                id="definition-of-cosh-mistaken",
                after="(exp(u) - exp(-u))/2",
                message="cosh is the sum of eˣ and e⁻ˣ, halved; the difference is sinh.",
            ),
            Mutation(
                id="definition-of-softplus-kept",
                after="log(exp(u))",
                message="The 1 is missing: softplus is ln(1 + eˣ), and ln(eˣ) would be x itself.",
            ),
        ),
        letters=_of_definition,
    ),
)
"""In the order in which people prefer them."""
