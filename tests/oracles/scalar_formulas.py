"""Formulas of numbers: random texts of them, and their values to 40 digits by another way.

The values are computed with mpmath from the tree, with none of the code that computes them in
PyTorch or SymPy.
"""

from collections.abc import Callable

import mpmath as mp
from hypothesis import strategies as st

from chainrule.calculus import Formula, Node, children
from chainrule.calculus.tree import (
    Call,
    Constant,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
)

DIGITS = 40
NAMES = ("x", "y", "w_1")

# ---- texts -----------------------------------------------------------------------------------

_NAMES_OF_SAFE = (  # defined for all numbers, and smooth or with a kink that random numbers miss
    "sin cos tanh atan acot asinh erf erfc abs sigmoid log_sigmoid relu leaky_relu elu selu gelu "
    "gelu_tanh silu mish softplus softsign cbrt sech norm sum mean exp"
)
_SAFE = _NAMES_OF_SAFE.split()
_GUARDED = {  # what brings any number into the domain of the function
    "log": "(({0})^2 + 0.3)",
    "ln": "(|{0}| + 1/4)",
    "log2": "(1.5 + ({0})**2)",
    "log10": "(0.5 + ({0})²)",
    "sqrt": "(1 + ({0})^2)",
    "√": "(2 + ({0})^2)",
    "asin": "(0.9 tanh({0}))",
    "acos": "(0.9 sin({0}))",
    "atanh": "(0.8 cos({0}))",
    "acosh": "(1.2 + ({0})^2)",
    "asec": "(1.2 + ({0})^2)",
    "acsc": "(1.1 + |{0}|)",
    "asech": "(0.1 + 0.8 sigmoid({0}))",
    "acsch": "(0.4 + ({0})^2)",
    "acoth": "(1.3 + ({0})^2)",
    "tan": "(tanh({0}))",
    "sec": "(tanh({0}))",
    "csc": "(1 + 2 sigmoid({0}))",
    "cot": "(1 + 1.5 sigmoid({0}))",
    "sinh": "(2 sin({0}))",
    "cosh": "(2 cos({0}))",
    "csch": "(0.5 + ({0})^2)",
    "coth": "(0.5 + ({0})^2)",
}
_PAIRS = (
    "{0} + {1}",
    "({0}) − ({1})",
    "({0}) - 2({1})",
    "({0}) * ({1})",
    "({0})({1})",
    "({0}) × ({1}) · 0.5",
    "3 ({0}) / (2 + ({1})²)",
    "(({0}) ÷ (1 + |{1}|))",
    "(1 + ({0})^2)^(tanh({1}))",
    "2^(sin({0})) - ({1})",
    "e^(cos({0})) ({1})",
    "max({0}, {1}, 0.1)",
    "min({0}, 2 ({1}))",
    "atan2({0}, 1.5 + ({1})^2)",
    "-({0}) + -({1})",
    "mse({0}, {1})",
    "huber({0}, {1})",
    "hinge({0}, {1})",
    "mae({0}, {1})",
    "bce_with_logits({0}, sigmoid({1}))",
    "binary_cross_entropy(0.1 + 0.8 sigmoid({0}), sigmoid({1}))",
    "log({0} + 9, 2 + ({1})^2)",
    "leaky_relu({0}, sigmoid({1}))",
    "elu({0}, 1 + ({1})^2)",
    "softplus({0}, 1 + |{1}|)",
    "where({0}, {1}, 2 sin({0}))",
)
_SINGLE = (
    "-({0})",
    "({0})²",
    "({0})**3",
    "({0})^2",
    "({0})⁴",
    "sin²({0})",
    "cos^3({0})",
    "2({0})",
    "({0})/3",
    "(1 + ({0})²)⁻¹",
    "(2 + cos({0}))^(-1.5)",
)
_leaves = st.sampled_from(
    [
        *NAMES,
        *NAMES,
        "2",
        "0.5",
        "1.25",
        "3e-1",
        ".75",
        "π",
        "e",
        "sin x",
        "cos 2y",
        "2x",
        "x y",
        "y²",
    ]
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda name, a: f"{name}({a})", st.sampled_from(_SAFE), inner),
        st.builds(
            lambda item, a: item[0] + item[1].format(a), st.sampled_from([*_GUARDED.items()]), inner
        ),
        st.builds(lambda form, a, b: form.format(a, b), st.sampled_from(_PAIRS), inner, inner),
        st.builds(lambda form, a: form.format(a), st.sampled_from(_SINGLE), inner),
    )


scalar_texts: st.SearchStrategy[str] = st.recursive(_leaves, _wider, max_leaves=8)
"""Formulas of x, y and w_1 that are real numbers for all of these, in many ways of writing."""

_OFFSETS = {"x": 0.37, "y": 0.5312, "w_1": 0.1459}  # so that no two are equal or opposite
points = st.fixed_dictionaries(
    {
        name: st.integers(-1993, 1993).map(lambda n, offset=offset: (n + offset) / 1000)
        for name, offset in _OFFSETS.items()
    }
)
"""Numbers that are no kink or pole of a simple formula by chance."""


# ---- values ----------------------------------------------------------------------------------


def value(formula: Formula, point: dict[str, mp.mpf], sizes: list[mp.mpf] | None = None) -> mp.mpf:
    """The formula at a point, to `DIGITS` digits; the sizes of all parts go to `sizes`."""
    values: dict[int, mp.mpf] = {}
    with mp.workdps(DIGITS):
        for node in formula.nodes():
            values[node.id] = _value(node, [values[child.id] for child in children(node)], point)
    if sizes is not None:
        sizes.extend(abs(v) for v in values.values())
    return values[formula.root.id]


def derivative(formula: Formula, point: dict[str, float], name: str) -> mp.mpf:
    """∂/∂name by a central difference, exact to some 24 digits."""
    with mp.workdps(DIGITS):
        step = mp.mpf(10) ** -12
        exact = {n: mp.mpf(v) for n, v in point.items()}
        above = value(formula, {**exact, name: exact[name] + step})
        below = value(formula, {**exact, name: exact[name] - step})
        return (above - below) / (2 * step)


def well_conditioned(formula: Formula, point: dict[str, float]) -> bool:
    """Whether float64 can be expected to be right to nine digits.

    No part is huge or nearly 0, nor is a cube root taken of 0, where it has no derivative.
    """
    sizes: list[mp.mpf] = []
    value(formula, {n: mp.mpf(v) for n, v in point.items()}, sizes)
    nodes = formula.nodes()
    roots_of_0 = any(
        size == 0 and isinstance(node, Call) and node.function == "cbrt"
        for node, size in zip(nodes, sizes, strict=True)
    )
    return not roots_of_0 and all(size == 0 or 1e-3 < size < 1e3 for size in sizes)


def _value(node: Node, parts: list[mp.mpf], point: dict[str, mp.mpf]) -> mp.mpf:
    match node:
        case Number():
            return mp.mpf(node.text)
        case Constant():
            return +(mp.pi if node.name == "pi" else mp.e)
        case Name():
            return point[node.name]
        case Unary():
            return -parts[0] if node.operator == "-" else parts[0]
        case Sum():
            total = parts[0]
            for operator, part in zip(node.operators, parts[1:], strict=True):
                total = total - part if operator == "-" else total + part
            return total
        case Product():
            return mp.fprod(parts)
        case Quotient():
            return parts[0] / parts[1]
        case Power():
            return parts[0] ** parts[1]
        case Call():
            return VALUES[node.function](*parts)
    raise AssertionError(f"no number: {node}")


def _sigmoid(x: mp.mpf) -> mp.mpf:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: mp.mpf, beta: mp.mpf = 1) -> mp.mpf:
    return mp.log(1 + mp.exp(beta * x)) / beta


def _bce(p: mp.mpf, t: mp.mpf) -> mp.mpf:
    return -t * mp.log(p) - (1 - t) * mp.log(1 - p)


def _huber(y: mp.mpf, t: mp.mpf, delta: mp.mpf = 1) -> mp.mpf:
    error = abs(y - t)
    return error**2 / 2 if error <= delta else delta * (error - mp.mpf(delta) / 2)


def _elu(x: mp.mpf, alpha: mp.mpf = 1) -> mp.mpf:
    return x if x > 0 else alpha * mp.expm1(x)


def _gelu_tanh(x: mp.mpf) -> mp.mpf:
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


_SAME_NAMES = (
    "sin cos tan sec csc cot asin acos atan asec acsc atan2 sinh cosh tanh sech csch coth "
    "asinh acosh atanh asech acsch acoth exp sqrt erf erfc sign log log10"
)
_SLOPE = mp.mpf(1) / 100

VALUES: dict[str, Callable[..., mp.mpf]] = {
    **{name: getattr(mp, name) for name in _SAME_NAMES.split()},
    "acot": lambda x: mp.atan(1 / x) if x else mp.pi / 2,
    "log2": lambda x: mp.log(x, 2),
    "cbrt": lambda x: mp.sign(x) * abs(x) ** (mp.mpf(1) / 3),
    "abs": abs,
    "where": lambda c, x, y: x if c > 0 else y,
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -_softplus(-x),
    "relu": lambda x: max(x, mp.mpf(0)),
    "leaky_relu": lambda x, slope=_SLOPE: x if x > 0 else slope * x,
    "elu": _elu,
    "selu": lambda x: (
        mp.mpf("1.0507009873554804934193349852946")
        * _elu(x, mp.mpf("1.6732632423543772848170429916717"))
    ),
    "gelu": lambda x: x * (1 + mp.erf(x / mp.sqrt(2))) / 2,
    "gelu_tanh": _gelu_tanh,
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * mp.tanh(_softplus(x)),
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "min": min,
    "max": max,
    "sum": lambda x: x,
    "mean": lambda x: x,
    "norm": abs,
    "mse": lambda y, t: (y - t) ** 2,
    "mae": lambda y, t: abs(y - t),
    "huber": _huber,
    "hinge": lambda y, t: max(mp.mpf(0), 1 - t * y),
    "binary_cross_entropy": _bce,
    "bce_with_logits": lambda z, t: _bce(_sigmoid(z), t),
}
"""By the names in `FUNCTIONS`, all that make a number of numbers."""
