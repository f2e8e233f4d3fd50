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
        mutations=(
            Mutation(
                id="acosh-sign-inside",
                after="1/sqrt(u^2 + 1)*du",
                message="That is the derivative of asinh; acosh has u² − 1 under the root.",
            ),
        ),
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
        mutations=(
            Mutation(
                id="asech-sign",
                after="1/(u*sqrt(1 - u^2))*du",
                message="asech falls everywhere: its derivative has a minus sign.",
            ),
            Mutation(
                id="asech-factor-lost",
                after="-1/sqrt(1 - u^2)*du",
                message="That is the derivative of acos; asech has u·√(1 − u²) below.",
            ),
        ),
    ),
    FunctionRule(
        "acsch",
        "inverse hyperbolic cosecant",
        "-1/(abs(u)*sqrt(u^2 + 1))",
        why=_INVERSE,
        prerequisites=("asinh", "chain"),
        mutations=(
            Mutation(
                id="acsch-sign-inside",
                after="-1/(abs(u)*sqrt(1 - u^2))*du",
                message="acsch has u² + 1 under the root; 1 − u² belongs to asech.",
            ),
            Mutation(
                id="acsch-bars-lost",
                after="-1/(u*sqrt(u^2 + 1))*du",
                message="The bars are missing: left of 0 acsch falls as well, so u stands below "
                "as |u|.",
            ),
        ),
    ),
    FunctionRule(
        "acoth",
        "inverse hyperbolic cotangent",
        "1/(1 - u^2)",
        why=_INVERSE,
        prerequisites=("atanh", "chain"),
        mutations=(
            Mutation(
                id="acoth-sign",
                after="-1/(1 - u^2)*du",
                message="acoth and atanh have the same formula for their derivative, without a "
                "minus sign: they differ in where they are defined.",
            ),
            Mutation(
                id="acoth-as-acot",
                after="-1/(1 + u^2)*du",
                message="That is the derivative of acot; of acoth it is 1/(1 − u²).",
            ),
        ),
    ),
)
