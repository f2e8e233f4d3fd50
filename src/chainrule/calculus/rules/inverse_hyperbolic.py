"""Inverses of the hyperbolic functions."""

from .function import FunctionRule
from .rule import Mutation

_INVERSE = "An inverse has the reciprocal slope, taken at the other end, and cosh² − sinh² is 1."

RULES = (
    FunctionRule(
        "asinh",
        "inverse hyperbolic sine",
        "1/sqrt(u^2 + 1)",
        why=_INVERSE,
        prerequisites=("sinh", "chain"),
        mutations=(
            Mutation(
                id="asinh-sign-inside",
                after="1/sqrt(1 - u^2)*du",
                message="That is the derivative of asin; asinh has u² + 1 under the root.",
            ),
        ),
    ),
    FunctionRule(
        "acosh",
        "inverse hyperbolic cosine",
        "1/sqrt(u^2 - 1)",
        why=_INVERSE,
        prerequisites=("cosh", "chain"),
    ),
    FunctionRule(
        "atanh",
        "inverse hyperbolic tangent",
        "1/(1 - u^2)",
        why=_INVERSE,
        prerequisites=("tanh", "chain"),
        mutations=(
            Mutation(
                id="atanh-sign-inside",
                after="1/(1 + u^2)*du",
                message="That is the derivative of atan; atanh has 1 − u² below.",
            ),
        ),
    ),
    FunctionRule(
        "asech",
        "inverse hyperbolic secant",
        "-1/(u*sqrt(1 - u^2))",
        why=_INVERSE,
        prerequisites=("acosh", "chain"),
    ),
    FunctionRule(
        "acsch",
        "inverse hyperbolic cosecant",
        "-1/(abs(u)*sqrt(u^2 + 1))",
        why=_INVERSE,
        prerequisites=("asinh", "chain"),
    ),
    FunctionRule(
        "acoth",
        "inverse hyperbolic cotangent",
        "1/(1 - u^2)",
        why=_INVERSE,
        prerequisites=("atanh", "chain"),
    ),
)
