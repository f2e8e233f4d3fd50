"""What `.grad` holds after a few lines of PyTorch; computed without it, by our own derivatives."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope

Source = random.Random

_IDEA = Message("Go through the lines one by one, and note what stands in .grad after each.")
_ADDS = Message("backward() adds to .grad; zero_grad() empties it before.")


def _value(value: float) -> Mistake:
    return Mistake(
        id="value-of-function",
        value=value,
        message=Message("That is the value; .grad holds the derivative."),
    )


def after_zero_grad(s: Source) -> Draft:
    """zero_grad between two passes."""
    a, x = s.randint(2, 5), float(s.choice((1, 2, 3, -2)))
    right = 2.0 * a * x
    return Draft(
        kind="value",
        question=Message(
            "`x = torch.tensor({x:.1f}, requires_grad=True)`, then `({a}*x**2).backward()`, "
            "`optimizer.zero_grad()` and again `({a}*x**2).backward()`, with an optimizer that "
            "holds x. What is `x.grad`?",
            x=x,
            a=a,
        ),
        formula=f"{a}x^2",
        wrt="x",
        at=(("x", x),),
        truth=right,
        mistakes=(
            Mistake(
                id="grad-not-cleared",
                value=2 * right,
                message="zero_grad() emptied .grad before the second pass.",
            ),
            _value(a * x * x),
        ),
        steps=(
            _ADDS,
            Message("What is left is the second pass alone: {right}.", right=shown(right)),
        ),
        idea=_IDEA,
    )


def of_mean(s: Source) -> Draft:
    """The gradient of a mean."""
    xs = s.sample((1, 2, 3, 4, 5), s.choice((2, 3)))
    w = float(s.choice((1, 2, -1, 3)))
    each = [2.0 * w * x * x for x in xs]
    right = sum(each) / len(xs)
    return Draft(
        kind="value",
        question=Message(
            "`w = torch.tensor({w:.1f}, requires_grad=True)`, `x = torch.tensor({x})` and "
            "`((w*x)**2).mean().backward()`. What is `w.grad`?",
            w=w,
            x=[float(x) for x in xs],
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="sum-for-mean",
                value=sum(each),
                message="That is the gradient of the sum; mean() divides by the number of entries.",
            ),
            Mistake(
                id="first-example-only",
                value=each[0],
                message="That is the first entry alone; w is used by every entry.",
            ),
        ),
        steps=(
            Message(
                "For one entry the slope by w is 2w·x²: {each}.", each=", ".join(map(shown, each))
            ),
            Message("Their mean is {right}.", right=shown(right)),
        ),
        idea=Message("The derivative of a mean is the mean of the derivatives."),
    )


def behind_detach(s: Source) -> Draft:
    """A path that is cut."""
    a, x = s.randint(2, 5), float(s.choice((2, 3, -2, 4)))
    right = a * x
    return Draft(
        kind="value",
        question=Message(
            "`x = torch.tensor({x:.1f}, requires_grad=True)`, `y = {a}*x` and "
            "`(y.detach()*x).backward()`. What is `x.grad`?",
            x=x,
            a=a,
        ),
        formula=f"{a}x x",
        wrt="x",
        at=(("x", x),),
        truth=right,
        mistakes=(
            Mistake(
                id="detach-ignored",
                value=2.0 * a * x,
                message="detach() cuts the path through y: there y is a number that does not move.",
            ),
            _value(a * x * x),
        ),
        steps=(
            Message("Two paths lead from x to the result; the one through y is cut by detach()."),
            Message("What is left is y as a number, {right}.", right=shown(right)),
        ),
        idea=Message("Which paths lead from x to the result, and which of them does autograd see?"),
    )


def after_optimizer_step(s: Source) -> Draft:
    """What a parameter is after optimizer.step()."""
    a, w = s.randint(1, 4), float(s.choice((1, 2, 3, -2)))
    rate = s.choice((0.1, 0.01, 0.05))
    own = slope(f"{a}w^2" if a > 1 else "w^2", "w", {"w": w})
    right = w - rate * own
    return Draft(
        kind="value",
        question=Message(
            "`w = torch.tensor({w:.1f}, requires_grad=True)`, `opt = torch.optim.SGD([w], "
            "lr={rate:g})`, then `({a}*w**2).backward()` and `opt.step()`. What is w?",
            w=w,
            rate=rate,
            a=a,
        ),
        formula=f"{a}w^2" if a > 1 else "w^2",
        wrt="w",
        at=(("w", w),),
        truth=right,
        mistakes=(
            Mistake(
                id="grad-for-parameter",
                value=own,
                message="That is w.grad; asked is w itself after the step.",
            ),
            Mistake(
                id="step-uphill",
                value=w + rate * own,
                message="The step went uphill: θ − η·slope, with a minus.",
            ),
            Mistake(
                id="step-without-rate",
                value=w - own,
                message="The learning rate is missing: the slope is multiplied by η.",
            ),
        ),
        steps=(
            Message("backward() puts {slope} into w.grad.", slope=shown(own)),
            Message(
                "step() takes lr times it from w: {w} − {rate:g}·({slope}) = {right}.",
                w=shown(w),
                rate=rate,
                slope=shown(own),
                right=shown(right),
            ),
        ),
        idea=_IDEA,
    )


def passes_that_add(s: Source, level: int) -> Draft:
    """What .grad holds."""
    a, x = s.randint(2, 5), float(s.choice((1, 2, 3, -2)))
    times = 1 if level == 1 else level
    one = slope(f"{a}x^2", "x", {"x": x})
    replaced = (
        ()
        if times == 1
        else (
            Mistake(
                id="grad-replaced",
                value=one,
                message="backward() adds to .grad, it does not replace what is there.",
            ),
        )
    )
    calls = "; ".join([f"({a}*x**2).backward()"] * times)
    return Draft(
        kind="value",
        question=Message(
            "`{program}`. What is `x.grad`?",
            program=f"x = torch.tensor({x:.1f}, requires_grad=True); {calls}",
        ),
        formula=f"{a}x^2",
        wrt="x",
        at=(("x", x),),
        truth=one * times,
        mistakes=(
            *replaced,
            _value(a * x * x),
        ),
        steps=(
            Message("One backward() brings {slope}.", slope=f"{2 * a}x = {shown(one)}"),
            Message("{times} of them add up to {total}.", times=times, total=shown(one * times))
            if times > 1
            else Message("That is all that `x.grad` holds: {total}.", total=shown(one)),
        ),
    )
