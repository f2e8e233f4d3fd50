"""The algebra of matrices after the calculus: named steps, each with the same value and shape."""

from chainrule.calculus.derivation import Rewrite
from chainrule.calculus.tidy import TIDYING
from chainrule.calculus.tree import Node

from . import inverses, linear, means, picking, transposes
from .idea import Facts as Facts
from .idea import MatrixIdea as MatrixIdea
from .idea import applied
from .idea import starred as starred

OF_NUMBERS = ("zeros", "ones", "one-fraction", "numbers", "equal-factors", "like-terms")
"""Ideas for numbers that hold entry by entry; the others ask for too much of the order."""


def _entrywise(idea_id: str) -> MatrixIdea:
    idea = next(each for each in TIDYING if each.id == idea_id)
    return MatrixIdea(
        id=idea.id, name=idea.name, local=lambda node, facts: idea.local(node, facts.keys)
    )


MATRIX_IDEAS: tuple[MatrixIdea, ...] = (
    *picking.IDEAS,
    *transposes.IDEAS,
    *inverses.IDEAS,
    *linear.IDEAS,
    *means.IDEAS,
    *map(_entrywise, OF_NUMBERS),
    means.COMMON_DENOMINATOR,
    linear.COMMON_MATRIX,
)
"""In the order in which they are applied."""

MATRIX_REWRITES: dict[str, str] = {idea.id: idea.name for idea in MATRIX_IDEAS}
"""What each step of matrix algebra is called."""


def simplified(root: Node, facts: Facts) -> tuple[Rewrite, ...]:
    """The steps from a tree to a tidy one of the same value and shape; none if it is tidy."""
    column = transposes.as_column(root, facts)
    if column is root:
        return applied(root, MATRIX_IDEAS, facts)
    # the learner's own xᵀ A, alone: as the gradient of a vector it is a column
    first = Rewrite(rule="vector-left", before=root, after=column)
    return (first, *applied(column, MATRIX_IDEAS, facts))
