"""The activations of neural networks, as functions in their own right."""

from chainrule.calculus.symbolic import SELU_ALPHA, SELU_SCALE

from .function import FunctionRule
from .rule import Mutation

_STRAIGHT = "It is straight on both sides of 0, with a slope of its own on each."
_KINK = "Where its argument is 0 it has a kink, another slope on each side; PyTorch takes the left."


RULES = (
    FunctionRule(
        "sigmoid",
        "sigmoid",
        "sigmoid(u)*(1 - sigmoid(u))",
        why="The quotient rule on 1/(1 + e⁻ˣ) gives σ(1 − σ): at most 1/4, where σ is 1/2.",
        prerequisites=("reciprocal", "exp", "chain"),
        mutations=(
            Mutation(
                id="sigmoid-plus",
                after="sigmoid(u)*(1 + sigmoid(u))*du",
                message="It is σ(1 − σ), with a minus: the sigmoid flattens out near 1.",
            ),
            Mutation(
                id="sigmoid-second-factor-lost",
                after="sigmoid(u)*du",
                message="σ(1 − σ) has two factors; the second is missing.",
            ),
            Mutation(
                id="sigmoid-of-argument",
                after="u*(1 - u)*du",
                message="σ(1 − σ) is made of the sigmoid's value, not of its argument.",
            ),
        ),
    ),
    FunctionRule(
        "log_sigmoid",
        "logarithm of the sigmoid",
        "1 - sigmoid(u)",
        why="ln σ has the slope σ′/σ, and σ′ is σ(1 − σ).",
        prerequisites=("sigmoid", "log"),
    ),
    FunctionRule(
        "relu",
        "ReLU",
        "where(u, 1, 0)",
        why=_STRAIGHT,
        border="u",
        remark=_KINK,
        mutations=(
            Mutation(
                id="relu-kept",
                after="relu(u)*du",
                message="The slope of ReLU is 1 where its argument is positive, and 0 elsewhere.",
            ),
        ),
    ),
    FunctionRule(
        "leaky_relu",
        "leaky ReLU",
        "where(u, 1, v)",
        "where(u, 0, u)",
        default="0.01",
        why=_STRAIGHT,
        border="u",
        remark=_KINK,
        prerequisites=("relu",),
        mutations=(
            Mutation(
                id="leaky-relu-as-relu",
                after="where(u, 1, 0)*du",
                message="That is ReLU's derivative; a leaky ReLU has its small slope below 0.",
            ),
        ),
    ),
    FunctionRule(
        "elu",
        "ELU",
        "where(u, 1, v*exp(u))",
        "where(u, 0, exp(u) - 1)",
        default="1",
        short="where(u, 1, exp(u))",
        why="It is straight above 0 and an exponential below.",
        prerequisites=("relu", "exp"),
        border="u",
        remark="Where its argument is 0 the slopes are α and 1; PyTorch takes α.",
    ),
    FunctionRule(
        "selu",
        "SELU",
        f"where(u, {SELU_SCALE}, {SELU_SCALE}*{SELU_ALPHA}*exp(u))",
        why="It is an ELU stretched by a constant.",
        prerequisites=("elu",),
        border="u",
        remark=_KINK,
    ),
    FunctionRule(
        "gelu",
        "GELU",
        "(1 + erf(u/sqrt(2)))/2 + u*exp(-u^2/2)/sqrt(2 π)",
        why="It is u·Φ(u): the product rule, and the slope of Φ is the bell curve.",
        prerequisites=("product", "erf"),
    ),
    FunctionRule(
        "gelu_tanh",
        "GELU by tanh",
        "(1 + tanh(sqrt(2/π)*(u + 0.044715 u^3)))/2 "
        "+ u/2*(1 - tanh(sqrt(2/π)*(u + 0.044715 u^3))^2)"
        "*sqrt(2/π)*(1 + 0.134145 u^2)",
        why="It is u/2·(1 + tanh …): the product rule, then the chain rule on tanh.",
        prerequisites=("product", "tanh", "chain"),
    ),
    FunctionRule(
        "silu",
        "SiLU",
        "sigmoid(u) + u*sigmoid(u)*(1 - sigmoid(u))",
        why="It is u·σ(u), and the product rule gives this.",
        prerequisites=("product", "sigmoid"),
        mutations=(
            Mutation(
                id="silu-product-lost",
                after="sigmoid(u)*(1 - sigmoid(u))*du",
                message="SiLU is the product u·σ(u): both factors move.",
            ),
        ),
    ),
    FunctionRule(
        "mish",
        "Mish",
        "tanh(softplus(u)) + u*(1 - tanh(softplus(u))^2)*sigmoid(u)",
        why="It is u·tanh(softplus u): the product rule, then two links of a chain.",
        prerequisites=("product", "tanh", "softplus", "chain"),
    ),
    FunctionRule(
        "softplus",
        "softplus",
        "sigmoid(v*u)",
        "u*sigmoid(v*u)/v - softplus(u, v)/v",
        default="1",
        short="sigmoid(u)",
        why="The slope of ln(1 + eˣ) is the sigmoid: a ReLU without its corner.",
        prerequisites=("log", "exp", "chain"),
    ),
    FunctionRule(
        "softsign",
        "softsign",
        "1/(1 + abs(u))^2",
        why="The quotient rule on u/(1 + |u|); what is left above is 1.",
        prerequisites=("quotient", "abs"),
    ),
    FunctionRule(
        "erf",
        "error function",
        "2/sqrt(π)*exp(-u^2)",
        why="It is an integral of the bell curve; the slope of an integral is what is integrated.",
    ),
    FunctionRule(
        "erfc",
        "complementary error function",
        "-2/sqrt(π)*exp(-u^2)",
        why="It is 1 − erf.",
        prerequisites=("erf",),
    ),
)
