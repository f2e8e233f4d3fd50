"""The activations of neural networks, as functions in their own right."""

from chainrule.calculus.symbolic import SELU_ALPHA, SELU_SCALE
from chainrule.records.message import Message

from .function import FunctionRule
from .rule import Mutation

_STRAIGHT = "It is straight on both sides of 0, with a slope of its own on each."
_KINK = Message(
    "Where its argument is 0 it has a kink, another slope on each side; PyTorch takes the left."
)


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
        mutations=(
            Mutation(
                id="log-sigmoid-inner-lost",
                after="1/sigmoid(u)*du",
                message="The logarithm was differentiated. How fast does the sigmoid inside move? "
                "Its slope σ(1 − σ) is a factor.",
            ),
            Mutation(
                id="log-sigmoid-as-sigmoid",
                after="sigmoid(u)*(1 - sigmoid(u))*du",
                message="That is the derivative of the sigmoid; the logarithm divides it by σ, "
                "and 1 − σ is left.",
            ),
        ),
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
        remark=Message("Where its argument is 0 the slopes are α and 1; PyTorch takes α."),
        mutations=(
            Mutation(
                id="elu-as-relu",
                after="where(u, 1, 0)*du",
                message="That is ReLU's derivative; below 0 an ELU is an exponential and still "
                "has a slope.",
            ),
            Mutation(
                id="elu-constant-kept",
                after="where(u, 1, v*(exp(u) - 1))*du",
                message="Below 0 the function itself was left standing: the −1 is a constant, its "
                "derivative is 0.",
            ),
            Mutation(
                id="elu-factor-lost",
                after="where(u, 1, exp(u))*du",
                message="The factor α of the exponential was lost: it multiplies the derivative "
                "below 0.",
            ),
        ),
    ),
    FunctionRule(
        "selu",
        "SELU",
        f"where(u, {SELU_SCALE}, {SELU_SCALE}*{SELU_ALPHA}*exp(u))",
        why="It is an ELU stretched by a constant.",
        prerequisites=("elu",),
        border="u",
        remark=_KINK,
        mutations=(
            Mutation(
                id="selu-scale-lost",
                after=f"where(u, 1, {SELU_ALPHA}*exp(u))*du",
                message="That is the derivative of an ELU; SELU is stretched by a constant, which "
                "multiplies the slope on both sides.",
            ),
            Mutation(
                id="selu-as-relu",
                after=f"where(u, {SELU_SCALE}, 0)*du",
                message="Below 0 SELU is an exponential and still has a slope.",
            ),
        ),
    ),
    FunctionRule(
        "gelu",
        "GELU",
        "(1 + erf(u/sqrt(2)))/2 + u*exp(-u^2/2)/sqrt(2 π)",
        why="It is u·Φ(u): the product rule, and the slope of Φ is the bell curve.",
        prerequisites=("product", "erf"),
        mutations=(
            Mutation(
                id="gelu-product-lost",
                after="(1 + erf(u/sqrt(2)))/2*du",
                message="GELU is the product u·Φ(u): the second factor moves too, and u times the "
                "bell curve is missing.",
            ),
            Mutation(
                id="gelu-derivatives-multiplied",
                after="exp(-u^2/2)/sqrt(2 π)*du",
                message="GELU is the product u·Φ(u), and the derivatives of the factors were "
                "multiplied. Each factor moves in turn.",
            ),
        ),
    ),
    FunctionRule(
        "gelu_tanh",
        "GELU by tanh",
        "(1 + tanh(sqrt(2/π)*(u + 0.044715 u^3)))/2 "
        "+ u/2*(1 - tanh(sqrt(2/π)*(u + 0.044715 u^3))^2)"
        "*sqrt(2/π)*(1 + 0.134145 u^2)",
        why="It is u/2·(1 + tanh …): the product rule, then the chain rule on tanh.",
        prerequisites=("product", "tanh", "chain"),
        mutations=(
            Mutation(
                id="gelu-tanh-product-lost",
                after="(1 + tanh(sqrt(2/π)*(u + 0.044715 u^3)))/2*du",
                message="It is a product with u: the factor 1 + tanh … moves too.",
            ),
            Mutation(
                id="gelu-tanh-inner-lost",
                after="((1 + tanh(sqrt(2/π)*(u + 0.044715 u^3)))/2 "
                "+ u/2*(1 - tanh(sqrt(2/π)*(u + 0.044715 u^3))^2))*du",
                message="tanh was differentiated. How fast does its inside, √(2/π)·(u + 0.044715 "
                "u³), move? Its derivative is a factor.",
            ),
        ),
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
        mutations=(
            Mutation(
                id="mish-product-lost",
                after="tanh(softplus(u))*du",
                message="Mish is the product u·tanh(softplus u): the second factor moves too.",
            ),
            Mutation(
                id="mish-inner-lost",
                after="(tanh(softplus(u)) + u*(1 - tanh(softplus(u))^2))*du",
                message="tanh was differentiated. How fast does the softplus inside move? Its "
                "slope, the sigmoid, is a factor.",
            ),
        ),
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
        mutations=(
            Mutation(
                id="softplus-inner-lost",
                after="1/(v*(1 + exp(v*u)))*du",
                message="The logarithm was differentiated. How fast does 1 + eˣ inside it move? "
                "Its derivative eˣ belongs above.",
            ),
            Mutation(
                id="softplus-as-relu",
                after="where(u, 1, 0)*du",
                message="That is ReLU's derivative; softplus bends smoothly, and its slope is the "
                "sigmoid.",
            ),
        ),
    ),
    FunctionRule(
        "softsign",
        "softsign",
        "1/(1 + abs(u))^2",
        why="The quotient rule on u/(1 + |u|); what is left above is 1.",
        prerequisites=("quotient", "abs"),
        mutations=(
            Mutation(
                id="softsign-square-lost",
                after="1/(1 + abs(u))*du",
                message="The quotient rule squares what stands below: 1/(1 + |u|)².",
            ),
            Mutation(
                id="softsign-quotient-of-derivatives",
                after="sign(u)*du",
                message="The derivative of a quotient is not the quotient of the derivatives: "
                "here the quotient rule leaves 1/(1 + |u|)².",
            ),
        ),
    ),
    FunctionRule(
        "erf",
        "error function",
        "2/sqrt(π)*exp(-u^2)",
        why="It is an integral of the bell curve; the slope of an integral is what is integrated.",
        mutations=(
            Mutation(
                id="erf-factor-lost",
                after="exp(-u^2)*du",
                message="The factor 2/√π in front of the integral is missing.",
            ),
            Mutation(
                id="erf-integrand-differentiated",
                after="-4u/sqrt(π)*exp(-u^2)*du",
                message="The bell curve was differentiated. It stands under an integral, and the "
                "slope of an integral is what is integrated, as it is.",
            ),
        ),
    ),
    FunctionRule(
        "erfc",
        "complementary error function",
        "-2/sqrt(π)*exp(-u^2)",
        why="It is 1 − erf.",
        prerequisites=("erf",),
        mutations=(
            Mutation(
                id="erfc-sign",
                after="2/sqrt(π)*exp(-u^2)*du",
                message="erfc is 1 − erf and falls: its derivative has a minus sign.",
            ),
        ),
    ),
)
