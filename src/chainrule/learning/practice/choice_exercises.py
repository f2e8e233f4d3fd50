"""Exercises with choices, whose truth is computed: what a notation means, what a flat place is."""

import random
from collections.abc import Callable

from .drafts import Draft, chosen
from .number_exercises import slope, value

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
            sign = s.choice((f"f′({x})", f"dy/dx at x = {x}"))
            return chosen(
                s,
                f"y = f(x) = `{formula}`. What is {sign}?",
                f"the number {at:g}",
                [
                    (
                        f"the number {value(formula, {'x': float(x)}):g}",
                        "value-of-function",
                        "That is f itself at this point; the prime asks for its slope.",
                    ),
                    (
                        f"the function {a * n}x^{n - 1}",
                        "function-for-number",
                        "That is f′, the function; at one point it is a number.",
                    ),
                ],
                "A derivative at a point is a number: the slope there.",
            )
        case 3:
            return chosen(
                s,
                f"y = `{formula}`. What is d²y/dx²?",
                f"{second}x^{n - 2}" if n > 2 else f"{second}",
                [
                    (
                        f"({a * n}x^{n - 1})²",
                        "second-as-square",
                        "d²y/dx² is the derivative of the derivative, not the square of dy/dx.",
                    ),
                    (
                        f"{a * n}x^{n - 1}",
                        "first-for-second",
                        "That is dy/dx; the 2 asks to differentiate once more.",
                    ),
                ],
                "d²y/dx² means d/dx of dy/dx.",
            )
        case _:
            names = s.choice((("x", "y"), ("w", "b")))
            return chosen(
                s,
                f"L({names[0]}, {names[1]}) is one number. What is ∇L?",
                "a vector of 2 numbers, one for each variable",
                [
                    ("one number", "gradient-as-number", "∇ makes a vector of one number."),
                    (
                        "a 2 × 2 matrix",
                        "gradient-as-matrix",
                        "That is the matrix of second derivatives; ∇L has the first ones.",
                    ),
                    (
                        f"∂L/∂{names[0]} + ∂L/∂{names[1]}",
                        "gradient-as-sum",
                        "The partial derivatives stand beside one another, they are not added.",
                    ),
                ],
                "∇L holds the partial derivatives, one for each variable.",
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
        "minimum": "a minimum: it rises in every direction",
        "maximum": "a maximum: it falls in every direction",
        "saddle": "a saddle: it rises in one direction and falls in another",
    }
    wrong = [
        (
            text,
            f"{other}-for-{kind}",
            f"Along x it {_goes(low[0])}, along y it {_goes(low[1])}: that is {said[kind]}.",
        )
        for other, text in said.items()
        if other != kind
    ]
    return chosen(
        s,
        f"`{formula}` is flat at (0, 0): its gradient is 0 there. What is this place?",
        said[kind],
        wrong,
        f"Along x it {_goes(low[0])}, along y it {_goes(low[1])}.",
    )


def _goes(change: float) -> str:
    return "rises" if change > 0 else "falls"


CHOICES: dict[str, Callable[[Source, int], Draft]] = {
    "notation": notation,
    "flat-places": flat_places,
}
"""By skill."""
