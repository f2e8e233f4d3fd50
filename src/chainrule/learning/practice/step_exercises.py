"""Steps of gradient descent that a beginner's formula θ − ηg hides something of.

Two parameters, a second step from where the first one led, a batch, and the largest rate.
"""

import random
import re

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope

Source = random.Random

_IDEA = Message("A step goes against the gradient: new = old − η · gradient.")

_UPHILL = Message("The step went uphill: θ − η·slope, with a minus.")
_NO_RATE = Message("The learning rate is missing: the slope is multiplied by η.")


def step_of_two(s: Source) -> Draft:
    """One of two parameters after a step."""
    a, c, d = s.randint(1, 4), s.randint(1, 3), s.randint(2, 5)
    w, b = float(s.choice((1, 2, -1, 3))), float(s.choice((1, -2, 2, -1)))
    eta = s.choice((0.1, 0.05, 0.2))
    formula = re.sub(r"\b1(?=[wb])", "", f"{a}w^2 + {c}w b + {d}b^2")
    at = {"w": w, "b": b}
    own, other = slope(formula, "w", at), slope(formula, "b", at)
    right = w - eta * own
    return Draft(
        kind="value",
        question=Message(
            "The loss is `{formula}`, w = {w}, b = {b} and η = {eta:g}. What is w after one step "
            "of gradient descent?",
            formula=formula,
            w=shown(w),
            b=shown(b),
            eta=eta,
        ),
        formula=formula,
        wrt="w",
        at=tuple(at.items()),
        truth=right,
        mistakes=(
            Mistake(id="step-uphill", value=w + eta * own, message=_UPHILL),
            Mistake(id="step-without-rate", value=w - own, message=_NO_RATE),
            Mistake(
                id="step-other-entry",
                value=w - eta * other,
                message="That is ∂L/∂b in the step of w: each parameter moves by its own entry of "
                "the gradient.",
            ),
            Mistake(
                id="step-by-sum",
                value=w - eta * (own + other),
                message="The entries of the gradient are not added: w moves by its own one alone.",
            ),
        ),
        steps=(
            Message("∂L/∂w holds b still: at this point it is {slope}.", slope=shown(own)),
            Message(
                "w − η·∂L/∂w = {w} − {eta:g}·({slope}) = {right}.",
                w=shown(w),
                eta=eta,
                slope=shown(own),
                right=shown(right),
            ),
        ),
        idea=_IDEA,
    )


def second_step(s: Source) -> Draft:
    """Where two steps lead."""
    a, b = s.randint(1, 4), s.randint(2, 8)
    theta, eta = float(s.choice((2, 3, 4, -2, 5))), s.choice((0.1, 0.05, 0.2))
    formula = f"{a}θ^2 - {b}θ" if a > 1 else f"θ^2 - {b}θ"
    first = slope(formula, "θ", {"θ": theta})
    middle = theta - eta * first
    second = slope(formula, "θ", {"θ": middle})
    right = middle - eta * second
    return Draft(
        kind="value",
        question=Message(
            "The loss is `{formula}`, θ = {theta} and η = {eta:g}. What is θ after two steps of "
            "gradient descent?",
            formula=formula,
            theta=shown(theta),
            eta=eta,
        ),
        formula=formula,
        wrt="θ",
        at=(("θ", theta),),
        truth=right,
        mistakes=(
            Mistake(
                id="step-old-gradient",
                value=theta - 2 * eta * first,
                message="The second step uses the gradient where the first one led, not the old "
                "one again.",
            ),
            Mistake(
                id="step-only-one",
                value=middle,
                message="That is where one step leads; asked is where two do.",
            ),
            Mistake(
                id="step-uphill",
                value=theta + eta * first + eta * slope(formula, "θ", {"θ": theta + eta * first}),
                message=_UPHILL,
            ),
        ),
        steps=(
            Message(
                "The slope is {slope} here, so the first step leads to {middle}.",
                slope=shown(first),
                middle=shown(middle),
            ),
            Message(
                "There the slope is {slope}: {middle} − {eta:g}·({slope}) = {right}.",
                slope=shown(second),
                middle=shown(middle),
                eta=eta,
                right=shown(right),
            ),
        ),
        idea=Message("After each step the gradient is taken anew, at the place where θ is then."),
    )


def step_of_batch(s: Source) -> Draft:
    """A step by the mean over a batch."""
    x1, x2 = s.sample((1, 2, 3, -1, 4), 2)
    y1, y2 = s.choice((1, 2, 5)), s.choice((3, 4, -2))
    w, eta = float(s.choice((1, 2, -1))), s.choice((0.1, 0.01, 0.05))
    each = [2.0 * x * (w * x - y) for x, y in ((x1, y1), (x2, y2))]
    mean = sum(each) / 2
    right = w - eta * mean
    return Draft(
        kind="value",
        question=Message(
            "Two examples: x = {x1}, y = {y1} and x = {x2}, y = {y2}. The loss is the mean of "
            "`(w x - y)^2` over both, w = {w} and η = {eta:g}. What is w after one step?",
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            w=shown(w),
            eta=eta,
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="sum-for-mean",
                value=w - eta * sum(each),
                message="The gradients of the examples were added: the loss is their mean, so the "
                "sum is divided by their number.",
            ),
            Mistake(
                id="first-example-only",
                value=w - eta * each[0],
                message="That is the step by the first example alone; the mean is over both.",
            ),
            Mistake(
                id="last-example-only",
                value=w - eta * each[1],
                message="That is the step by the last example alone; the mean is over both.",
            ),
            Mistake(id="step-uphill", value=w + eta * mean, message=_UPHILL),
            Mistake(id="step-without-rate", value=w - mean, message=_NO_RATE),
        ),
        steps=(
            Message(
                "For one example the slope by w is 2x(w x − y): here {first} and {second}.",
                first=shown(each[0]),
                second=shown(each[1]),
            ),
            Message(
                "Their mean is {mean}: {w} − {eta:g}·({mean}) = {right}.",
                mean=shown(mean),
                w=shown(w),
                eta=eta,
                right=shown(right),
            ),
        ),
        idea=Message("The derivative of a mean is the mean of the derivatives."),
    )


def largest_rate(s: Source) -> Draft:
    """The rate above which descent on a parabola goes astray."""
    a = s.choice((2, 4, 5, 8, 10, 20))
    right = 1 / a
    return Draft(
        kind="value",
        question=Message(
            "Gradient descent on `{formula}` gets closer to 0 only if η is below a certain number. "
            "Which one?",
            formula=f"{a}θ^2",
        ),
        formula=f"{a}θ^2",
        wrt="θ",
        truth=right,
        mistakes=(
            Mistake(
                id="rate-of-one-step",
                value=1 / (2 * a),
                message="With that rate one step leads to 0; up to twice as much it still comes "
                "closer, jumping from side to side.",
            ),
            Mistake(
                id="curvature-halved",
                value=2 / a,
                message="The curvature is the second derivative: of aθ² it is 2a, not a.",
            ),
            Mistake(
                id="curvature-for-rate",
                value=2.0 * a,
                message="That is the curvature λ; the largest rate is 2/λ.",
            ),
        ),
        steps=(
            Message("Each step multiplies θ by 1 − ηλ, with λ = {curvature}.", curvature=2 * a),
            Message(
                "It shrinks while 1 − ηλ lies above −1: η < 2/λ = 2/{curvature} = {right}.",
                curvature=2 * a,
                right=shown(right),
            ),
        ),
        idea=Message("By which number is θ multiplied in each step? Its size has to be below 1."),
    )


def descent_step(s: Source, level: int) -> Draft:
    """A step of gradient descent, or its multiplier."""
    a, b = s.randint(2, 6), s.randint(1, 8)
    theta, eta = float(s.choice((2, 3, 4, -2, -3, 5))), s.choice((0.1, 0.05, 0.2, 0.01))
    if level >= 4:
        curvature = float(2 * a)
        factor = 1 - eta * curvature
        return Draft(
            kind="value",
            question=Message(
                "Gradient descent on `{formula}` with η = {eta:g}: by which number is θ multiplied "
                "in each step?",
                formula=f"{a}θ^2",
                eta=eta,
            ),
            formula=f"{a}θ^2",
            wrt="θ",
            at=(("θ", theta),),
            truth=factor,
            mistakes=(
                Mistake(
                    id="curvature-halved",
                    value=1 - eta * a,
                    message="The curvature is the second derivative: of aθ² it is 2a, not a.",
                ),
                Mistake(
                    id="step-without-one",
                    value=eta * curvature,
                    message="That is ηλ, the part that is taken away; what stays is 1 − ηλ.",
                ),
                Mistake(
                    id="step-uphill",
                    value=1 + eta * curvature,
                    message="The step goes against the gradient: 1 − ηλ, with a minus.",
                ),
            ),
            steps=(
                Message(
                    "The slope is {slope}, so that θ − ηL′ = θ − {eta:g}·{slope}.",
                    slope=f"{2 * a}θ",
                    eta=eta,
                ),
                Message(
                    "That is (1 − {taken:g})θ = {factor:g}θ.", taken=eta * 2 * a, factor=factor
                ),
            ),
        )
    formula = (f"θ^2 + {b}", f"{a}θ^2 - {b}θ", f"(θ - {b})^2 + {a}θ")[level - 1]
    formula = formula.replace(" 1θ", " θ")
    gradient = slope(formula, "θ", {"θ": theta})
    after = theta - eta * gradient
    return Draft(
        kind="value",
        question=Message(
            "The loss is `{formula}`, θ = {theta} and η = {eta:g}. What is θ after one step of "
            "gradient descent?",
            formula=formula,
            theta=shown(theta),
            eta=eta,
        ),
        formula=formula,
        wrt="θ",
        at=(("θ", theta),),
        truth=after,
        mistakes=(
            Mistake(id="step-uphill", value=theta + eta * gradient, message=_UPHILL),
            Mistake(id="step-without-rate", value=theta - gradient, message=_NO_RATE),
            Mistake(
                id="step-alone",
                value=-eta * gradient,
                message="That is the step alone: it is added to θ.",
            ),
            Mistake(
                id="gradient-for-step",
                value=gradient,
                message="That is the slope; asked is where θ is after the step.",
            ),
        ),
        steps=(
            Message(
                "The slope at θ = {theta} is {slope}.", theta=shown(theta), slope=shown(gradient)
            ),
            Message(
                "θ − η·slope = {theta} − {eta:g}·({slope}) = {after}.",
                theta=shown(theta),
                eta=eta,
                slope=shown(gradient),
                after=shown(after),
            ),
        ),
    )
