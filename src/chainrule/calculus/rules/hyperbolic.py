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
        mutations=(
            Mutation(
                id="sinh-sign",
                after="-cosh(u)*du",
                message="The derivative of sinh is cosh, without a minus sign: both rise for "
                "positive arguments.",
            ),
            Mutation(
                id="sinh-as-sin",
                after="cos(u)*du",
                message="That is the derivative of sin; of sinh it is cosh.",
            ),
        ),
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
        mutations=(
            Mutation(
                id="sech-sign",
                after="sech(u)*tanh(u)*du",
                message="sech falls where its argument is positive: its derivative has a minus "
                "sign, which that of sec has not.",
            ),
        ),
    ),
    FunctionRule(
        "csch",
        "hyperbolic cosecant",
        "-csch(u)*coth(u)",
        why="It is 1/sinh, and the reciprocal rule gives this.",
        prerequisites=("reciprocal", "sinh"),
        mutations=(
            Mutation(
                id="csch-sign",
                after="csch(u)*coth(u)*du",
                message="csch falls on both sides of 0: its derivative has a minus sign.",
            ),
            Mutation(
                id="csch-as-csc",
                after="-csc(u)*cot(u)*du",
                message="That is the derivative of csc; of csch it is −csch·coth.",
            ),
        ),
    ),
    FunctionRule(
        "coth",
        "hyperbolic cotangent",
        "-csch(u)^2",
        why=_FROM_QUOTIENT,
        prerequisites=("quotient", "sinh", "cosh"),
        mutations=(
            Mutation(
                id="coth-sign",
                after="csch(u)^2*du",
                message="coth falls on both sides of 0: its derivative has a minus sign.",
            ),
            Mutation(
                id="coth-square-lost",
                after="-csch(u)*du",
                message="The derivative of coth is −csch squared.",
            ),
        ),
    ),
)
