"""Ways back on which parts were skipped: from an outer one straight to the variable."""

from collections.abc import Iterator

from chainrule.calculus.build import multiply, name, substitute
from chainrule.calculus.matrix import MatrixDerivation, Quantity, mathematics
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import MatrixProduct, Name, Node, children
from chainrule.records.message import Message

from .cause import Cause
from .matrix_walks import COTANGENT, Wrong, cotangent_of, made_of, rightly


def skipped_parts(derivation: MatrixDerivation) -> Iterator[tuple[Cause, Wrong]]:
    """From each part but the result to each step that reaches the variable.

    Args:
        derivation: What is walked back.
    """
    result, shapes = derivation.quantities[-1], Shapes(derivation.names)
    known = {each.name: each for each in derivation.quantities}
    for last in derivation.quantities:
        if last.name == derivation.variable or not _reaches(last, derivation.variable):
            continue
        for above in made_of(last.name, derivation):
            outer = known[above]
            if outer is result:
                continue
            instead = {COTANGENT: cotangent_of(above)}
            pulls = {
                place: substitute(_plain(pull) if not outer.shape else pull, instead)
                for place, pull in rightly(last, derivation).items()
            }
            message = Message(
                "From {outer} you went straight to {variable}. Each part between has a slope of "
                "its own, which is a factor.",
                outer=mathematics(outer.node, shapes),
                variable=derivation.variable,
            )
            skipped = Mutation(id="parts-skipped", after="", message=message)
            yield Cause(skipped, "chain", last.node.id), Wrong(pulls={last.name: pulls})


def _reaches(quantity: Quantity, variable: str) -> bool:
    parts = children(quantity.local)
    return any(isinstance(each, Name) and each.name == variable for each in parts)


def _plain(pull: Node) -> Node:
    """A product with a cotangent that is a number: a multiple."""
    if isinstance(pull, MatrixProduct):
        for one, other in ((pull.left, pull.right), (pull.right, pull.left)):
            if isinstance(one, Name) and one.name == COTANGENT:
                return multiply(name(COTANGENT), other)
    return pull
