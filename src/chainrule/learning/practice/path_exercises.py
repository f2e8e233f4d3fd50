"""Paths through a graph of dependencies: how many there are, and what they bring together."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown

Source = random.Random

_IDEA = Message(
    "Along a path the local derivatives multiply; where paths meet, what they bring is added."
)

ADDED = Message("Along a path the factors multiply, they do not add.")
"""Said to whoever adds the factors of a chain."""


def _local(s: Source) -> float:
    return float(s.choice((2, 3, -1, 4, 0.5, -2, 5)))


def count_of_paths(s: Source) -> Draft:
    """How many paths lead through two layers."""
    n, m = s.sample((2, 3, 4, 5), 2)
    return Draft(
        kind="value",
        question=Message(
            "x goes into {n} units of a first layer, each of them into all {m} units of a second "
            "layer, and all of these into L. How many paths lead from x to L?",
            n=n,
            m=m,
        ),
        truth=float(n * m),
        mistakes=(
            Mistake(
                id="paths-counted-as-units",
                value=float(n + m),
                message="That is the number of units. A path chooses one unit in each layer, so "
                "the numbers multiply.",
            ),
            Mistake(
                id="paths-of-one-layer",
                value=float(m),
                message="That many paths start at one unit of the first layer; there are several.",
            ),
            Mistake(
                id="paths-to-first-layer",
                value=float(n),
                message="That many paths lead to the first layer; behind each unit they branch.",
            ),
        ),
        steps=(
            Message("Each of the {n} ways into the first layer branches into {m}.", n=n, m=m),
            Message("{n}·{m} = {right} paths.", n=n, m=m, right=n * m),
        ),
        idea=Message("Walk from x to L and count the choices that you have at each place."),
    )


def sum_over_paths(s: Source) -> Draft:
    """Two paths that meet."""
    return _meeting(s, direct=None)


def sum_with_direct_path(s: Source) -> Draft:
    """Two paths that meet, and a direct one."""
    return _meeting(s, direct=_local(s))


def _meeting(s: Source, direct: float | None) -> Draft:
    a, b, c, d = (_local(s) for _ in range(4))
    through = a * c + b * d
    right = through + (direct or 0.0)
    given = Message(
        "u and v depend on x, with du/dx = {a} and dv/dx = {b}. L depends on both, with ∂L/∂u = "
        "{c} and ∂L/∂v = {d}.",
        a=shown(a),
        b=shown(b),
        c=shown(c),
        d=shown(d),
    )
    mistakes = [
        Mistake(
            id="path-first-only",
            value=a * c,
            message="That is the path through u alone; what comes through v is added.",
        ),
        Mistake(
            id="path-second-only",
            value=b * d,
            message="That is the path through v alone; what comes through u is added.",
        ),
        Mistake(id="factors-added", value=a + c + b + d, message=ADDED),
        Mistake(
            id="paths-multiplied",
            value=a * c * b * d,
            message="The paths were multiplied: along one path factors multiply, but paths add.",
        ),
    ]
    if direct is None:
        question = Message("{given} What is dL/dx?", given=given)
        last = Message(
            "The paths add: {first} + ({second}) = {right}.",
            first=shown(a * c),
            second=shown(b * d),
            right=shown(right),
        )
    else:
        question = Message(
            "{given} Besides, x stands in L itself, with ∂L/∂x = {direct} for u and v held still. "
            "What is dL/dx, with everything moving?",
            given=given,
            direct=shown(direct),
        )
        mistakes.append(
            Mistake(
                id="direct-path-lost",
                value=through,
                message="The direct path is missing: x also acts on L without u and v.",
            )
        )
        mistakes.append(
            Mistake(
                id="total-as-partial",
                value=direct,
                message="That is the partial derivative: it holds u and v still, but they move "
                "with x.",
            )
        )
        last = Message(
            "The paths add: {first} + ({second}) + ({direct}) = {right}.",
            first=shown(a * c),
            second=shown(b * d),
            direct=shown(direct),
            right=shown(right),
        )
    return Draft(
        kind="value",
        question=question,
        truth=right,
        mistakes=tuple(mistakes),
        steps=(
            Message(
                "Through u: {a}·({c}) = {first}. Through v: {b}·({d}) = {second}.",
                a=shown(a),
                c=shown(c),
                first=shown(a * c),
                b=shown(b),
                d=shown(d),
                second=shown(b * d),
            ),
            last,
        ),
        idea=_IDEA,
    )


def slope_of_curve(s: Source) -> Draft:
    """dy/dx of a curve without a product of x and y."""
    a, b, n = s.randint(1, 4), s.randint(2, 5), s.choice((2, 3, 4))
    first = "x^2" if a == 1 else f"{a}x^2"
    return _curve(f"{first} + {b}y^{n} = {s.randint(8, 30)}")


def slope_of_curve_with_product(s: Source) -> Draft:
    """dy/dx of a curve with a product of x and y."""
    a, n = s.randint(2, 5), s.choice((2, 3))
    return _curve(
        s.choice((f"{a}x y + y^{n} = {s.randint(5, 12)}", f"x^2 y + y^{n} = {s.randint(5, 12)}"))
    )


def _curve(equation: str) -> Draft:
    return Draft(
        kind="derivative",
        question=Message(
            "On the curve `{equation}` y depends on x. What is dy/dx? Both x and y may stand in "
            "your answer.",
            equation=equation,
        ),
        formula=equation,
        wrt="x",
    )


def back_to_weight(s: Source) -> Draft:
    """From ∂L/∂a back to a weight."""
    g, w, x = (float(s.choice((2, 3, -1, -2, 4))) for _ in range(3))
    own = s.choice((0.25, 0.2, 0.1, 0.5))
    right = g * own * x
    return Draft(
        kind="value",
        question=Message(
            "a = σ(z) and z = w x + b, with w = {w} and x = {x}. Known are ∂L/∂a = {g} and "
            "σ′(z) = {own}. What is ∂L/∂w?",
            w=shown(w),
            x=shown(x),
            g=shown(g),
            own=shown(own),
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="weight-for-input",
                value=g * own * w,
                message="That is ∂L/∂x, with the weight as the last factor. ∂z/∂w is x.",
            ),
            Mistake(
                id="slopes-left-out",
                value=g * x,
                message="The slope σ′(z) of the activation is missing.",
            ),
            Mistake(
                id="input-left-out",
                value=g * own,
                message="That is ∂L/∂z; the last factor ∂z/∂w = x is missing.",
            ),
            Mistake(id="factors-added", value=g + own + x, message=ADDED),
        ),
        steps=(
            Message(
                "∂L/∂z = ∂L/∂a · σ′(z) = {g}·{own} = {middle}.",
                g=shown(g),
                own=shown(own),
                middle=shown(g * own),
            ),
            Message(
                "∂z/∂w = x, so ∂L/∂w = {middle}·({x}) = {right}.",
                middle=shown(g * own),
                x=shown(x),
                right=shown(right),
            ),
        ),
        idea=Message(
            "Go back from L one operation at a time, and multiply by each local derivative."
        ),
    )


def shared_weight(s: Source) -> Draft:
    """A weight that is used twice."""
    w, x = float(s.choice((2, 3, -2))), float(s.choice((1, 2, -1, 3)))
    right = 2 * w * x
    return Draft(
        kind="value",
        question=Message(
            "The same weight is used twice: h = w x and L = w h, with w = {w} and x = {x}. What "
            "is dL/dw?",
            w=shown(w),
            x=shown(x),
        ),
        formula="L = w h; h = w x",
        wrt="w",
        truth=right,
        mistakes=(
            Mistake(
                id="last-use-only",
                value=w * x,
                message="That is one use of w alone. Each use is a path, and the paths add.",
            ),
            Mistake(
                id="value-of-function",
                value=w * w * x,
                message="That is the value of L; asked is its slope.",
            ),
        ),
        steps=(
            Message(
                "Through the last use: h = {h}. Through the first one: w·x = {h}.", h=shown(w * x)
            ),
            Message("Both are added: {right}.", right=shown(right)),
        ),
        idea=_IDEA,
    )
