"""What a slope says about values nearby, and about a function read as a rate."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .number_exercises import shown, slope, value

Source = random.Random


def value_nearby(s: Source) -> Draft:
    """A value nearby, by the tangent."""
    there, own = s.randint(2, 9), s.choice((2, 3, -2, -4, 5, 0.5))
    h = s.choice((0.1, 0.2, -0.1, 0.5))
    right = there + own * h
    return Draft(
        kind="value",
        question=Message(
            "At x = 2 a function has the value {value} and the slope {slope}. What is its value at "
            "x = {beyond}, as far as the slope tells?",
            value=there,
            slope=shown(own),
            beyond=shown(2 + h),
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="change-for-value",
                value=own * h,
                message="That is the change; it is added to the value that was there.",
            ),
            Mistake(
                id="width-left-out",
                value=there + own,
                message="That is one whole unit further on; the slope is multiplied by how far x "
                "moved.",
            ),
            Mistake(
                id="change-subtracted",
                value=there - own * h,
                message="The change has the wrong sign: value + slope · step.",
            ),
        ),
        steps=(
            Message(
                "x moves by {h}, and the slope says how much that is multiplied by.", h=shown(h)
            ),
            Message(
                "{value} + {slope}·({h}) = {right}.",
                value=there,
                slope=shown(own),
                h=shown(h),
                right=shown(right),
            ),
        ),
        idea=Message("For a small step the change is slope · step."),
    )


def error_of_tangent(s: Source) -> Draft:
    """How far the tangent is off."""
    a, x, h = s.randint(1, 4), float(s.choice((1, 2, 3))), s.choice((0.1, 0.5, 0.2, 1.0))
    formula = "x^2" if a == 1 else f"{a}x^2"
    there, own = value(formula, {"x": x}), slope(formula, "x", {"x": x})
    exact = value(formula, {"x": x + h})
    right = exact - (there + own * h)
    return Draft(
        kind="value",
        question=Message(
            "From x = {x} to x = {beyond} the tangent of `{formula}` at x = {x} says a value. By "
            "how much is the true one larger?",
            x=shown(x),
            beyond=shown(x + h),
            formula=formula,
        ),
        formula=formula,
        wrt="x",
        at=(("x", x),),
        truth=right,
        mistakes=(
            Mistake(
                id="change-for-error",
                value=exact - there,
                message="That is how much the function changed; asked is how far the tangent is "
                "off.",
            ),
            Mistake(
                id="predicted-change",
                value=own * h,
                message="That is the change that the tangent says; asked is what it misses.",
            ),
        ),
        steps=(
            Message(
                "The tangent says {there} + {slope}·{h} = {said}.",
                there=shown(there),
                slope=shown(own),
                h=shown(h),
                said=shown(there + own * h),
            ),
            Message(
                "The true value is {exact}: {right} more.", exact=shown(exact), right=shown(right)
            ),
        ),
        idea=Message("Compute what the tangent says, then the true value, and compare."),
    )
