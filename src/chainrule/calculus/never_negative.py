"""Whether an expression can be negative, as far as its form says."""

from .build import exact
from .fraction import factor_list
from .tree import Call, Constant, Node, Power, Product, Sum, Unary

_OF_ONE = frozenset(
    {"exp", "sqrt", "abs", "cosh", "sech", "sigmoid", "softplus", "relu", "acosh", "asech", "acos"}
)
_OF_TWO = frozenset({"mse", "mae", "hinge"})
"""Functions of so many arguments whose values are 0 or more."""


def never_negative(node: Node) -> bool:
    """Whether a part is 0 or more wherever it has a value, as far as its form says."""
    value = exact(node)
    if value is not None:
        return value >= 0
    match node:
        case Constant():
            return True
        case Call():
            return (node.function in _OF_ONE and len(node.arguments) == 1) or (
                node.function in _OF_TWO and len(node.arguments) == 2
            )
        case Power():
            exponent = exact(node.exponent)
            even = exponent is not None and exponent.denominator == 1 and exponent % 2 == 0
            return even or never_negative(node.base)
        case Product():
            return all(map(never_negative, node.factors))
        case Sum():
            return "-" not in node.operators and all(map(never_negative, node.terms))
        case Unary():
            return node.operator == "+" and never_negative(node.operand)
        case _:
            found = factor_list(node)
            parts = (*found.above, *found.below)
            return len(parts) > 1 and found.sign > 0 and all(map(never_negative, parts))
