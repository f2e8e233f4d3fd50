"""The notations of derivatives, one a file.

Adding one is adding a file with a `NOTATION`, and its place in the tuple below.
"""

from . import differential, index, lagrange, leibniz, operator, partial, pytorch, words
from .notation import Chain as Chain
from .notation import Link as Link
from .notation import Notation as Notation
from .notation import Paper as Paper
from .notation import Sign as Sign
from .notation import Slope as Slope

NOTATIONS: tuple[Notation, ...] = (
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


def notation_named(name: str) -> Notation:
    """A notation by its id.

    Raises:
        FormulaError: If there is none; the message lists those that there are.
    """
    from chainrule.calculus.errors import FormulaError
    from chainrule.calculus.tokens import suggestion

    known = {notation.id: notation for notation in NOTATIONS}
    if name not in known:
        raise FormulaError(
            f"Expected a notation ({', '.join(known)}), found {name!r}.{suggestion(name, known)}"
        )
    return known[name]
