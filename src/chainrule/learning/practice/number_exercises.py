"""Exercises whose answer is a number: slopes, steps, products along paths, entries of gradients.

Every number is computed from the formula of the exercise; the known mistakes are computed alike.
"""

import random
from collections.abc import Callable, Mapping

from chainrule.calculus import Evaluation, Formula, derive, parse
from chainrule.records.message import Message

from .drafts import Draft, Mistake

Source = random.Random


def slope(formula: str, wrt: str, at: Mapping[str, float]) -> float:
    """The derivative of a formula at a point."""
    found = derive(parse(formula), wrt, routes=False, algebra=False)
    return Evaluation(at)(found.raw)


def second_slope(formula: str, one: str, other: str, at: Mapping[str, float]) -> float:
    """The derivative by one name, differentiated by another, at a point."""
    first = derive(parse(formula), one, routes=False, algebra=False).raw
    second = derive(Formula(text="", root=first), other, routes=False, algebra=False)
    return Evaluation(at)(second.raw)


def value(formula: str, at: Mapping[str, float]) -> float:
    """The value of a formula at a point."""
    return Evaluation(at)(parse(formula).root)


def shown(number: float) -> str:
    """A number as sentences have it: six digits, with the minus sign of books."""
    return f"{number:.6g}".replace("-", "−")


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
        mistakes=(_function_value(there), _wrong_point(formula, x)),
        steps=(Message("The derivative at x = {x} is {slope}.", x=shown(x), slope=shown(right)),),
    )


def _function_value(there: float) -> Mistake:
    return Mistake(
        id="value-of-function",
        value=there,
        message="That is the value of the function at this point; asked is its slope there.",
    )


def _wrong_point(formula: str, x: float) -> Mistake:
    return Mistake(
        id="wrong-point",
        value=slope(formula, "x", {"x": -x}),
        message=Message(
            "That is the slope at x = {other}; asked is the one at x = {x}.",
            other=shown(-x),
            x=shown(x),
        ),
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
            Mistake(
                id="step-uphill",
                value=theta + eta * gradient,
                message="The step went uphill: θ − η·slope, with a minus.",
            ),
            Mistake(
                id="step-without-rate",
                value=theta - gradient,
                message="The learning rate is missing: the slope is multiplied by η.",
            ),
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


def products_vanish(s: Source, level: int) -> Draft:
    """A product along a chain of layers."""
    depth = level + 1
    weight, z = s.choice((0.5, 0.8, 1.5, 2.0)), s.choice((0.0, 0.5, 1.0, -1.0))
    name = s.choice(("sigmoid", "tanh"))
    own = slope(f"{name}(z)", "z", {"z": z})
    factor = weight * own
    total = factor**depth
    return Draft(
        kind="value",
        question=Message(
            "{depth} layers of one {name} unit each; every weight is {weight:g} and every unit "
            "gets z = {z}. By which number is a gradient multiplied on its way back through all of "
            "them? Give three significant digits.",
            depth=depth,
            name=name,
            weight=weight,
            z=shown(z),
        ),
        formula=f"{name}(z)",
        wrt="z",
        at=(("z", z),),
        truth=total,
        mistakes=(
            Mistake(
                id="weights-left-out",
                value=own**depth,
                message="The weights are factors as well: each layer brings w·σ′(z).",
            ),
            Mistake(
                id="slopes-left-out",
                value=weight**depth,
                message="The slopes of the activations are factors as well: w·σ′(z) a layer.",
            ),
            Mistake(
                id="factors-added",
                value=depth * factor,
                message="Along a path the factors multiply, they do not add.",
            ),
            Mistake(id="one-layer", value=factor, message="That is one layer; there are several."),
        ),
        steps=(
            Message(
                "The slope of {name} at {z} is {slope}; with the weight a layer brings "
                "{weight:g}·{slope} = {factor}.",
                name=name,
                z=shown(z),
                slope=shown(own),
                weight=weight,
                factor=shown(factor),
            ),
            Message(
                "{depth} layers: {factor}^{depth} = {total}.",
                depth=depth,
                factor=shown(factor),
                total=shown(total),
            ),
        ),
    )


def matrices(s: Source, level: int) -> Draft:
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


def softmax(s: Source, level: int) -> Draft:
    """An entry of p − y."""
    size = 2 if level == 1 else 3
    z = [s.choice((0.0, 1.0, 2.0, -1.0, 0.5)) for _ in range(size)]
    target, entry = s.randrange(size), s.randrange(size)
    names = [f"z{i + 1}" for i in range(size)]
    total = " + ".join(f"exp({name})" for name in names)
    formula = f"ln({total}) - {names[target]}"
    at = dict(zip(names, z, strict=True))
    right = slope(formula, names[entry], at)
    p = value(f"exp({names[entry]})/({total})", at)
    known = [
        Mistake(
            id="sign-of-whole",
            value=-right,
            message="The sign is turned: the gradient is p − y, not y − p.",
        ),
        Mistake(
            id="own-slope",
            value=p * (1 - p),
            message="That is the slope of a probability by its own logit; of the loss it is p − y.",
        ),
    ]
    if entry == target:
        known.append(
            Mistake(
                id="target-left-out",
                value=p,
                message="This is the class of the target: 1 is subtracted from its probability.",
            )
        )
    return Draft(
        kind="value",
        question=Message(
            "Logits z = {z}, the right class is number {target}, and the loss is softmax with "
            "cross entropy. What is ∂L/∂z_{entry}? Give three digits behind the point.",
            z=z,
            target=target + 1,
            entry=entry + 1,
        ),
        formula=formula,
        wrt=names[entry],
        at=tuple(at.items()),
        truth=right,
        mistakes=tuple(known),
        steps=(
            Message("The softmax of z_{entry} is p = {p}.", entry=entry + 1, p=shown(p)),
            f"p − y = {shown(p)} − {int(entry == target)} = {shown(right)}.",
        ),
    )


def pytorch_grad(s: Source, level: int) -> Draft:
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
            Mistake(
                id="value-of-function",
                value=a * x * x,
                message="That is the value; .grad holds the derivative.",
            ),
        ),
        steps=(
            Message("One backward() brings {slope}.", slope=f"{2 * a}x = {shown(one)}"),
            Message("{times} of them add up to {total}.", times=times, total=shown(one * times))
            if times > 1
            else Message("That is all that `x.grad` holds: {total}.", total=shown(one)),
        ),
    )


NUMBERS: dict[str, Callable[[Source, int], Draft]] = {
    "rate-of-change": rate_of_change,
    "descent-step": descent_step,
    "products-vanish": products_vanish,
    "matrices": matrices,
    "softmax-cross-entropy": softmax,
    "pytorch-grad": pytorch_grad,
}
"""By skill."""
