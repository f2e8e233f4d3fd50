"""Which shapes go together: the one place that says so, for paper and for PyTorch alike.

A number goes with anything, a vector with each row of a matrix; of two that are entered entry by
entry, one may be stretched to the other, never both at once.
"""

from collections.abc import Sequence

from chainrule.calculus.functions import FUNCTIONS
from chainrule.records.message import Message

Shape = tuple[int, ...]
"""() for a number, (n,) for a vector, (rows, columns) for a matrix."""


def shape_text(shape: Shape, *, begins: bool = False) -> Message:
    """A shape as an error message says it.

    Args:
        shape: It.
        begins: Whether a sentence begins with it.
    """
    if begins and len(shape) < 3:
        return _beginning(shape)
    if not shape:
        return Message("a number")
    if len(shape) == 1:
        return Message("a vector of {size}", size=shape[0])
    if len(shape) == 2:
        return Message("a {rows} × {columns} matrix", rows=shape[0], columns=shape[1])
    return Message("shape {shape}", shape=shape)


def _beginning(shape: Shape) -> Message:
    if not shape:
        return Message("A number")
    if len(shape) == 1:
        return Message("A vector of {size}", size=shape[0])
    return Message("A {rows} × {columns} matrix", rows=shape[0], columns=shape[1])


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


def stretch_misfit(left: Shape, right: Shape, *, begins: bool = False) -> str | None:
    """Why two shapes do not fit entry by entry; None if they do.

    One may be stretched to the other: a number to anything, a vector to each row of a matrix. That
    both are (a column and a row to a matrix) is nearly always a mistake.

    Args:
        left: One.
        right: The other.
        begins: Whether it is a sentence of its own, or the rest of one.
    """
    result = stretched(left, right)
    if result is not None and result in (left, right):
        return None  # no sentence is made of what fits: shapes are compared by the thousand
    shapes = {"left": shape_text(left, begins=begins), "right": shape_text(right)}
    if result is None:
        return Message(
            "{left} does not fit {right}: both need one shape, or one is a number or a row. "
            "Transpose or reshape one.",
            **shapes,
        )
    return Message(
        "{left} does not fit {right}: both would be stretched to {both}.",
        **shapes,
        both=shape_text(result),
    )


def product_misfit(left: Shape, right: Shape) -> str | None:
    """Why `left @ right` is no product, as a sentence; None if it is one."""
    if not left and not right:
        return Message(
            "@ multiplies vectors and matrices, found two numbers: write * to multiply numbers, or "
            "say which names are vectors and matrices, by their values or by shapes such as "
            "X=3x2,w=2."
        )
    if not left or not right:
        return Message(
            "@ multiplies vectors and matrices, found {left} and {right}: write * to multiply by a "
            "number.",
            left=shape_text(left),
            right=shape_text(right),
        )
    inner = right[-1] if len(right) == 1 else right[-2]
    if left[-1] != inner:
        return Message(
            "@ cannot multiply {left} by {right}: the sizes that meet, {first} and {last}, differ.",
            left=shape_text(left),
            right=shape_text(right),
            first=left[-1],
            last=inner,
        )
    return None


def two_readings(operator: str, left: Shape, right: Shape) -> str | None:
    """Why a product of two shapes is refused if it is not written with * or @."""
    if operator in ("*", "⊙") or not left or not right:
        return None
    return Message(
        "A product of {left} and {right} can be meant in two ways: write @ for the matrix or dot "
        "product, * to multiply entry by entry.",
        left=shape_text(left),
        right=shape_text(right),
    )


def bars_misfit(shape: Shape) -> str | None:
    """Why |x| is refused for a vector or matrix."""
    if not shape:
        return None
    return Message(
        "|x| of {shape} can be meant in two ways: write abs(x) entry by entry, norm(x) for its "
        "length.",
        shape=shape_text(shape),
    )


def entries_misfit(first: Shape, other: Shape) -> str | None:
    """Why two parts cannot both be entries of [ ]."""
    if first == other:
        return None
    return Message(
        "The entries of [ ] have one shape; the first is {first}, this is {other}.",
        first=shape_text(first),
        other=shape_text(other),
    )


def misfit(name: str, shapes: Sequence[Shape]) -> str | None:
    """Why a function does not take arguments of these shapes, as a sentence; None if it does."""
    first = shapes[0]
    square = len(first) == 2 and first[0] == first[1]
    match name:
        case "dot":
            fits = len(first) == 1 and first == shapes[1]
            needs = Message("two vectors of the same length")
        case "outer":
            fits, needs = all(len(shape) == 1 for shape in shapes), Message("two vectors")
        case "transpose":
            fits = len(first) == 2
            needs = Message("a matrix (x @ A @ y needs none for its vectors)")
        case "trace" | "det" | "logdet" | "inverse" | "identity_like" | "cofactor":
            fits, needs = square, Message("a square matrix")
        case "diag":
            fits, needs = len(first) == 1 or square, Message("a vector or a square matrix")
        case "column_sum" | "column_mean":
            fits, needs = len(first) == 2, Message("a matrix")
        case "ones_like" | "largest":
            fits, needs = bool(first), Message("a vector or a matrix")
        case "one_hot":
            fits = bool(shapes[1]) and first == shapes[1][:-1]
            needs = Message("one class a row of z")
        case "norm":
            fits = all(shape == () for shape in shapes[1:])
            needs = Message("a number as its p")
        case "cross_entropy":
            fits = bool(first) and shapes[1] in (first, first[:-1])
            needs = Message("t as large as z, or one class a row of z")
        case "huber":
            fits = first == shapes[1] and all(shape == () for shape in shapes[2:])
            needs = Message("two of the same shape, and a number as delta")
        case _:
            return _misfit_by_kind(name, shapes)
    if fits:
        return None
    return Message(
        "{name} takes {needed}, found {found}.",
        name=name,
        needed=needs,
        found=shapes_text(shapes),
    )


def shapes_text(shapes: Sequence[Shape]) -> str:
    """Several shapes as an error message says them."""
    found: str = shape_text(shapes[0])
    for shape in shapes[1:]:
        found = Message("{first} and {last}", first=found, last=shape_text(shape))
    return found


def _misfit_by_kind(name: str, shapes: Sequence[Shape]) -> str | None:
    kind = FUNCTIONS[name].kind
    if kind == "rows" and not shapes[0]:
        return Message(
            "{name} takes {needed}, found {found}.",
            name=name,
            needed=Message("a vector or the rows of a matrix"),
            found=shapes_text(shapes),
        )
    if kind == "loss" and shapes[0] != shapes[1]:
        return Message(
            "{name} compares two of the same shape, found {found}: stretching one to the other "
            "would compare entries that do not belong together.",
            name=name,
            found=shapes_text(shapes),
        )
    total = shapes[0]
    for shape in shapes[1:]:
        reason = stretch_misfit(total, shape)
        if reason:
            return Message("{name} works entry by entry, and {reason}", name=name, reason=reason)
        total = stretched(total, shape) or total
    return None
