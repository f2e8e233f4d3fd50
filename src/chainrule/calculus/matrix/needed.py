"""Whether a formula is of vectors or matrices."""

from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import Array, Call, Formula, MatrixProduct, Node

_OF_VECTORS = frozenset({"cross_entropy"})
"""Functions of kinds that numbers have too, but which take vectors only."""


def needs_matrices(formula: Formula) -> bool:
    """Whether something in it has a meaning for vectors and matrices only."""
    return any(_is_shaped(node) for node in formula.nodes())


def _is_shaped(node: Node) -> bool:
    if isinstance(node, Call):
        kind = FUNCTIONS[node.function].kind
        return kind in ("rows", "matrix") or node.function in _OF_VECTORS
    return isinstance(node, Array | MatrixProduct)
