"""Vectors and matrices written out, and what does not move."""

from chainrule.calculus.build import number
from chainrule.calculus.tree import Array, Call, MatrixProduct, Node

from .rule import MatrixRule, Place, ShapeOf

_CONSTANT = frozenset({"ones_like", "identity_like", "one_hot", "largest"})


class _EntriesRule(MatrixRule):
    id = "entries"
    name = "entries of a vector or rows of a matrix"
    differential = "d[a, b] = [da, db]"
    moved = ("⟨G, [da, db]⟩ = G₁ da + G₂ db",)
    why = "Each entry moves by itself, so it gets the entry of G in its own place."
    full = True

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`[a, b, …]`."""
        return isinstance(node, Array)

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """The unit vector times G picks the entry, or the row."""
        count = len(place.parts)
        return {i: MatrixProduct(left=unit(i, count), right=cotangent) for i in place.moving}


class _ShapeOnly(MatrixRule):
    id = "shape-only"
    name = "constant"
    differential = "dY = 0"
    why = (
        "It is made of zeros and ones that do not move: shapes, classes, or which entry is the "
        "largest, decide on them."
    )

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Ones, identities, one-hot matrices, and where the largest entry is."""
        return isinstance(node, Call) and node.function in _CONSTANT

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """Nothing."""
        return {}


def unit(place: int, count: int) -> Array:
    """The vector [0, 1, 0] with 1 in one place."""
    return Array(entries=tuple(number(int(i == place)) for i in range(count)))


RULES: tuple[MatrixRule, ...] = (_EntriesRule(), _ShapeOnly())
