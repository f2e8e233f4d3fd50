"""Mistakes that are made with the whole: nothing differentiated, integrated, another variable."""

from chainrule.calculus.rules import Mutation

NOT_DIFFERENTIATED = Mutation(
    id="not-differentiated",
    after="f",
    message="That is the function itself: it has not been differentiated.",
)
INTEGRATED = Mutation(
    id="integrated",
    after="F",
    message="That is an integral: its derivative is the function of the question. Asked is the "
    "derivative of the function.",
)
TWICE = Mutation(
    id="differentiated-twice",
    after="ddf",
    message="That is the second derivative: it has been differentiated once too often.",
)
WHOLE_SIGN = Mutation(
    id="sign-of-whole",
    after="-df",
    message="Everything is right but the sign of the whole.",
)
OTHER_VARIABLE = Mutation(
    id="other-variable",
    after="df/dv",
    message="That is the derivative by {other}; asked is the one by {variable}.",
)
ALL_VARIABLES = Mutation(
    id="all-variables",
    after="df/dx + df/dy",
    message="The function was differentiated by every variable, and the derivatives were added. "
    "Asked is the derivative by {variable} alone, with the others held constant.",
)
RECIPROCAL = Mutation(
    id="reciprocal-of-whole",
    after="1/df",
    message="That is 1 over the derivative: how fast {variable} moves with the function, not the "
    "function with {variable}.",
)
FUNCTION_VALUE = Mutation(
    id="value-of-function",
    after="f",
    message="That is the value of the function at this point; asked is its slope there.",
)
WRONG_POINT = Mutation(
    id="wrong-point",
    after="df",
    message="That is the slope at {place}; asked is the one at {point}.",
)

OF_WHOLE = frozenset(
    each.id
    for each in (
        NOT_DIFFERENTIATED,
        INTEGRATED,
        TWICE,
        WHOLE_SIGN,
        OTHER_VARIABLE,
        ALL_VARIABLES,
        RECIPROCAL,
    )
)
"""Their ids. What they say of an answer is true of it, however it came about."""
