"""The notations of derivatives by vectors and matrices, one a file, by the ids of those of numbers.

Adding one is adding a file with a `NOTATION`, and its place in the tuple below.
"""

from . import differential, index, lagrange, leibniz, operator, partial, pytorch, words
from .notation import MatrixNotation as MatrixNotation
from .notation import MatrixPaper as MatrixPaper

MATRIX_NOTATIONS: tuple[MatrixNotation, ...] = (
    leibniz.NOTATION,
    lagrange.NOTATION,
    operator.NOTATION,
    partial.NOTATION,
    differential.NOTATION,
    index.NOTATION,
    pytorch.NOTATION,
    words.NOTATION,
)
"""In the order in which they are offered."""

DEFAULT_NOTATION = differential.NOTATION.id
"""The one in which the rules are derived."""


def matrix_notation_named(name: str) -> MatrixNotation:
    """A notation by its id.

    Raises:
        FormulaError: If there is none; the message lists those that there are.
    """
    from chainrule.calculus.notations import notation_named

    known = {notation.id: notation for notation in MATRIX_NOTATIONS}
    return known[notation_named(name).id]
