"""Exercises with choices, whose truth is computed: what a notation means, what a flat place is."""

import random
from collections.abc import Callable

from chainrule.records.message import Message

from .drafts import Draft, chosen
from .numbers_at_points import slope, value

Source = random.Random


def notation(s: Source, level: int) -> Draft:
    """What a notation means."""
    a, n = s.randint(2, 6), s.randint(2, 4)
    x = s.choice((1, 2))
    formula = f"{a}x^{n}"
    at = slope(formula, "x", {"x": float(x)})
    second = a * n * (n - 1)
    match level:
        case 1 | 2:
            sign = s.choice((Message("f′({x})", x=x), Message("dy/dx at x = {x}", x=x)))
            return chosen(
                s,
                Message("y = f(x) = `{formula}`. What is {sign}?", formula=formula, sign=sign),
                Message("the number {number:g}", number=at),
                [
                    (
                        Message("the number {number:g}", number=value(formula, {"x": float(x)})),
                        "value-of-function",
                        Message("That is f itself at this point; the prime asks for its slope."),
                    ),
                    (
                        Message("the function {formula}", formula=f"{a * n}x^{n - 1}"),
                        "function-for-number",
                        Message("That is f′, the function; at one point it is a number."),
                    ),
                ],
                Message("A derivative at a point is a number: the slope there."),
            )
        case 3:
            return chosen(
                s,
                Message("y = `{formula}`. What is d²y/dx²?", formula=formula),
                f"{second}x^{n - 2}" if n > 2 else f"{second}",
                [
                    (
                        f"({a * n}x^{n - 1})²",
                        "second-as-square",
                        Message(
                            "d²y/dx² is the derivative of the derivative, not the square of dy/dx."
                        ),
                    ),
                    (
                        f"{a * n}x^{n - 1}",
                        "first-for-second",
                        Message("That is dy/dx; the 2 asks to differentiate once more."),
                    ),
                ],
                Message("d²y/dx² means d/dx of dy/dx."),
            )
        case _:
            names = s.choice((("x", "y"), ("w", "b")))
            return chosen(
                s,
                Message(
                    "L({first}, {second}) is one number. What is ∇L?",
                    first=names[0],
                    second=names[1],
                ),
                Message("a vector of 2 numbers, one for each variable"),
                [
                    (
                        Message("one number"),
                        "gradient-as-number",
                        Message("∇ makes a vector out of one number: its slope for each variable."),
                    ),
                    (
                        Message("a 2 × 2 matrix"),
                        "gradient-as-matrix",
                        Message("That is the matrix of second derivatives; ∇L has the first ones."),
                    ),
                    (
                        f"∂L/∂{names[0]} + ∂L/∂{names[1]}",
                        "gradient-as-sum",
                        Message(
                            "The partial derivatives stand beside one another, they are not added."
                        ),
                    ),
                ],
                Message("∇L holds the partial derivatives, one for each variable."),
            )


def flat_places(s: Source, level: int) -> Draft:
    """What kind of flat place it is."""
    signs = {1: (1, 1), 2: s.choice(((1, 1), (-1, -1), (1, -1)))}.get(
        level, s.choice(((1, 1), (-1, -1), (1, -1), (-1, 1), (1, 0)))
    )
    a, b = (sign * s.randint(1, 6) for sign in signs)
    fourth = s.choice((1, -1)) if b == 0 else 0
    formula = f"{a}x^2 + {b}y^2" if b else f"{a}x^2 + {fourth}y^4"
    formula = formula.replace("+ -", "- ").replace("1x", "x").replace("1y", "y")
    low = [value(formula, {"x": dx, "y": dy}) for dx, dy in ((0.1, 0.0), (0.0, 0.1))]
    kind = "minimum" if min(low) > 0 else "maximum" if max(low) < 0 else "saddle"
    said = {
        "minimum": Message("a minimum: it rises in every direction"),
        "maximum": Message("a maximum: it falls in every direction"),
        "saddle": Message("a saddle: it rises in one direction and falls in another"),
    }
    why = Message("Along x it {x}, along y it {y}.", x=_goes(low[0]), y=_goes(low[1]))
    wrong = [
        (
            text,
            f"{other}-for-{kind}",
            Message("{why} That is {kind}.", why=why, kind=said[kind]),
        )
        for other, text in said.items()
        if other != kind
    ]
    return chosen(
        s,
        Message(
            "`{formula}` is flat at (0, 0): its gradient is 0 there. What is this place?",
            formula=formula,
        ),
        said[kind],
        wrong,
        why,
    )


def _goes(change: float) -> Message:
    return Message("rises") if change > 0 else Message("falls")


CHOICES: dict[str, Callable[[Source, int], Draft]] = {
    "notation": notation,
    "flat-places": flat_places,
}
"""By skill."""
