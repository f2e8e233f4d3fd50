"""Sine, cosine and their kin."""

from .function import FunctionRule
from .rule import Mutation

_CIRCLE = "On the unit circle the point moves at right angles to where it is."
_FROM_QUOTIENT = "It is a quotient of sine and cosine, and the quotient rule gives this."

RULES = (
    FunctionRule(
        "sin",
        "sine",
        "cos(u)",
        why=_CIRCLE,
        mutations=(
            Mutation(
                id="sin-sign",
                after="-cos(u)*du",
                message="The derivative of sine is +cosine; the minus belongs to cosine's.",
            ),
        ),
    ),
    FunctionRule(
        "cos",
        "cosine",
        "-sin(u)",
        why=_CIRCLE,
        prerequisites=("sin",),
        mutations=(
            Mutation(
                id="cos-sign",
                after="sin(u)*du",
                message="The derivative of cosine is −sine: where sine is positive, cosine falls.",
            ),
        ),
    ),
    FunctionRule(
        "tan",
        "tangent",
        "sec^2(u)",
        why=_FROM_QUOTIENT,
        prerequisites=("quotient", "sin", "cos"),
        mutations=(
            Mutation(
                id="tan-square-lost",
                after="sec(u)*du",
                message="The derivative of tan is sec squared.",
            ),
            Mutation(
                id="tan-as-quotient",
                after="-cot(u)*du",
                message="tan is sin/cos, but the derivative of a quotient is not the quotient of "
                "the derivatives.",
            ),
        ),
    ),
    FunctionRule(
        "sec",
        "secant",
        "sec(u)*tan(u)",
        why="It is 1/cos, and the reciprocal rule gives this.",
        prerequisites=("reciprocal", "cos"),
        mutations=(
            Mutation(
                id="sec-sign",
                after="-sec(u)*tan(u)*du",
                message="The derivative of sec has no minus sign; that of csc has one.",
            ),
        ),
    ),
    FunctionRule(
        "csc",
        "cosecant",
        "-csc(u)*cot(u)",
        why="It is 1/sin, and the reciprocal rule gives this.",
        prerequisites=("reciprocal", "sin"),
        mutations=(
            Mutation(
                id="csc-sign",
                after="csc(u)*cot(u)*du",
                message="The derivative of csc has a minus sign, as all that begin with co-.",
            ),
        ),
    ),
    FunctionRule(
        "cot",
        "cotangent",
        "-csc^2(u)",
        why=_FROM_QUOTIENT,
        prerequisites=("quotient", "sin", "cos"),
        mutations=(
            Mutation(
                id="cot-sign",
                after="csc(u)^2*du",
                message="The derivative of cot has a minus sign, as all that begin with co-.",
            ),
        ),
    ),
)
