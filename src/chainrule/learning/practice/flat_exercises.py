"""Flat places: where they are, and what they are where the axes do not tell."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake, chosen
from .numbers_at_points import shown, slope, value

Source = random.Random

MINIMUM = Message("a minimum: it rises in every direction")
MAXIMUM = Message("a maximum: it falls in every direction")
SADDLE = Message("a saddle: it rises in one direction and falls in another")


def place_of_slope_zero(s: Source) -> Draft:
    """Where a parabola is flat."""
    a, b, c = s.choice((1, 2, 4, 5)), s.choice((2, 3, 4, 6, 8)), s.randint(1, 9)
    formula = f"x^2 - {b}x + {c}" if a == 1 else f"{a}x^2 - {b}x + {c}"
    right = b / (2 * a)
    return Draft(
        kind="value",
        question=Message("Where is `{formula}` flat? Give x.", formula=formula),
        formula=formula,
        wrt="x",
        truth=right,
        mistakes=(
            Mistake(
                id="power-factor-lost",
                value=b / a,
                message="The derivative of x² is 2x: the 2 is missing.",
            ),
            Mistake(
                id="value-for-place",
                value=value(formula, {"x": right}),
                message="That is the value there; asked is the place x.",
            ),
            Mistake(
                id="sign-of-place", value=-right, message="The size is right, but not the sign."
            ),
            Mistake(
                id="slope-at-zero",
                value=-float(b),
                message="That is the slope at x = 0; asked is the x at which the slope is 0.",
            ),
        ),
        steps=(
            Message("Differentiate, and ask for which x the derivative is 0."),
            Message("{slope}x − {b} = 0 for x = {right}.", slope=2 * a, b=b, right=shown(right)),
        ),
        idea=Message("Flat means that the slope is 0."),
    )


def plateau_or_minimum(s: Source) -> Draft:
    """A gradient near 0 that is no minimum."""
    far = s.choice((-8, -9, -10, -12))
    formula = "(1 - sigmoid(w))^2"
    at = {"w": float(far)}
    there, own = value(formula, at), slope(formula, "w", at)
    right = Message("a plateau: the slope is nearly 0, but further on the loss falls")
    return chosen(
        s,
        Message(
            "The loss is `{formula}`. At w = {w} it is {value:.3f} and its slope {slope:.1e}. What "
            "is this place?",
            formula=formula,
            w=shown(at["w"]),
            value=there,
            slope=own,
        ),
        right,
        [
            (
                MINIMUM,
                "minimum-for-plateau",
                Message(
                    "A small slope is no minimum: for large w the sigmoid is nearly 1, and "
                    "the loss "
                    "nearly 0."
                ),
            ),
            (
                SADDLE,
                "saddle-for-plateau",
                Message("There is one direction only, and along it the loss falls all the time."),
            ),
            (
                MAXIMUM,
                "maximum-for-plateau",
                Message(
                    "To the left the loss still rises a little: the slope has one sign everywhere."
                ),
            ),
        ],
        Message(
            "The slope is {slope:.1e}, not 0. At w = 5 the loss is {beyond:.1e}: it falls, only "
            "very slowly here.",
            slope=own,
            beyond=value(formula, {"w": 5.0}),
        ),
        idea=Message("A slope near 0 can mean two things. What is the loss elsewhere?"),
        way=Message("Compare the loss at this place with the loss where w is large."),
    )


def saddle_between_axes(s: Source) -> Draft:
    """A place that rises along both axes, with or without a fall between them."""
    a, b = s.randint(1, 4), s.randint(1, 4)
    falls = s.random() < 0.5
    # 4ab − c² is the determinant of the Hessian; c is chosen a whole number away from where it is 0
    root = int(2 * (a * b) ** 0.5)
    c = root + s.randint(1, 3) if falls else max(1, root - s.randint(1, 2))
    if not falls and c * c >= 4 * a * b:
        a, b, c = 2, 2, 1
    sign = s.choice("+-")
    formula = f"{a}x^2 {sign} {c}x y + {b}y^2"
    formula = formula.replace("1x", "x").replace("1y", "y")
    determinant = 4 * a * b - c * c
    right, other = (SADDLE, MINIMUM) if falls else (MINIMUM, SADDLE)
    return chosen(
        s,
        Message(
            "`{formula}` is flat at (0, 0), and it rises along both axes. What is this place?",
            formula=formula,
        ),
        right,
        [
            (
                other,
                "axes-for-all-directions" if falls else "mixed-term-for-saddle",
                Message(
                    "The axes are two directions among many: between them the term with x y "
                    "can win."
                )
                if falls
                else Message(
                    "The term with x y is too small to win against both squares in any direction."
                ),
            ),
            (
                MAXIMUM,
                "maximum-for-minimum",
                Message("Along x it rises, so that it is no maximum."),
            ),
        ],
        Message(
            "The Hessian has the determinant {determinant}: {sign}.",
            determinant=f"2·{a}·2·{b} − {c}² = {determinant}",
            sign=Message("it is below 0, so it is a saddle")
            if falls
            else Message("it is above 0 and the place rises along x, so it is a minimum"),
        ),
        idea=Message("The axes are two directions only. The Hessian knows all of them."),
        way=Message(
            "The Hessian is [[{a}, {c}], [{c}, {b}]]. Is its determinant above or below 0?",
            a=2 * a,
            b=2 * b,
            c=c if sign == "+" else -c,
        ),
    )


def what_hessian_says(s: Source) -> Draft:
    """The kind of a flat place by the eigenvalues of its Hessian."""
    first, second = s.choice(((3, 1), (-2, -5), (4, -1), (0.5, 2), (-0.5, 6), (-1, -3)))
    kind = 0 if min(first, second) > 0 else 1 if max(first, second) < 0 else 2
    said = (MINIMUM, MAXIMUM, SADDLE)
    names = ("minimum", "maximum", "saddle")
    return chosen(
        s,
        Message(
            "The gradient is 0, and the Hessian has the eigenvalues {first} and {second}. What is "
            "this place?",
            first=shown(first),
            second=shown(second),
        ),
        said[kind],
        [
            (
                each,
                f"{name}-for-{names[kind]}",
                Message(
                    "An eigenvalue above 0 means that it rises in its direction, one below 0 "
                    "that it "
                    "falls."
                ),
            )
            for each, name in zip(said, names, strict=True)
            if each != said[kind]
        ],
        Message(
            "The eigenvalues are the curvatures {first} and {second}: {kind}.",
            first=shown(first),
            second=shown(second),
            kind=said[kind],
        ),
        idea=Message("An eigenvalue of the Hessian is the curvature in its direction."),
        way=Message("Look at the sign of each eigenvalue: does it rise or fall in that direction?"),
    )
