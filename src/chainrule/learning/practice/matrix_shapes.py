"""Shapes for a formula whose shapes were not said, with which an answer is compared.

Rows and columns get different sizes, so that a transpose that is missing shows.
"""

from collections.abc import Mapping, Sequence

from chainrule.calculus import FormulaError
from chainrule.calculus.matrix.customary_shapes import customary, ways
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Node
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
        if all(size == 1 for size in result):
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


def result_shape(root: Node, shapes: Mapping[str, Shape]) -> Shape | None:
    """The shape of a formula read with products of matrices; None if its parts do not fit."""
    try:
        return Shapes(shapes)(as_matrix_products(root, shapes))
    except FormulaError:
        return None
