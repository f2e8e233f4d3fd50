"""Shapes of derivatives and entries of Jacobians: of f from n numbers to m, and by a matrix."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake, chosen
from .numbers_at_points import shown, slope, value

Source = random.Random

_IDEA = Message("Count what goes in and what comes out: there is one derivative for each pair.")


def _sizes(s: Source) -> tuple[int, int]:
    n, m = s.sample((2, 3, 4, 5, 6), 2)
    return n, m


def jacobian_shape(s: Source) -> Draft:
    """The shape of the Jacobian of f from n numbers to m."""
    n, m = _sizes(s)
    return chosen(
        s,
        Message("f takes {n} numbers and gives {m}. Which shape has its Jacobian ∂f/∂x?", n=n, m=m),
        Message("{rows} × {columns}", rows=m, columns=n),
        [
            (
                Message("{rows} × {columns}", rows=n, columns=m),
                "jacobian-transposed",
                Message(
                    "That is the transpose: a row belongs to a result, a column to a variable."
                ),
            ),
            (
                Message("{count} numbers in a row", count=n),
                "jacobian-as-gradient",
                Message(
                    "That would be the gradient of one result; here there are several, with a row "
                    "each."
                ),
            ),
            (
                Message("{count} numbers in a row", count=m),
                "jacobian-by-one-variable",
                Message(
                    "That would be the derivative by one variable; here there are several, with a "
                    "column each."
                ),
            ),
        ],
        Message("A row for each of {m} results, a column for each of {n} variables.", n=n, m=m),
        idea=_IDEA,
        way=Message("Each result has a row with its slope by every variable."),
    )


def weight_gradient_shape(s: Source) -> Draft:
    """The shape of ∂L/∂W."""
    n, m = _sizes(s)
    return chosen(
        s,
        Message(
            "z = W x, where x has {n} numbers and z has {m}; L is one number made of z. Which "
            "shape has ∂L/∂W?",
            n=n,
            m=m,
        ),
        Message("{rows} × {columns}", rows=m, columns=n),
        [
            (
                Message("{rows} × {columns}", rows=n, columns=m),
                "gradient-transposed",
                Message(
                    "That is the shape of Wᵀ. The gradient has the shape of W, so that η "
                    "times it can "
                    "be taken from W."
                ),
            ),
            (
                Message("{count} numbers in a row", count=m),
                "gradient-of-result",
                Message(
                    "That is the shape of ∂L/∂z; W has more entries, and each has its own "
                    "derivative."
                ),
            ),
            (
                Message("one number"),
                "gradient-as-number",
                Message("L is one number, but W has many entries."),
            ),
        ],
        Message(
            "W has {m} rows and {n} columns, and so has ∂L/∂W: one derivative for each entry.",
            n=n,
            m=m,
        ),
        idea=Message("W − η·∂L/∂W has to be possible."),
        way=Message("W takes as many numbers as it has columns and gives as many as it has rows."),
    )


def why_transpose(s: Source) -> Draft:
    """Which product takes a gradient back through W."""
    n, m = _sizes(s)
    return chosen(
        s,
        Message(
            "z = W x, where x has {n} numbers and z has {m}. g = ∂L/∂z is known. Which is ∂L/∂x?",
            n=n,
            m=m,
        ),
        "`Wᵀ g`",
        [
            (
                "`W g`",
                "transpose-missing",
                Message(
                    "W takes as many numbers as x has, but g has as many as z. On the way "
                    "back rows "
                    "and columns change places."
                ),
            ),
            (
                "`g xᵀ`",
                "gradient-of-weight",
                Message("That is ∂L/∂W, a matrix; ∂L/∂x has as many numbers as x."),
            ),
            (
                "`W x`",
                "forward-for-backward",
                Message("That is z itself, on the way there; asked is the way back."),
            ),
        ],
        Message(
            "x_j reaches z_i through W_ij, and what it gets back adds up over i: Σ W_ij g_i "
            "is entry j "
            "of Wᵀ g."
        ),
        idea=Message("Through which entries of W does one entry of x act?"),
        way=Message(
            "Look at the shapes: which product takes as many numbers as z has, and gives as many "
            "as x has?"
        ),
    )


def entry_of_weight_gradient(s: Source) -> Draft:
    """∂L/∂W_ij = g_i x_j."""
    x, g = ([s.choice((1, 2, 3, -1, 4, 5, -2)) for _ in range(2)] for _ in range(2))
    i, j = s.randrange(2), s.randrange(2)
    right = float(g[i] * x[j])
    mistakes = [
        Mistake(
            id="input-left-out",
            value=float(g[i]),
            message="The input is missing: the entry W_ij is multiplied by x_j.",
        ),
        Mistake(
            id="slopes-left-out",
            value=float(x[j]),
            message="That is ∂z_i/∂W_ij; how L answers to z_i is a factor: g_i.",
        ),
    ]
    if i != j:
        mistakes.append(
            Mistake(
                id="entry-transposed",
                value=float(g[j] * x[i]),
                message="Row and column are exchanged: the first index is that of the result z, "
                "the second that of the input x.",
            )
        )
    return Draft(
        kind="value",
        question=Message(
            "z = W x with x = {x}, and g = ∂L/∂z = {g}. What is ∂L/∂W_{entry}, the entry in row "
            "{row} and column {column}?",
            x=x,
            g=g,
            entry=f"{i + 1}{j + 1}",
            row=i + 1,
            column=j + 1,
        ),
        truth=right,
        mistakes=tuple(mistakes),
        steps=(
            Message(
                "W_{entry} stands only in z_{row}, where it is multiplied by x_{column}.",
                entry=f"{i + 1}{j + 1}",
                row=i + 1,
                column=j + 1,
            ),
            Message(
                "g_{row}·x_{column} = {g}·({x}) = {right}.",
                row=i + 1,
                column=j + 1,
                g=g[i],
                x=x[j],
                right=shown(right),
            ),
        ),
        idea=Message(
            "Write out z₁ and z₂. In which of them does this entry stand, and beside what?"
        ),
    )


def entry_behind_weight(s: Source) -> Draft:
    """An entry of Wᵀ g."""
    W = [[s.choice((1, 2, 3, -1, -2, 4)) for _ in range(2)] for _ in range(2)]
    g = [s.choice((1, 2, -1, 3)) for _ in range(2)]
    j = s.randrange(2)
    right = float(sum(W[i][j] * g[i] for i in range(2)))
    return Draft(
        kind="value",
        question=Message(
            "z = W x with W = {W}, row by row, and g = ∂L/∂z = {g}. What is ∂L/∂x_{place}?",
            W=W,
            g=g,
            place=j + 1,
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="transpose-missing",
                value=float(sum(W[j][i] * g[i] for i in range(2))),
                message="That is an entry of W g, by a row of W. x_j acts through column j: the "
                "product is Wᵀ g.",
            ),
            Mistake(
                id="path-first-only",
                value=float(W[0][j] * g[0]),
                message="That is the path through z₁ alone; x acts on every z, and the paths add.",
            ),
            Mistake(
                id="path-second-only",
                value=float(W[1][j] * g[1]),
                message="That is the path through z₂ alone; x acts on every z, and the paths add.",
            ),
        ),
        steps=(
            Message(
                "x_{place} acts through column {place} of W: on z₁ with {first}, on z₂ with "
                "{second}.",
                place=j + 1,
                first=W[0][j],
                second=W[1][j],
            ),
            Message(
                "{first}·({g1}) + {second}·({g2}) = {right}.",
                first=W[0][j],
                second=W[1][j],
                g1=g[0],
                g2=g[1],
                right=shown(right),
            ),
        ),
        idea=Message("Every z that x acts on is a path back, and the paths add."),
    )


def entry_of_jacobian(s: Source) -> Draft:
    """An entry of the Jacobian of two formulas of two variables."""
    a, b, n = s.randint(2, 5), s.randint(2, 5), s.choice((2, 3))
    results = (f"{a}x^{n} y", f"x^2 + {b}x y")
    at = {"x": float(s.choice((1, 2, -1))), "y": float(s.choice((2, 3, -1)))}
    i, j = s.choice(((0, 1), (1, 0)))
    right = slope(results[i], "xy"[j], at)
    return Draft(
        kind="value",
        question=Message(
            "f(x, y) = [`{first}`, `{second}`]. What is the entry of its Jacobian in row {row} and "
            "column {column}, at x = {x} and y = {y}?",
            first=results[0],
            second=results[1],
            row=i + 1,
            column=j + 1,
            x=shown(at["x"]),
            y=shown(at["y"]),
        ),
        formula=results[i],
        wrt="xy"[j],
        at=tuple(at.items()),
        truth=right,
        mistakes=(
            Mistake(
                id="entry-transposed",
                value=slope(results[j], "xy"[i], at),
                message="Row and column are exchanged: the row says which result, the column by "
                "which variable.",
            ),
            Mistake(
                id="value-of-function",
                value=value(results[i], at),
                message="That is the value of the result; the Jacobian has slopes.",
            ),
            Mistake(
                id="other-variable",
                value=slope(results[i], "xy"[1 - j], at),
                message="That is the slope by the other variable.",
            ),
        ),
        steps=(
            Message(
                "Row {row} is about `{result}`, column {column} about {variable}: differentiate "
                "the one by the other.",
                row=i + 1,
                result=results[i],
                column=j + 1,
                variable="xy"[j],
            ),
            Message("At this point that is {right}.", right=shown(right)),
        ),
        idea=Message("The row says which result, the column by which variable."),
    )
