"""Exponentials, logarithms and roots by their names."""

from .function import FunctionRule
from .rule import Mutation

RULES = (
    FunctionRule(
        "exp",
        "exponential function",
        "exp(u)",
        why="eˣ grows as fast as it is large: it is its own slope.",
        mutations=(
            Mutation(
                id="exp-as-power",
                after="u*exp(u - 1)*du",
                message="The power rule was used on an exponential: there the exponent moves, not "
                "the base.",
            ),
        ),
    ),
    FunctionRule(
        "log",
        "logarithm",
        "1/(u*log(v))",
        "-log(u)/(v*log(v)^2)",
        short="1/u",
        why="It is the inverse of the exponential, so its slope is 1 over what it is taken of.",
        prerequisites=("exp", "reciprocal"),
        mutations=(
            Mutation(
                id="log-of-derivative",
                after="log(du)",
                message="The inside of the logarithm was differentiated and the logarithm kept: "
                "its own derivative is 1/u.",
            ),
            Mutation(
                id="log-reciprocal",
                after="1/log(u)*du",
                message="The derivative of ln u is 1/u, not 1/ln u.",
            ),
        ),
    ),
    FunctionRule(
        "log2",
        "logarithm to the base 2",
        "1/(u*log(2))",
        why="log₂ u is ln u / ln 2.",
        prerequisites=("log",),
        mutations=(
            Mutation(
                id="log2-base-lost",
                after="1/u*du",
                message="1/u is the derivative of ln; for base 2 it is divided by ln 2.",
            ),
        ),
    ),
    FunctionRule(
        "log10",
        "logarithm to the base 10",
        "1/(u*log(10))",
        why="log₁₀ u is ln u / ln 10.",
        prerequisites=("log",),
        mutations=(
            Mutation(
                id="log10-base-lost",
                after="1/u*du",
                message="1/u is the derivative of ln; for base 10 it is divided by ln 10.",
            ),
        ),
    ),
    FunctionRule(
        "sqrt",
        "square root",
        "1/(2 sqrt(u))",
        why="√u is u to the power 1/2, and the power rule gives this.",
        prerequisites=("power",),
        mutations=(
            Mutation(
                id="sqrt-half-lost",
                after="1/sqrt(u)*du",
                message="The 2 below is missing: √u is u^(1/2), and the 1/2 comes down.",
            ),
            Mutation(
                id="sqrt-of-derivative",
                after="sqrt(du)",
                message="The inside was differentiated and the root kept: the root itself has the "
                "derivative 1/(2√u).",
            ),
        ),
    ),
    FunctionRule(
        "cbrt",
        "cube root",
        "1/(3 cbrt(u)^2)",
        why="∛u is u to the power 1/3, and the power rule gives this.",
        prerequisites=("power",),
        mutations=(
            Mutation(
                id="cbrt-third-lost",
                after="1/cbrt(u)^2*du",
                message="The 3 below is missing: ∛u is u^(1/3), and the 1/3 comes down.",
            ),
            Mutation(
                id="cbrt-exponent",
                after="1/(3 cbrt(u))*du",
                message="The exponent goes down by one, from 1/3 to −2/3: the root below is "
                "squared.",
            ),
        ),
    ),
)
