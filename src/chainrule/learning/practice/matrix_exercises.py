"""Gradients by vectors and matrices: whole, as a formula of them, or one entry as a number."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope

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


def entry_of_squares(s: Source, level: int) -> Draft:
    """An entry of 2Xᵀ(Xw − y)."""
    rows = 2 if level < 4 else 3
    X = [[s.randint(-3, 4) for _ in range(2)] for _ in range(rows)]
    w, y = [s.randint(-2, 3) for _ in range(2)], [s.randint(-3, 4) for _ in range(rows)]
    column = s.randrange(2)
    terms = " + ".join(f"({r[0]}*a + {r[1]}*b - {t})^2" for r, t in zip(X, y, strict=True))
    formula = terms.replace("- -", "+ ").replace("+ -", "- ")
    at = {"a": float(w[0]), "b": float(w[1])}
    right = slope(formula, "ab"[column], at)
    errors = [r[0] * w[0] + r[1] * w[1] - t for r, t in zip(X, y, strict=True)]
    first = 2.0 * X[0][column] * errors[0]
    return Draft(
        kind="value",
        question=Message(
            "X = {X}, w = {w}, y = {y} and L = ‖Xw − y‖². What is ∂L/∂w_{entry}?",
            X=X,
            w=w,
            y=y,
            entry=column + 1,
        ),
        formula=formula,
        wrt="ab"[column],
        at=tuple(at.items()),
        truth=right,
        mistakes=(
            Mistake(
                id="two-lost",
                value=right / 2,
                message="The 2 of the square is missing: ∇L = 2Xᵀ(Xw − y).",
            ),
            Mistake(
                id="examples-not-added",
                value=first,
                message="That is the first example alone: w is used by every row, and what they "
                "bring adds.",
            ),
            Mistake(
                id="inputs-left-out",
                value=2.0 * sum(errors),
                message="The inputs are missing: an error reaches w_j through X_ij.",
            ),
            Mistake(
                id="other-entry",
                value=slope(formula, "ab"[1 - column], at),
                message="That is the other entry of the gradient.",
            ),
        ),
        steps=(
            Message("The errors Xw − y are {errors}.", errors=errors),
            Message("2·Σ X_i{entry}·error_i = {slope}.", entry=column + 1, slope=shown(right)),
        ),
    )
