"""Shapes for a formula whose shapes were not said, with which an answer is compared.

Rows and columns get different sizes, so that a transpose that is missing shows.
"""

from collections.abc import Mapping, Sequence

from chainrule.calculus import FormulaError
from chainrule.calculus.matrix.customary_shapes import customary, ways
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Node, Number, Product, Sum, distinct
from chainrule.records.message import Message

from .matrix_answers import as_matrix_products

MOST_NAMES = 5
"""Up to which shapes are looked for; more names have thousands of combinations."""

_MATRICES: tuple[Shape, ...] = ((3, 2), (2, 3), (2, 2), (3, 3), (2, 4), (4, 2), (3, 4), (4, 3))
_VECTORS: tuple[Shape, ...] = ((3,), (2,), (4,))


def fitting_shapes(root: Node, names: Sequence[str], text: str) -> dict[str, Shape]:
    """Shapes with which a formula has a value, a number if it can be.

    Args:
        root: The formula as it was read.
        names: Its names.
        text: As typed, for messages.

    Raises:
        FormulaError: If there are too many names, or nothing fits.
    """
    if len(names) > MOST_NAMES:
        raise FormulaError(
            Message(
                "Expected the shapes of {count} names, found none: say them, such as X=3x2,w=2.",
                count=len(names),
            ),
            text,
        )
    found: dict[str, Shape] | None = None
    offered = {each: customary(each, _MATRICES, _VECTORS, strictly=True) for each in names}
    for shapes in ways(offered):
        result = result_shape(root, shapes)
        if result is None:
            continue
        by_custom = all(len(shapes[each]) == len(offered[each][0]) for each in names)
        if all(size == 1 for size in result) or (by_custom and not _stretches(root, shapes)):
            return shapes
        found = found or shapes
    if found is None:
        raise FormulaError(
            Message(
                "Expected a formula that fits some shapes with matrices for capital letters and "
                "vectors for small ones, found none: say the shapes, such as X=3x2,w=2."
            ),
            text,
        )
    return found


def _stretches(root: Node, shapes: Mapping[str, Shape]) -> bool:
    """Whether a vector stands where books have a number, so that a letter may be one.

    That is so in y − wᵀx, where the rest of the sum is a number, and of a coefficient in front of
    one, as in a‖z‖², not behind it, as in (aᵀx) b.
    """
    known = Shapes(shapes)
    for node in distinct(root):
        if isinstance(node, Sum):
            parts = [each for each in node.terms if not isinstance(each, Number)]
            if len({known(as_matrix_products(each, shapes)) for each in parts}) > 1:
                return True
        if isinstance(node, Product):
            axes = [len(known(as_matrix_products(each, shapes))) for each in node.factors]
            if axes[0] == 1 and axes[-1] == 0:
                return True
    return False


def result_shape(root: Node, shapes: Mapping[str, Shape]) -> Shape | None:
    """The shape of a formula read with products of matrices; None if its parts do not fit."""
    try:
        return Shapes(shapes)(as_matrix_products(root, shapes))
    except FormulaError:
        return None
