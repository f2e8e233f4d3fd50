"""Gradients by vectors and matrices, answered by a formula of them."""

import random

from chainrule.records.message import Message

from .drafts import Draft

Source = random.Random


def squared_error(s: Source) -> Draft:
    """The gradient of a squared length of what a matrix makes of a vector."""
    matrix, by, other = s.choice((("X", "w", "y"), ("A", "x", "b"), ("A", "u", "c")))
    factor = s.choice(("", "1/2*", "3 ", "5 "))
    return _asked(f"{factor}norm({matrix} @ {by} - {other})^2", by)


def with_penalty(s: Source) -> Draft:
    """The same with a second term in which the vector stands once more."""
    matrix, by, other = s.choice((("X", "w", "y"), ("A", "x", "b")))
    penalty = s.choice((f"{s.randint(2, 6)} norm({by})^2", f"dot({by}, {by})"))
    return _asked(f"sum(({matrix} @ {by} - {other})^2) + {penalty}", by)


def _asked(formula: str, by: str) -> Draft:
    return Draft(
        kind="derivative",
        question=Message(
            "Capital letters are matrices, small ones vectors. What is the gradient of `{formula}` "
            "by {variable}? A transpose is typed as A^T.",
            formula=formula,
            variable=by,
        ),
        formula=formula,
        wrt=by,
    )
