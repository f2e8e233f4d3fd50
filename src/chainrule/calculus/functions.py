"""The functions that a formula may name.

One line a function: its name, other names it goes by, how many arguments it takes, what it means.
What computes them is elsewhere (`objective/torch_functions.py`, `calculus/symbolic.py`); tests hold
the three in step.
"""

from dataclasses import dataclass
from typing import Literal

FunctionKind = Literal["elementwise", "rows", "reduction", "matrix", "loss"]
"""What it does to shapes: the same for each entry; along each row (a vector is one row); all
entries to one number; by the rules of matrices; two of one shape to one number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that a formula may name.

    Attributes:
        name: Its one name in the tree.
        aliases: Other names for it.
        least: Arguments it needs.
        most: Arguments it takes; None for any number.
        kind: What it does to shapes.
        arguments: As one writes them, for error messages and the documentation.
        meaning: In a few words or as an equation.
    """

    name: str
    aliases: tuple[str, ...] = ()
    least: int = 1
    most: int | None = 1
    kind: FunctionKind = "elementwise"
    arguments: str = "x"
    meaning: str

    @property
    def usage(self) -> str:
        """As one writes it: `max(x, y, ...)`."""
        return f"{self.name}({self.arguments})"

    @property
    def sentence(self) -> str:
        """Its meaning as a sentence; an equation keeps its small letters."""
        first_word = self.meaning.partition(" ")[0]
        begins_with_a_word = first_word.isalpha() and len(first_word) > 1
        first = self.meaning[0].upper() if begins_with_a_word else self.meaning[0]
        return f"{first}{self.meaning[1:]}."


_ELEMENTWISE = (
    Function(name="sin", meaning="sine"),
    Function(name="cos", meaning="cosine"),
    Function(name="tan", meaning="tangent"),
    Function(name="sec", meaning="1 / cos(x)"),
    Function(name="csc", aliases=("cosec",), meaning="1 / sin(x)"),
    Function(name="cot", meaning="1 / tan(x)"),
    Function(name="asin", aliases=("arcsin",), meaning="inverse of sine"),
    Function(name="acos", aliases=("arccos",), meaning="inverse of cosine"),
    Function(name="atan", aliases=("arctan",), meaning="inverse of tangent"),
    Function(name="asec", aliases=("arcsec",), meaning="acos(1 / x)"),
    Function(name="acsc", aliases=("arccsc",), meaning="asin(1 / x)"),
    Function(name="acot", aliases=("arccot",), meaning="atan(1 / x)"),
    Function(
        name="atan2",
        aliases=("arctan2",),
        least=2,
        most=2,
        arguments="y, x",
        meaning="angle of the point (x, y)",
    ),
    Function(name="sinh", meaning="hyperbolic sine"),
    Function(name="cosh", meaning="hyperbolic cosine"),
    Function(name="tanh", meaning="hyperbolic tangent"),
    Function(name="sech", meaning="1 / cosh(x)"),
    Function(name="csch", meaning="1 / sinh(x)"),
    Function(name="coth", meaning="1 / tanh(x)"),
    Function(name="asinh", aliases=("arcsinh", "arsinh"), meaning="inverse of sinh"),
    Function(name="acosh", aliases=("arccosh", "arcosh"), meaning="inverse of cosh"),
    Function(name="atanh", aliases=("arctanh", "artanh"), meaning="inverse of tanh"),
    Function(name="asech", aliases=("arcsech", "arsech"), meaning="acosh(1 / x)"),
    Function(name="acsch", aliases=("arccsch", "arcsch"), meaning="asinh(1 / x)"),
    Function(name="acoth", aliases=("arccoth", "arcoth"), meaning="atanh(1 / x)"),
    Function(name="exp", meaning="e to the power of x"),
    Function(
        name="log",
        aliases=("ln",),
        most=2,
        arguments="x, base=e",
        meaning="logarithm, natural if no base is given",
    ),
    Function(name="log2", meaning="logarithm to the base 2"),
    Function(name="log10", aliases=("lg",), meaning="logarithm to the base 10"),
    Function(name="sqrt", aliases=("√",), meaning="square root"),
    Function(name="cbrt", aliases=("∛",), meaning="cube root, of negative numbers too"),
    Function(name="erf", meaning="2/√π times the integral of exp(−t²) from 0 to x"),
    Function(name="erfc", meaning="1 − erf(x)"),
    Function(name="abs", meaning="|x|"),
    Function(name="sign", aliases=("sgn",), meaning="−1, 0 or 1"),
    Function(
        name="where",
        least=3,
        most=3,
        arguments="c, x, y",
        meaning="x where c > 0, y elsewhere",
    ),
    Function(name="sigmoid", aliases=("logistic",), meaning="1 / (1 + exp(−x))"),
    Function(name="log_sigmoid", aliases=("logsigmoid",), meaning="log(sigmoid(x))"),
    Function(name="relu", meaning="max(x, 0)"),
    Function(
        name="leaky_relu",
        most=2,
        arguments="x, slope=0.01",
        meaning="x where it is positive, slope · x elsewhere",
    ),
    Function(
        name="elu",
        most=2,
        arguments="x, alpha=1",
        meaning="x where it is positive, alpha · (exp(x) − 1) elsewhere",
    ),
    Function(name="selu", meaning="1.0507 · elu(x, 1.6733)"),
    Function(name="gelu", meaning="x · (1 + erf(x / √2)) / 2"),
    Function(name="gelu_tanh", meaning="x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2"),
    Function(name="silu", aliases=("swish",), meaning="x · sigmoid(x)"),
    Function(name="mish", meaning="x · tanh(softplus(x))"),
    Function(
        name="softplus",
        most=2,
        arguments="x, beta=1",
        meaning="log(1 + exp(beta · x)) / beta",
    ),
    Function(name="softsign", meaning="x / (1 + |x|)"),
)

_SHAPED = (
    Function(
        name="min",
        most=None,
        kind="reduction",
        arguments="x, y, ...",
        meaning="smallest entry of x; of several arguments the smaller, entry by entry",
    ),
    Function(
        name="max",
        most=None,
        kind="reduction",
        arguments="x, y, ...",
        meaning="largest entry of x; of several arguments the larger, entry by entry",
    ),
    Function(name="sum", kind="reduction", meaning="sum of all entries"),
    Function(name="mean", kind="reduction", meaning="mean of all entries"),
    Function(
        name="norm",
        most=2,
        kind="reduction",
        arguments="x, p=2",
        meaning="(Σ|x|ᵖ)^(1/p) over all entries: Euclidean, of a matrix Frobenius",
    ),
    Function(name="softmax", kind="rows", meaning="exp(x) / Σ exp(x)"),
    Function(name="log_softmax", aliases=("logsoftmax",), kind="rows", meaning="log(softmax(x))"),
    Function(name="logsumexp", kind="rows", meaning="log(Σ exp(x))"),
    Function(
        name="row_sum",
        kind="rows",
        meaning="sum of each row, as a column: it goes with each column of a matrix; of a vector "
        "its sum",
    ),
    Function(
        name="row_mean",
        kind="rows",
        meaning="mean of each row, as a column; of a vector its mean",
    ),
    Function(
        name="column_sum",
        kind="matrix",
        arguments="A",
        meaning="vector of the sums of the columns: it goes with each row of a matrix",
    ),
    Function(
        name="column_mean",
        kind="matrix",
        arguments="A",
        meaning="vector of the means of the columns",
    ),
    Function(
        name="largest",
        kind="matrix",
        meaning="of the shape of x: 1 at the largest entry, 0 elsewhere; equal ones share the 1",
    ),
    Function(
        name="dot", least=2, most=2, kind="matrix", arguments="x, y", meaning="Σ x · y of vectors"
    ),
    Function(
        name="outer", least=2, most=2, kind="matrix", arguments="x, y", meaning="matrix xᵢ · yⱼ"
    ),
    Function(name="transpose", kind="matrix", arguments="A", meaning="Aᵀ"),
    Function(name="trace", aliases=("tr",), kind="matrix", arguments="A", meaning="Σ Aᵢᵢ"),
    Function(name="det", kind="matrix", arguments="A", meaning="determinant"),
    Function(name="logdet", kind="matrix", arguments="A", meaning="log(det(A))"),
    Function(name="inverse", aliases=("inv",), kind="matrix", arguments="A", meaning="A⁻¹"),
    Function(
        name="cofactor",
        kind="matrix",
        arguments="A",
        meaning="matrix of the cofactors, det(A) · A⁻ᵀ where A has an inverse",
    ),
    Function(
        name="diag",
        kind="matrix",
        meaning="of a vector the diagonal matrix; of a square matrix its diagonal",
    ),
    Function(name="ones_like", kind="matrix", meaning="1 in each place, of the shape of x"),
    Function(
        name="identity_like",
        kind="matrix",
        arguments="A",
        meaning="identity matrix of the size of A",
    ),
    Function(
        name="one_hot",
        least=2,
        most=2,
        kind="matrix",
        arguments="t, z",
        meaning="of the shape of z: in each row 1 at the class t, counted from 0, and 0 elsewhere",
    ),
)

_LOSSES = (
    Function(
        name="mse",
        aliases=("mse_loss",),
        least=2,
        most=2,
        kind="loss",
        arguments="y, t",
        meaning="mean of (y − t)²",
    ),
    Function(
        name="mae",
        aliases=("l1_loss",),
        least=2,
        most=2,
        kind="loss",
        arguments="y, t",
        meaning="mean of |y − t|",
    ),
    Function(
        name="huber",
        aliases=("huber_loss",),
        least=2,
        most=3,
        kind="loss",
        arguments="y, t, delta=1",
        meaning="mean of (y − t)²/2 where |y − t| ≤ delta, of delta · (|y − t| − delta/2) "
        "elsewhere",
    ),
    Function(
        name="hinge",
        least=2,
        most=2,
        kind="loss",
        arguments="y, t",
        meaning="mean of max(0, 1 − t · y), for t = ±1",
    ),
    Function(
        name="binary_cross_entropy",
        aliases=("bce",),
        least=2,
        most=2,
        kind="loss",
        arguments="p, t",
        meaning="mean of −t · log(p) − (1 − t) · log(1 − p)",
    ),
    Function(
        name="bce_with_logits",
        aliases=("binary_cross_entropy_with_logits",),
        least=2,
        most=2,
        kind="loss",
        arguments="z, t",
        meaning="binary_cross_entropy(sigmoid(z), t)",
    ),
    Function(
        name="cross_entropy",
        least=2,
        most=2,
        kind="loss",
        arguments="z, t",
        meaning="mean over rows of −Σ t · log_softmax(z); t holds probabilities of the same shape "
        "as z, or the number of one class a row, counted from 0",
    ),
)

ALL_FUNCTIONS: tuple[Function, ...] = (*_ELEMENTWISE, *_SHAPED, *_LOSSES)

FUNCTIONS: dict[str, Function] = {
    name: function for function in ALL_FUNCTIONS for name in (function.name, *function.aliases)
}
"""By every name that may be typed."""

POWER_ON_NAME = frozenset(
    f"{inverse}{name}{hyperbolic}"
    for name in ("sin", "cos", "tan", "sec", "csc", "cot")
    for hyperbolic in ("", "h")
    for inverse in ("", "a")
) | {"log", "log2", "log10"}
"""Functions whose power may be written at the name, as in sin²(x) for (sin(x))²."""

RADICALS = frozenset("√∛")
"""Signs that are functions; √2x is not √(2x)."""
