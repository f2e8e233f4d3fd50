"""What a learner can be able to do: 21 skills, each with its rules, and what comes before it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Something that can be trained by itself.

    Attributes:
        id: Unique; lower case with hyphens.
        name: As a person says it.
        rules: Ids of the rules of differentiation that it rests on; empty where it is about what
            derivatives are good for.
        prerequisites: Ids of skills that come before it; together they form no circle.
        lesson: Id of the lesson that teaches it.
    """

    id: str
    name: str
    rules: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    lesson: str


_ALL = (
    Skill(id="rate-of-change", name="rate of change", lesson="rate-of-change"),
    Skill(
        id="notation",
        name="notation",
        prerequisites=("rate-of-change",),
        lesson="derivative-function-and-number",
    ),
    Skill(
        id="sums-and-multiples",
        name="sums and multiples",
        rules=("constant", "variable", "sum", "difference", "minus", "constant-multiple"),
        prerequisites=("rate-of-change",),
        lesson="the-rules",
    ),
    Skill(
        id="power-rule",
        name="power rule",
        rules=("power", "power-below", "sqrt"),
        prerequisites=("sums-and-multiples",),
        lesson="the-rules",
    ),
    Skill(
        id="product-rule",
        name="product rule",
        rules=("product",),
        prerequisites=("power-rule",),
        lesson="the-rules",
    ),
    Skill(
        id="quotient-rule",
        name="quotient rule",
        rules=("quotient", "reciprocal"),
        prerequisites=("product-rule",),
        lesson="the-rules",
    ),
    Skill(
        id="exponentials-and-logarithms",
        name="exponentials and logarithms",
        rules=("exponential", "exp", "log"),
        prerequisites=("sums-and-multiples",),
        lesson="the-rules",
    ),
    Skill(
        id="trigonometry",
        name="trigonometric functions",
        rules=("sin", "cos", "tan"),
        prerequisites=("sums-and-multiples",),
        lesson="the-rules",
    ),
    Skill(
        id="chain-rule",
        name="chain rule",
        rules=("chain",),
        prerequisites=("power-rule", "exponentials-and-logarithms", "trigonometry"),
        lesson="chain-rule",
    ),
    Skill(
        id="nested-chain",
        name="chains in chains",
        rules=("chain",),
        prerequisites=("chain-rule",),
        lesson="chain-rule",
    ),
    Skill(
        id="activations",
        name="activation functions",
        rules=("sigmoid", "tanh", "relu", "leaky-relu", "softplus", "silu"),
        prerequisites=("chain-rule", "quotient-rule"),
        lesson="vanishing-and-exploding",
    ),
    Skill(
        id="partial-derivative",
        name="partial derivatives",
        rules=("held-constant",),
        prerequisites=("power-rule", "notation"),
        lesson="partial-derivatives",
    ),
    Skill(
        id="gradient",
        name="gradient",
        prerequisites=("partial-derivative",),
        lesson="gradient-as-navigation",
    ),
    Skill(
        id="paths-add",
        name="paths that add",
        rules=("total-derivative", "dependent-variable", "chain"),
        prerequisites=("chain-rule", "partial-derivative"),
        lesson="chain-rule",
    ),
    Skill(
        id="descent-step",
        name="the step of gradient descent",
        prerequisites=("gradient",),
        lesson="the-step",
    ),
    Skill(
        id="backpropagation",
        name="backpropagation",
        prerequisites=("nested-chain", "paths-add"),
        lesson="backpropagation",
    ),
    Skill(
        id="products-vanish",
        name="products that vanish",
        prerequisites=("backpropagation", "activations"),
        lesson="vanishing-and-exploding",
    ),
    Skill(
        id="flat-places",
        name="flat places",
        prerequisites=("gradient",),
        lesson="flat-places",
    ),
    Skill(
        id="matrices",
        name="derivatives by matrices",
        prerequisites=("gradient", "paths-add"),
        lesson="why-the-transpose",
    ),
    Skill(
        id="softmax-cross-entropy",
        name="softmax with cross entropy",
        prerequisites=("matrices", "exponentials-and-logarithms"),
        lesson="softmax-and-cross-entropy",
    ),
    Skill(
        id="pytorch-grad",
        name="gradients in PyTorch",
        prerequisites=("backpropagation", "descent-step"),
        lesson="reading-backward",
    ),
)

SKILLS: dict[str, Skill] = {skill.id: skill for skill in _ALL}
"""By id, each after those that come before it."""
