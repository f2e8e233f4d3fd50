"""Hyperbolic functions: made of eˣ and e⁻ˣ."""

from .function import FunctionRule
from .rule import Mutation

_EXPONENTIALS = "It is made of eˣ and e⁻ˣ, of which the second changes its sign."
_FROM_QUOTIENT = "It is a quotient of sinh and cosh, and cosh² − sinh² is 1."

RULES = (
    FunctionRule(
        "sinh",
        "hyperbolic sine",
        "cosh(u)",
        why=_EXPONENTIALS,
        prerequisites=("exp",),
    ),
    FunctionRule(
        "cosh",
        "hyperbolic cosine",
        "sinh(u)",
        why=_EXPONENTIALS,
        prerequisites=("exp",),
        mutations=(
            Mutation(
                id="cosh-sign",
                after="-sinh(u)*du",
                message="The derivative of cosh has no minus sign; that of cos has one.",
            ),
        ),
    ),
    FunctionRule(
        "tanh",
        "hyperbolic tangent",
        "1 - tanh^2(u)",
        why=_FROM_QUOTIENT,
        prerequisites=("quotient", "sinh", "cosh"),
        mutations=(
            Mutation(
                id="tanh-plus",
                after="(1 + tanh(u)^2)*du",
                message="It is 1 − tanh²: tanh flattens out where it comes near ±1.",
            ),
            Mutation(
                id="tanh-square-lost",
                after="(1 - tanh(u))*du",
                message="tanh is squared in its derivative: 1 − tanh².",
            ),
            Mutation(
                id="tanh-as-tan",
                after="sec(u)^2*du",
                message="That is the derivative of tan; of tanh it is 1 − tanh².",
            ),
        ),
    ),
    FunctionRule(
        "sech",
        "hyperbolic secant",
        "-sech(u)*tanh(u)",
        why="It is 1/cosh, and the reciprocal rule gives this.",
        prerequisites=("reciprocal", "cosh"),
    ),
    FunctionRule(
        "csch",
        "hyperbolic cosecant",
        "-csch(u)*coth(u)",
        why="It is 1/sinh, and the reciprocal rule gives this.",
        prerequisites=("reciprocal", "sinh"),
    ),
    FunctionRule(
        "coth",
        "hyperbolic cotangent",
        "-csch(u)^2",
        why=_FROM_QUOTIENT,
        prerequisites=("quotient", "sinh", "cosh"),
    ),
)
