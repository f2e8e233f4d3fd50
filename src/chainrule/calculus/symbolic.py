"""A formula of scalars as a SymPy expression, built by walking its tree: SymPy reads no text.

SymPy is loaded at the first conversion.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .errors import FormulaError
from .magnitude import check_magnitudes
from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
)

if TYPE_CHECKING:
    from sympy import Expr  # type: ignore[import-untyped]

EXACT_BITS = 4096
"""Powers of numbers stay exact up to this many bits in numerator and denominator, some 1 200
digits, and are taken in float64 above: (1 + 10⁻⁷)^(10⁹) is a moderate number whose exact form has
seven thousand million digits."""

SELU_SCALE = 1.0507009873554805
"""λ of Klambauer et al., Self-Normalizing Neural Networks (arXiv 1706.02515), eq. 14; PyTorch's."""

SELU_ALPHA = 1.6732632423543772
"""α of the same."""

EXACT_EXPONENT = 1000
"""Exponents above are given to SymPy as float64: of (2x)ⁿ it works out 2ⁿ."""

EXACT_LENGTH = 400
"""Numbers typed with more characters are taken in float64: no float64 has more than 309 digits
before the point, and Python refuses to read integers of some thousands."""


def to_sympy(formula: Formula) -> "Expr":
    """A formula of scalars for SymPy; its names become real symbols.

    SymPy simplifies as it builds: x + x becomes 2*x. Numbers are exact as typed, 0.1 is 1/10.

    Raises:
        FormulaError: If it has vectors, matrices or what is made for them.
    """
    values = check_magnitudes(formula)
    built: dict[int, Any] = {}
    for node in formula.nodes():
        parts = [built[child.id] for child in children(node)]
        built[node.id] = _expression(formula, node, parts, values)
    result: Expr = built[formula.root.id]
    return result


def _expression(formula: Formula, node: Node, parts: list[Any], values: dict[int, float]) -> Any:
    import sympy

    match node:
        case Number():
            return _number(node)
        case Name():
            return sympy.Symbol(node.name, real=True)
        case Constant():
            return sympy.pi if node.name == "pi" else sympy.E
        case Unary():
            return -parts[0] if node.operator == "-" else parts[0]
        case Sum():
            signs = (-1 if operator == "-" else 1 for operator in node.operators)
            return sympy.Add(parts[0], *(s * p for s, p in zip(signs, parts[1:], strict=True)))
        case Product():
            return sympy.Mul(*parts)
        case Quotient():
            return parts[0] / parts[1]
        case Power():
            base, exponent = parts
            if isinstance(exponent, sympy.Rational) and abs(exponent) > EXACT_EXPONENT:
                exponent = sympy.Float(exponent)
            if node.id in values and not _stays_small(base, exponent):
                return sympy.Float(values[node.id])
            return sympy.Pow(base, exponent)
        case Call():
            make = _functions().get(node.function)
            if make is None:
                raise _not_scalar(formula, node, f"{node.function} is not made for numbers")
            return make(*parts)
        case Array():
            raise _not_scalar(formula, node, "this is no number")
        case MatrixProduct():
            raise _not_scalar(formula, node, "@ multiplies matrices")


def _not_scalar(formula: Formula, node: Node, reason: str) -> FormulaError:
    position = node.column if isinstance(node, MatrixProduct) else node.span[0]
    return FormulaError(
        f"Only formulas of numbers have a SymPy form, and {reason}.", formula.text, position
    )


def _number(node: Number) -> Any:
    import sympy

    # the exact form of 0e999999999 takes 10 to the power of 999999999 first
    if node.value == 0 or len(node.text) > EXACT_LENGTH:
        return sympy.Float(node.value) if node.value else sympy.Integer(0)
    exact = Fraction(node.text)
    return sympy.Rational(exact.numerator, exact.denominator)


def _stays_small(base: Any, exponent: Any) -> bool:
    import sympy

    if not isinstance(exponent, sympy.Rational) or not isinstance(base, sympy.Rational):
        return True
    bits = max(int(base.p).bit_length(), int(base.q).bit_length())
    if isinstance(exponent, sympy.Integer):
        return bits * abs(int(exponent)) <= EXACT_BITS
    return bits * max(1, abs(int(exponent.p))) <= 64  # a root is taken by factoring


def _functions() -> dict[str, Callable[..., Any]]:
    """What each function of numbers is in SymPy."""
    import sympy as s

    one, half, hundredth = s.Integer(1), s.Rational(1, 2), s.Rational(1, 100)

    def where_positive(x: Any, positive: Any, other: Any) -> Any:
        return s.Piecewise((positive, x > 0), (other, True))

    def elu(x: Any, alpha: Any = one) -> Any:
        return where_positive(x, x, alpha * (s.exp(x) - 1))

    def softplus(x: Any, beta: Any = one) -> Any:
        return s.log(1 + s.exp(beta * x)) / beta

    def gelu_tanh(x: Any) -> Any:
        inner = s.sqrt(2 / s.pi) * (x + s.Rational(44715, 10**6) * x**3)
        return half * x * (1 + s.tanh(inner))

    def huber(y: Any, t: Any, delta: Any = one) -> Any:
        error = s.Abs(y - t)
        return s.Piecewise(((y - t) ** 2 / 2, error <= delta), (delta * (error - delta / 2), True))

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + s.exp(-x))

    def binary_cross_entropy(p: Any, t: Any) -> Any:
        return -t * s.log(p) - (1 - t) * s.log(1 - p)

    named = (
        "sin cos tan sec csc cot asin acos atan asec acsc acot atan2 sinh cosh tanh sech csch coth "
        "asinh acosh atanh asech acsch acoth exp sqrt erf erfc sign log"
    )
    return {
        **{name: getattr(s, name) for name in named.split()},
        "log2": lambda x: s.log(x, 2),
        "log10": lambda x: s.log(x, 10),
        "cbrt": lambda x: s.sign(x) * s.Abs(x) ** s.Rational(1, 3),
        "abs": s.Abs,
        "where": lambda c, x, y: s.Piecewise((x, c > 0), (y, True)),
        "sigmoid": sigmoid,
        "log_sigmoid": lambda x: -s.log(1 + s.exp(-x)),
        "relu": lambda x: where_positive(x, x, s.Integer(0)),
        "leaky_relu": lambda x, slope=hundredth: where_positive(x, x, slope * x),
        "elu": elu,
        "selu": lambda x: s.Float(SELU_SCALE) * elu(x, s.Float(SELU_ALPHA)),
        "gelu": lambda x: half * x * (1 + s.erf(x / s.sqrt(2))),
        "gelu_tanh": gelu_tanh,
        "silu": lambda x: x * sigmoid(x),
        "mish": lambda x: x * s.tanh(softplus(x)),
        "softplus": softplus,
        "softsign": lambda x: x / (1 + s.Abs(x)),
        "min": s.Min,
        "max": s.Max,
        "sum": lambda x: x,
        "mean": lambda x: x,
        "norm": lambda x, p=2: s.Abs(x),
        "mse": lambda y, t: (y - t) ** 2,
        "mae": lambda y, t: s.Abs(y - t),
        "huber": huber,
        "hinge": lambda y, t: s.Max(0, 1 - t * y),
        "binary_cross_entropy": binary_cross_entropy,
        "bce_with_logits": lambda z, t: binary_cross_entropy(sigmoid(z), t),
    }
