"""Inverses of sine, cosine and their kin, and the angle of a point."""

from .function import FunctionRule
from .rule import Mutation

_INVERSE = "An inverse has the reciprocal slope, taken at the other end: Pythagoras does the rest."

RULES = (
    FunctionRule(
        "asin",
        "inverse sine",
        "1/sqrt(1 - u^2)",
        why=_INVERSE,
        prerequisites=("sin", "chain"),
        mutations=(
            Mutation(
                id="asin-root-lost",
                after="1/(1 - u^2)*du",
                message="The root is missing: the derivative of asin is 1/√(1 − u²).",
            ),
            Mutation(
                id="asin-as-reciprocal",
                after="-cos(u)/sin(u)^2*du",
                message="asin, also written sin⁻¹, is the inverse of sine, not 1/sin.",
            ),
        ),
    ),
    FunctionRule(
        "acos",
        "inverse cosine",
        "-1/sqrt(1 - u^2)",
        why=_INVERSE,
        prerequisites=("cos", "chain"),
        mutations=(
            Mutation(
                id="acos-sign",
                after="1/sqrt(1 - u^2)*du",
                message="acos falls everywhere: its derivative has a minus sign.",
            ),
        ),
    ),
    FunctionRule(
        "atan",
        "inverse tangent",
        "1/(1 + u^2)",
        why=_INVERSE,
        prerequisites=("tan", "chain"),
        mutations=(
            Mutation(
                id="atan-root",
                after="1/sqrt(1 + u^2)*du",
                message="There is no root in the derivative of atan; that is asinh's.",
            ),
            Mutation(
                id="atan-sign-inside",
                after="1/(1 - u^2)*du",
                message="The derivative of atan has 1 + u² below; 1 − u² is atanh's.",
            ),
        ),
    ),
    FunctionRule(
        "asec",
        "inverse secant",
        "1/(abs(u)*sqrt(u^2 - 1))",
        why=_INVERSE,
        prerequisites=("acos", "chain"),
        mutations=(
            Mutation(
                id="asec-sign",
                after="-1/(abs(u)*sqrt(u^2 - 1))*du",
                message="asec rises on both sides, so its derivative has no minus sign; that of "
                "acsc has one.",
            ),
            Mutation(
                id="asec-bars-lost",
                after="1/(u*sqrt(u^2 - 1))*du",
                message="The bars are missing: left of −1 asec rises as well, so u stands below "
                "as |u|.",
            ),
        ),
    ),
    FunctionRule(
        "acsc",
        "inverse cosecant",
        "-1/(abs(u)*sqrt(u^2 - 1))",
        why=_INVERSE,
        prerequisites=("asin", "chain"),
        mutations=(
            Mutation(
                id="acsc-sign",
                after="1/(abs(u)*sqrt(u^2 - 1))*du",
                message="acsc falls on both sides: its derivative has a minus sign.",
            ),
        ),
    ),
    FunctionRule(
        "acot",
        "inverse cotangent",
        "-1/(1 + u^2)",
        why=_INVERSE,
        prerequisites=("atan", "chain"),
        mutations=(
            Mutation(
                id="acot-sign",
                after="1/(1 + u^2)*du",
                message="acot falls everywhere: its derivative has a minus sign.",
            ),
        ),
    ),
    FunctionRule(
        "atan2",
        "angle of a point",
        "v/(u^2 + v^2)",
        "-u/(u^2 + v^2)",
        why="The angle turns by the part of the movement across the ray, over the distance.",
        prerequisites=("atan", "quotient"),
        border="where(v, 1, u)",
        mutations=(
            Mutation(
                id="atan2-inner-lost",
                after="du/(1 + (u/v)^2)",
                message="That is the slope of atan at u/v. How fast does the quotient u/v itself "
                "move? Its derivative is a factor.",
            ),
            Mutation(
                id="atan2-turned",
                after="u/(u^2 + v^2)*du - v/(u^2 + v^2)*dv",
                message="The numerators were exchanged: by the first argument the slope has the "
                "second one above, and the other way round.",
            ),
        ),
    ),
)
