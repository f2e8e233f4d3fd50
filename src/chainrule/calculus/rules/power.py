"""Powers: of something, to something, and both at once."""

from collections.abc import Mapping

from chainrule.calculus.build import (
    call,
    divide,
    exact,
    is_number,
    multiply,
    negative,
    number,
    raised,
    subtract,
)
from chainrule.calculus.tree import Constant, Node, Number, Power, Unary, distinct

from .function import OuterRule
from .rule import Mutation, Rule, Task


class PowerRule(OuterRule):
    """u^n with a constant exponent."""

    id = "power"
    name = "power rule"
    statement = ("u^n", "n u^(n-1)*du")
    why = "Each of the n equal factors moves in turn, which gives n times the rest."
    prerequisites = ("product",)
    mutations = (
        Mutation(
            id="power-not-lowered",
            after="n u^n*du",
            message="The exponent came down in front, and it also has to go down by one.",
        ),
        Mutation(
            id="power-factor-lost",
            after="u^(n-1)*du",
            message="The exponent went down by one, and the old exponent belongs in front.",
        ),
        Mutation(
            id="power-raised",
            after="n u^(n+1)*du",
            message="The exponent goes down by one, not up: going up is the rule of the integral.",
        ),
        Mutation(
            id="power-integrated",
            after="u^(n+1)/(n+1)",
            message="This is the integral of the power; the derivative is n·uⁿ⁻¹.",
        ),
        Mutation(
            id="power-of-derivative",
            after="du^n",
            message="The inside was differentiated and the power kept: the power rule comes first, "
            "then the inside.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The base and the exponent."""
        if not isinstance(node, Power) or task.varies(node.exponent) or not task.varies(node.base):
            return None
        return {"u": node.base, "n": node.exponent}

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """n·u^(n−1); where n is a number, with n − 1 worked out."""
        base, exponent = letters["u"], letters["n"]
        value = exact(exponent)
        if value is None:
            return multiply(exponent, raised(base, subtract(exponent, number(1))))
        if value == 1:
            return number(1)
        if value == 2:
            return multiply(number(2), base)
        power = raised(base, lowered(exponent))
        if isinstance(exponent, Unary) and exponent.operator == "-":
            return negative(multiply(exponent.operand, power))
        return multiply(exponent, power)

    def operand(self, letters: Mapping[str, Node], node: Node) -> Node:
        """The power of something else."""
        return raised(letters["u"], letters["n"])


class ExponentialRule(OuterRule):
    """c^u with a constant base; e^u among them."""

    id = "exponential"
    name = "exponential rule"
    statement = ("c^u", "c^u log(c)*du")
    why = "An exponential grows in proportion to itself; for base e the proportion is 1."
    mutations = (
        Mutation(
            id="exponential-as-power",
            after="u c^(u-1)*du",
            message="The power rule was used, but here the exponent moves, not the base.",
        ),
        Mutation(
            id="exponential-log-lost",
            after="c^u*du",
            message="Only eᵘ is its own derivative; another base brings the factor ln(base).",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The base and the exponent."""
        if not isinstance(node, Power) or task.varies(node.base) or not task.varies(node.exponent):
            return None
        return {"c": node.base, "u": node.exponent}

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """c^u·ln c; e^u for base e."""
        base = letters["c"]
        if isinstance(base, Constant) and base.name == "e":
            return raised(base, letters["u"])
        if is_number(base, 0):
            # 0^u is 0 for u > 0, and jumps at 0: a slope that is 0 but has no value there
            return divide(number(0), letters["u"])
        return multiply(raised(base, letters["u"]), call("log", base))

    def operand(self, letters: Mapping[str, Node], node: Node) -> Node:
        """The same base to something else."""
        return raised(letters["c"], letters["u"])


class GeneralPower(Rule):
    """u^v with both varying."""

    id = "general-power"
    name = "general power rule"
    statement = ("u^v", "u^v*(dv*log(u) + v*du/u)")
    why = "Base and exponent both move: uᵛ is e^(v·ln u), and the product v·ln u has two parts."
    prerequisites = ("exponential", "log", "product", "chain")
    mutations = (
        Mutation(
            id="general-power-as-power",
            after="v u^(v-1)*du",
            message="The power rule was used alone, but the exponent moves as well.",
        ),
        Mutation(
            id="general-power-as-exponential",
            after="u^v log(u)*dv",
            message="The exponential rule was used alone, but the base moves as well.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The base and the exponent."""
        if not isinstance(node, Power):
            return None
        if not (task.varies(node.base) and task.varies(node.exponent)):
            return None
        return {"u": node.base, "v": node.exponent}


def lowered(exponent: Node) -> Node:
    """A number less one: 3 becomes 2, 1/2 becomes −1/2, 2.5 becomes 1.5."""
    value = exact(exponent)
    assert value is not None
    if value.denominator != 1 and _is_decimal(exponent):
        return number(float(value - 1))
    return number(value - 1)


def _is_decimal(node: Node) -> bool:
    return any(isinstance(part, Number) and not part.text.isdecimal() for part in distinct(node))
