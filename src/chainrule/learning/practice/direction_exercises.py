"""Several variables at once: components, directions, steepest slopes and second derivatives."""

import math
import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake, chosen
from .numbers_at_points import second_slope, shown, slope, value

Source = random.Random


def _hill(s: Source) -> tuple[str, dict[str, float]]:
    a, b, c = s.randint(1, 4), s.randint(1, 3), s.randint(1, 4)
    first = "x^2" if a == 1 else f"{a}x^2"
    last = "y^2" if c == 1 else f"{c}y^2"
    middle = "x y" if b == 1 else f"{b}x y"
    at = {"x": float(s.choice((1, 2, -1, 3))), "y": float(s.choice((1, -2, 2, -1)))}
    return f"{first} + {middle} + {last}", at


def _place(at: dict[str, float]) -> str:
    return f"({', '.join(shown(each) for each in at.values())})"


def component(s: Source) -> Draft:
    """One entry of a gradient at a point."""
    formula, at = _hill(s)
    i = s.randrange(2)
    g = [slope(formula, each, at) for each in "xy"]
    return Draft(
        kind="value",
        question=Message(
            "What is entry {place} of ∇f for f(x, y) = `{formula}`, at {at}?",
            place=i + 1,
            formula=formula,
            at=_place(at),
        ),
        formula=formula,
        wrt="xy"[i],
        at=tuple(at.items()),
        truth=g[i],
        mistakes=(
            Mistake(
                id="other-entry", value=g[1 - i], message="That is the other entry of the gradient."
            ),
            Mistake(
                id="value-of-function",
                value=value(formula, at),
                message="That is the value of f; the gradient has its slopes.",
            ),
            Mistake(
                id="gradient-as-sum",
                value=g[0] + g[1],
                message="The partial derivatives stand beside one another, they are not added.",
            ),
        ),
        steps=(
            Message(
                "Entry {place} is the derivative by {variable}, with the other one held still.",
                place=i + 1,
                variable="xy"[i],
            ),
            Message("At this point it is {right}.", right=shown(g[i])),
        ),
        idea=Message("The gradient has one entry for each variable, in their order."),
    )


def slope_in_direction(s: Source) -> Draft:
    """The slope in a direction that is not of length 1."""
    formula, at = _hill(s)
    v = s.choice(((3, 4), (4, 3), (-3, 4), (3, -4), (6, 8), (5, 12)))
    length = math.hypot(*v)
    g = [slope(formula, each, at) for each in "xy"]
    dot = g[0] * v[0] + g[1] * v[1]
    return Draft(
        kind="value",
        question=Message(
            "How steep is f(x, y) = `{formula}` at {at} in the direction of v = {v}? (Per unit of "
            "length.)",
            formula=formula,
            at=_place(at),
            v=v,
        ),
        formula=formula,
        wrt="x,y",
        at=tuple(at.items()),
        truth=dot / length,
        mistakes=(
            Mistake(
                id="direction-not-of-length-one",
                value=dot,
                message="The direction has to have length 1 first: divide by the length of v.",
            ),
            Mistake(
                id="steepest-for-direction",
                value=math.hypot(*g),
                message="That is the slope in the steepest direction; asked is the one along v.",
            ),
            Mistake(
                id="length-squared",
                value=dot / length**2,
                message="It is divided by the length of v, not by its square.",
            ),
        ),
        steps=(
            Message(
                "The gradient here is ({first}, {second}).", first=shown(g[0]), second=shown(g[1])
            ),
            Message(
                "∇f·v/‖v‖ = {dot}/{length} = {right}.",
                dot=shown(dot),
                length=shown(length),
                right=shown(dot / length),
            ),
        ),
        idea=Message("In a direction u of length 1 the slope is ∇f · u."),
    )


def steepest_descent(s: Source) -> Draft:
    """The direction in which f falls fastest."""
    while True:
        formula, at = _hill(s)
        g = [slope(formula, each, at) for each in "xy"]
        x, y = at.values()
        # else the way to the minimum would be the steepest one, or an entry be 0
        if abs(g[0] * y - g[1] * x) > 0.5 and all(g) and abs(g[0]) != abs(g[1]):
            break
    return chosen(
        s,
        Message(
            "f(x, y) = `{formula}` has its minimum at (0, 0). In which direction does it fall "
            "fastest at {at}?",
            formula=formula,
            at=_place(at),
        ),
        _vector(-g[0], -g[1]),
        [
            (_vector(*g), "step-uphill", Message("That is the gradient: there f rises fastest.")),
            (
                _vector(-x, -y),
                "towards-minimum",
                Message(
                    "That points at the minimum. The steepest way down is −∇f here; it need not "
                    "point there."
                ),
            ),
            (
                _vector(-g[1], g[0]),
                "along-contour",
                Message(
                    "That is at a right angle to the gradient: along it f does not change at first."
                ),
            ),
        ],
        Message(
            "∇f = {gradient} here, and f falls fastest against it: {right}.",
            gradient=_vector(*g),
            right=_vector(-g[0], -g[1]),
        ),
        idea=Message("The gradient points where f rises fastest, seen from this point."),
        way=Message("The gradient at this point is {gradient}.", gradient=_vector(*g)),
    )


def _vector(x: float, y: float) -> str:
    return f"({shown(x)}, {shown(y)})"


def steepest_slope(s: Source) -> Draft:
    """How steep the steepest direction is."""
    formula, at = _hill(s)
    g = [slope(formula, each, at) for each in "xy"]
    right = math.hypot(*g)
    return Draft(
        kind="value",
        question=Message(
            "How steep is f(x, y) = `{formula}` at {at} in its steepest direction? Give two digits "
            "behind the point, or a root.",
            formula=formula,
            at=_place(at),
        ),
        formula=formula,
        wrt="x,y",
        at=tuple(at.items()),
        truth=right,
        mistakes=(
            Mistake(
                id="gradient-as-sum",
                value=g[0] + g[1],
                message="The entries of the gradient were added; its length is the root of the sum "
                "of their squares.",
            ),
            Mistake(
                id="root-forgotten",
                value=right**2,
                message="That is the square of the length; the root is missing.",
            ),
            Mistake(
                id="largest-entry",
                value=max(map(abs, g)),
                message="That is the steepest of the two axes; between them it is steeper still.",
            ),
        ),
        steps=(
            Message(
                "The gradient here is ({first}, {second}).", first=shown(g[0]), second=shown(g[1])
            ),
            Message(
                "‖∇f‖ = √({first}² + {second}²) = {right}.",
                first=shown(abs(g[0])),
                second=shown(abs(g[1])),
                right=shown(right),
            ),
        ),
        idea=Message("The steepest slope is the length of the gradient."),
    )


def second_by_one(s: Source) -> Draft:
    """∂²f/∂x² at a point."""
    return _second(s, "x", "x")


def second_by_both(s: Source) -> Draft:
    """∂²f/∂x∂y at a point."""
    return _second(s, "x", "y")


def _second(s: Source, one: str, other: str) -> Draft:
    a, b, n = s.randint(2, 5), s.randint(2, 6), s.choice((2, 3))
    formula = f"{a}x^3 y^{n} + {b}y^2" if one == other else f"{a}x^2 y^{n} - {b}x"
    at = {"x": float(s.choice((1, 2, -1))), "y": float(s.choice((1, 2, 3)))}
    right = second_slope(formula, one, other, at)
    first = slope(formula, one, at)
    wrong = [
        Mistake(
            id="first-for-second",
            value=first,
            message="That is the first derivative; asked is the second one.",
        ),
        Mistake(
            id="second-as-product",
            value=first * slope(formula, other, at),
            message="The second derivative is the derivative of the first one, not a product of "
            "two first ones.",
        ),
        Mistake(
            id="other-second",
            value=second_slope(formula, "y", "y", at),
            message="That is differentiated by y twice.",
        ),
    ]
    if one != other:
        wrong.append(
            Mistake(
                id="mixed-as-square",
                value=second_slope(formula, "x", "x", at),
                message="That is differentiated by x twice; the second time it is by y.",
            )
        )
    sign = f"∂²f/∂{one}²" if one == other else f"∂²f/∂{one}∂{other}"
    return Draft(
        kind="value",
        question=Message(
            "f(x, y) = `{formula}`. What is {sign} at {at}? It is an entry of the Hessian.",
            formula=formula,
            sign=sign,
            at=_place(at),
        ),
        formula=formula,
        wrt=one,
        at=tuple(at.items()),
        truth=right,
        mistakes=tuple(wrong),
        steps=(
            Message("First by {one}, as a function; then that by {other}.", one=one, other=other),
            Message("At this point it is {right}.", right=shown(right)),
        ),
        idea=Message("Differentiate twice, and put the numbers in at the end."),
    )
