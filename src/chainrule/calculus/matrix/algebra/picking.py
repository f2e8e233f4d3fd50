"""A unit vector times something picks an entry or a row, and picking goes inside."""

from chainrule.calculus.build import is_number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import (
    Array,
    Call,
    MatrixProduct,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    with_children,
)

from .idea import Facts, MatrixIdea


def _pick(node: Node, facts: Facts) -> Node:
    """[1, 0] @ [a, b] is a; [1, 0] @ (c·v) is c times the entry of v."""
    if not isinstance(node, MatrixProduct):
        return node
    place = _unit(node.left)
    if place is None:
        return node
    picked = _picked(node.right, place, facts, node.left)
    return node if picked is None else picked


def _unit(node: Node) -> int | None:
    """Where the 1 of a unit vector stands; None if a part is no unit vector."""
    if not isinstance(node, Array):
        return None
    ones = [i for i, entry in enumerate(node.entries) if is_number(entry, 1)]
    zeros = sum(is_number(entry, 0) for entry in node.entries)
    return ones[0] if len(ones) == 1 and zeros == len(node.entries) - 1 else None


def _picked(node: Node, place: int, facts: Facts, unit: Node) -> Node | None:
    """The entry, or row, of a part; None if the part has to be computed as a whole."""
    if isinstance(node, Array):
        return node.entries[place]
    entrywise = isinstance(node, Sum | Product | Quotient | Power | Unary) or (
        isinstance(node, Call)
        and FUNCTIONS[node.function].kind == "elementwise"
        and len(facts.shapes(node)) > 0
    )
    if not entrywise:
        return None
    shape = facts.shapes(node)
    parts = []
    for part in children(node):
        own = facts.shapes(part)
        if own == shape:
            inner = _picked(part, place, facts, unit)
            parts.append(MatrixProduct(left=unit, right=part) if inner is None else inner)
        elif not own or (len(own) == 1 and len(shape) == 2):
            parts.append(part)  # it goes with every row
        else:
            return None
    return with_children(node, parts)


IDEAS = (MatrixIdea(id="pick", name="a unit vector picks its entry", local=_pick),)
