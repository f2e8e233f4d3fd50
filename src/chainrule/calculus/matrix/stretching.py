"""Back through a stretch: what was used several times gets the sum of what it would get each time.

A cotangent may have fewer entries than the quantity that it belongs to: then one number stands for
all entries along an axis, as 1 does for the gradient of a sum.
"""

from chainrule.calculus.build import call, is_number, multiply, number
from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .fit import Shape


def summed_back(tree: Node, own: Shape, whole: Shape, part: Shape) -> tuple[Node, str]:
    """A cotangent of a whole as that of a part which was stretched to it.

    Args:
        tree: The cotangent.
        own: Its shape; it can be stretched to `whole`.
        whole: The shape of the whole.
        part: The shape of the part.

    Returns:
        What can be stretched to the shape of the part, and a sentence on what was summed; empty if
        nothing was.
    """
    rows, columns = _two(whole)
    part_rows, part_columns = _two(part)
    over_rows = part_rows < rows
    over_columns = part_columns < columns
    if not over_rows and not over_columns:
        return _fewer_axes(tree, own, part), ""
    times = 1
    own_rows, own_columns = _two(own)
    if over_rows and own_rows == 1:
        times *= rows
        over_rows = False
    if over_columns and own_columns == 1:
        times *= columns
        over_columns = False
    if (over_rows and (over_columns or own_columns == 1)) or (over_columns and own_rows == 1):
        tree, own = call("sum", tree), ()
    elif over_rows:
        tree, own = call("column_sum", tree), own[-1:]
    elif over_columns:
        tree, own = call("row_sum", tree), (own_rows, 1)
    tree = _fewer_axes(tree, own, part)
    if times > 1:
        tree = number(times) if is_number(tree, 1) else multiply(number(times), tree)
    return tree, _sentence(part_rows < rows, part_columns < columns, rows, columns)


def _two(shape: Shape) -> tuple[int, int]:
    padded = (1, 1, *shape)
    return padded[-2], padded[-1]


def _fewer_axes(tree: Node, own: Shape, part: Shape) -> Node:
    """A matrix with one row as a vector, a vector with one entry as a number."""
    if len(own) <= len(part):
        return tree
    if len(part) == 1 and len(own) == 2:
        return call("column_sum", tree)
    return call("sum", tree)


def _sentence(over_rows: bool, over_columns: bool, rows: int, columns: int) -> Message:
    if over_rows and over_columns:
        return Message(
            "It was used for each of {rows} × {columns} entries, so what it gets is the sum over "
            "all of them.",
            rows=rows,
            columns=columns,
        )
    if over_rows:
        return Message(
            "It was used for each of {rows} rows, so what it gets is the sum over the rows.",
            rows=rows,
        )
    if rows > 1:
        return Message(
            "It was used for each of {columns} columns, so what it gets is the sum over the "
            "columns.",
            columns=columns,
        )
    return Message(
        "It was used for each of {entries} entries, so what it gets is the sum over them.",
        entries=columns,
    )


def filled(tree: Node, own: Shape, shape: Shape, like: Node) -> Node:
    """A cotangent with all entries: times ones, if one number stands for several.

    Args:
        tree: The cotangent.
        own: Its shape.
        shape: The shape it is to have.
        like: A part of that shape.
    """
    if own == shape:
        return tree
    ones = call("ones_like", like)
    if not shape:
        return call("sum", tree)
    return ones if is_number(tree, 1) else multiply(tree, ones)
