"""For each rule of differentiation a formula that uses it, and a point where it has a slope."""

from dataclasses import dataclass, field

from chainrule.calculus import Derivation, derive, parse
from chainrule.calculus.build import name
from chainrule.calculus.derivation import Step

POINT = {"x": 0.613, "y": 1.37, "z": 0.47, "p": 0.31}


@dataclass(frozen=True)
class Example:
    """A formula in which a rule is used, as the way that is shown or as another one."""

    text: str
    definitions: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    variable: str = "x"
    x: float = POINT["x"]

    def derivation(self) -> Derivation:
        """The formula differentiated."""
        return derive(
            parse(self.text),
            self.variable,
            definitions={each: parse(text) for each, text in self.definitions.items()},
            unknown={each: name(f"{each}′") for each in self.unknown},
        )


EXAMPLES: dict[str, Example] = {
    "constant": Example("x + 5"),
    "held-constant": Example("x + y"),
    "variable": Example("x + 5"),
    "dependent-variable": Example("y^2", {"y": "x^3"}),
    "implicit-variable": Example("x + y^2", unknown=("y",)),
    "total-derivative": Example("x^2 y", {"y": "sin(x)"}),
    "substitution": Example("x^2 y", {"y": "sin(x)"}),
    "sum": Example("x^2 + sin(x)"),
    "difference": Example("x^2 - sin(x)"),
    "minus": Example("-x^2"),
    "constant-multiple": Example("3 sin(x)"),
    "product": Example("x^2 sin(x)"),
    "reciprocal": Example("3/(1 + sin(x))"),
    "quotient": Example("sin(x)/(1 + x^2)"),
    "power": Example("x^3"),
    "exponential": Example("2^x"),
    "general-power": Example("(1 + x^2)^sin(x)"),
    "chain": Example("sin(x^2)"),
    "logarithmic": Example("x^2 sin(x) exp(x)"),
    "logarithm-laws": Example("ln(x^2 sqrt(1 + x)/(2 + x))"),
    "log-of-size": Example("ln(|x|)"),
    "log-to-base-of-size": Example("log(|x|, 3)"),
    "log2-of-size": Example("log2(|x|)"),
    "log10-of-size": Example("log10(|x|)"),
    "power-below": Example("3/x^2"),
    "quotient-as-product": Example("sin(x)/(1 + x^2)"),
    "root-as-power": Example("sqrt(1 + x^2)"),
    "repeated-factor": Example("x x x"),
    "power-as-exponential": Example("(1 + x^2)^sin(x)"),
    "definition": Example("tan(x)"),
    "atan2": Example("atan2(x, y)"),
    "max": Example("max(x^2, sin(x))"),
    "min": Example("min(x^2, sin(x))"),
    "where": Example("where(x - 1, x^2, sin(x))"),
    "mse": Example("mse(x, y)"),
    "mae": Example("mae(x, y)"),
    "huber": Example("huber(x, y)"),
    "hinge": Example("hinge(x, y)"),
    "binary-cross-entropy": Example("binary_cross_entropy(x, p)"),
    "bce-with-logits": Example("bce_with_logits(x, p)"),
    "acosh": Example("acosh(x)", x=1.7),
    "acoth": Example("acoth(x)", x=1.7),
    "asec": Example("asec(x)", x=1.7),
    "acsc": Example("acsc(x)", x=1.7),
    "sum-of-one-number": Example("sum(x)"),
    "mean-of-one-number": Example("mean(x)"),
    "norm-of-one-number": Example("norm(x)"),
    "leaky-relu": Example("leaky_relu(x)", x=-0.6),
    "elu": Example("elu(x)", x=-0.6),
    "selu": Example("selu(x)", x=-0.6),
    "log-sigmoid": Example("log_sigmoid(x)"),
    "gelu-tanh": Example("gelu_tanh(x)"),
}
"""By the rules' ids; a rule that is not here is that of a function of its name: `sin`."""

BEST_FOR: dict[str, Example] = {
    "exp-as-power": Example("exp(x)"),
    "constant-one": Example("x + 5"),
    "log-of-derivative": Example("log(x^3)"),
    "sqrt-of-derivative": Example("sqrt(x^3)"),
    "power-of-derivative": Example("sin(x)^3"),
    "chain-inside-differentiated": Example("sin(x^2)"),
    "relu-kept": Example("relu(3x)"),
    "leaky-relu-as-relu": Example("leaky_relu(-x)"),
    "abs-one": Example("abs(x)", x=-0.6),
    "log-of-product-as-product": Example("ln(x sin(x))"),
    "log-of-power-kept": Example("ln(x^3)"),
    "log-of-power-lost": Example("ln(x^3)"),
    "log-of-sum-as-sum": Example("ln(x^2 + x)"),
    "log-of-size-bars-kept": Example("ln(|x|)", x=-0.6),
    "chain-outer-lost": Example("sin(x^2)"),
    "asec-bars-lost": Example("asec(x)", x=-1.7),
    "acsch-bars-lost": Example("acsch(x)", x=-0.6),
    "norm-one": Example("norm(x)", x=-0.6),
    "atan2-inner-lost": Example("atan2(x^2, sin(x))"),
    "elu-factor-lost": Example("elu(x, 2)", x=-0.6),
    "softplus-as-relu": Example("softplus(x, 2)"),
    "huber-as-squared": Example("huber(3x, y, 0.2)"),
    "huber-doubled": Example("huber(x, y, 2)"),
    "hinge-everywhere": Example("hinge(5x, y)"),
    "power-as-exponential-turned": Example("(1 + x^2)^sin(x)"),
    "repeated-factor-as-sum": Example("x x x"),
    "definition-of-sigmoid-sign-lost": Example("sigmoid(x)"),
    "definition-of-sec-mistaken": Example("sec(x)"),
    "definition-of-sinh-mistaken": Example("sinh(x)"),
    "definition-of-cosh-mistaken": Example("cosh(x)"),
    "definition-of-softplus-kept": Example("softplus(x)"),
}
"""By mutations' ids: where a mistake shows, if the rule's own example hides it."""


def example_of(rule_id: str) -> Example:
    """The formula for a rule."""
    return EXAMPLES.get(rule_id) or Example(f"{rule_id.replace('-', '_')}(x)")


def steps_of(derivation: Derivation) -> list[Step]:
    """All steps, those of other routes too, each object once."""
    found: dict[int, Step] = {}
    left = [derivation.root]
    while left:
        step = left.pop()
        if id(step) not in found:
            found[id(step)] = step
            left += [*step.steps, *step.alternatives]
    return list(found.values())
