"""What a slope says about values nearby, and about a function read as a rate."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope, value
from .whole_mistakes import FUNCTION_VALUE, WRONG_POINT

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


def _in_brackets(number: float) -> str:
    return f"({shown(number)})" if number < 0 else shown(number)


def _curve(s: Source, level: int) -> str:
    a, b, c = s.randint(2, 5), s.randint(2, 7), s.randint(1, 9)
    return (
        f"{a}x^2 + {c}",
        f"x^2 - {b}x + {c}",
        f"x^3 - {b}x",
        f"{a}x^3 - {b}x^2 + {c}",
        f"x^4 - {b}x^2 + {c}x",
    )[level - 1]


def rate_of_change(s: Source, level: int) -> Draft:
    """A slope or an average rate."""
    formula, x = _curve(s, level), float(s.choice((1, 2, 3, -1, -2)))
    right, there = slope(formula, "x", {"x": x}), value(formula, {"x": x})
    if s.random() < 0.4:
        h = s.choice((1.0, 0.5, 2.0))
        beyond = value(formula, {"x": x + h})
        quotient = (beyond - there) / h
        return Draft(
            kind="value",
            question=Message(
                "By how much does `{formula}` change per unit of x, on average, from x = {start} "
                "to x = {end}?",
                formula=formula,
                start=shown(x),
                end=shown(x + h),
            ),
            formula=formula,
            wrt="x",
            at=(("x", x),),
            truth=quotient,
            mistakes=(
                Mistake(
                    id="change-not-divided",
                    value=beyond - there,
                    message="That is the change itself: divide it by how far x moved.",
                ),
                Mistake(
                    id="slope-for-average",
                    value=right,
                    message="That is the slope at the first point; asked is the average from the "
                    "first to the second.",
                ),
            ),
            steps=(
                Message(
                    "At x = {end} its value is {beyond}, at x = {start} it is {there}.",
                    end=shown(x + h),
                    beyond=shown(beyond),
                    start=shown(x),
                    there=shown(there),
                ),
                Message(
                    "The quotient of the changes is ({beyond} − {there})/{h} = {quotient}.",
                    beyond=shown(beyond),
                    there=_in_brackets(there),
                    h=shown(h),
                    quotient=shown(quotient),
                ),
            ),
        )
    return Draft(
        kind="value",
        question=Message("How steep is `{formula}` at x = {x}?", formula=formula, x=shown(x)),
        formula=formula,
        wrt="x",
        at=(("x", x),),
        truth=right,
        mistakes=(
            Mistake.of(FUNCTION_VALUE, there),
            Mistake.of(
                WRONG_POINT,
                slope(formula, "x", {"x": -x}),
                place=f"x = {shown(-x)}",
                point=f"x = {shown(x)}",
            ),
        ),
        steps=(Message("The derivative at x = {x} is {slope}.", x=shown(x), slope=shown(right)),),
    )
