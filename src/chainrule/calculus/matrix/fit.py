"""Which shapes go together: the one place that says so, for paper and for PyTorch alike.

A number goes with anything, a vector with each row of a matrix; of two that are entered entry by
entry, one may be stretched to the other, never both at once.
"""

from collections.abc import Sequence

from chainrule.calculus.functions import FUNCTIONS

Shape = tuple[int, ...]
"""() for a number, (n,) for a vector, (rows, columns) for a matrix."""


def shape_text(shape: Shape) -> str:
    """A shape as an error message says it."""
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a vector of {shape[0]}"
    if len(shape) == 2:
        return f"a {shape[0]} × {shape[1]} matrix"
    return f"shape {shape}"


def stretched(left: Shape, right: Shape) -> Shape | None:
    """The shape to which both can be stretched as in NumPy; None if there is none."""
    rank = max(len(left), len(right))
    padded = [(1,) * (rank - len(shape)) + shape for shape in (left, right)]
    sizes = []
    for one, other in zip(*padded, strict=True):
        if one != other and 1 not in (one, other):
            return None
        sizes.append(other if one == 1 else one)
    return tuple(sizes)


def stretch_misfit(left: Shape, right: Shape) -> str | None:
    """Why two shapes do not fit entry by entry; the rest of a sentence, None if they do.

    One may be stretched to the other: a number to anything, a vector to each row of a matrix. That
    both are (a column and a row to a matrix) is nearly always a mistake.
    """
    found = f"{shape_text(left)} does not fit {shape_text(right)}"
    result = stretched(left, right)
    if result is None:
        return (
            f"{found}: both need one shape, or one is a number or a row. Transpose or reshape one."
        )
    if result in (left, right):
        return None
    return f"{found}: both would be stretched to {shape_text(result)}."


def product_misfit(left: Shape, right: Shape) -> str | None:
    """Why `left @ right` is no product, as a sentence; None if it is one."""
    if not left and not right:
        return (
            "@ multiplies vectors and matrices, found two numbers: write * to multiply numbers, or "
            "say which names are vectors and matrices, by their values or by shapes such as "
            "X=3x2,w=2."
        )
    if not left or not right:
        return (
            f"@ multiplies vectors and matrices, found {shape_text(left)} and {shape_text(right)}: "
            "write * to multiply by a number."
        )
    inner = right[-1] if len(right) == 1 else right[-2]
    if left[-1] != inner:
        return (
            f"@ cannot multiply {shape_text(left)} by {shape_text(right)}: the sizes that meet, "
            f"{left[-1]} and {inner}, differ."
        )
    return None


def two_readings(operator: str, left: Shape, right: Shape) -> str | None:
    """Why a product of two shapes is refused if it is not written with * or @."""
    if operator == "*" or not left or not right:
        return None
    return (
        f"A product of {shape_text(left)} and {shape_text(right)} can be meant in two "
        "ways: write @ for the matrix or dot product, * to multiply entry by entry."
    )


def bars_misfit(shape: Shape) -> str | None:
    """Why |x| is refused for a vector or matrix."""
    if not shape:
        return None
    return (
        f"|x| of {shape_text(shape)} can be meant in two ways: write abs(x) entry by "
        "entry, norm(x) for its length."
    )


def entries_misfit(first: Shape, other: Shape) -> str | None:
    """Why two parts cannot both be entries of [ ]."""
    if first == other:
        return None
    return (
        f"The entries of [ ] have one shape; the first is {shape_text(first)}, this is "
        f"{shape_text(other)}."
    )


def misfit(name: str, shapes: Sequence[Shape]) -> str | None:
    """Why a function does not take arguments of these shapes, as a sentence; None if it does."""
    found = " and ".join(shape_text(shape) for shape in shapes)
    first = shapes[0]
    square = len(first) == 2 and first[0] == first[1]
    match name:
        case "dot":
            fits = len(first) == 1 and first == shapes[1]
            needs = "two vectors of the same length"
        case "outer":
            fits, needs = all(len(shape) == 1 for shape in shapes), "two vectors"
        case "transpose":
            fits, needs = len(first) == 2, "a matrix (x @ A @ y needs none for its vectors)"
        case "trace" | "det" | "logdet" | "inverse" | "identity_like" | "cofactor":
            fits, needs = square, "a square matrix"
        case "diag":
            fits, needs = len(first) == 1 or square, "a vector or a square matrix"
        case "column_sum" | "column_mean":
            fits, needs = len(first) == 2, "a matrix"
        case "ones_like" | "largest":
            fits, needs = bool(first), "a vector or a matrix"
        case "one_hot":
            fits = bool(shapes[1]) and first == shapes[1][:-1]
            needs = "one class a row of z"
        case "norm":
            fits, needs = all(shape == () for shape in shapes[1:]), "a number as its p"
        case "cross_entropy":
            fits = bool(first) and shapes[1] in (first, first[:-1])
            needs = "t as large as z, or one class a row of z"
        case "huber":
            fits = first == shapes[1] and all(shape == () for shape in shapes[2:])
            needs = "two of the same shape, and a number as delta"
        case _:
            return _misfit_by_kind(name, shapes, found)
    return None if fits else f"{name} takes {needs}, found {found}."


def _misfit_by_kind(name: str, shapes: Sequence[Shape], found: str) -> str | None:
    kind = FUNCTIONS[name].kind
    if kind == "rows" and not shapes[0]:
        return f"{name} takes a vector or the rows of a matrix, found {found}."
    if kind == "loss" and shapes[0] != shapes[1]:
        return (
            f"{name} compares two of the same shape, found {found}: stretching one to the other "
            "would compare entries that do not belong together."
        )
    total = shapes[0]
    for shape in shapes[1:]:
        reason = stretch_misfit(total, shape)
        if reason:
            return f"{name} works entry by entry, and {reason}"
        total = stretched(total, shape) or total
    return None
