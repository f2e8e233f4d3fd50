"""A derivative in the letters of a composition, with what they stand for put back in."""

from collections.abc import Mapping
from dataclasses import replace

from .build import multiply, occurs, raised
from .definitions import evaluation_order
from .derivation import Rewrite
from .tidy import factor, tidy
from .tree import (
    Call,
    Formula,
    Name,
    Node,
    Power,
    Product,
    children,
    distinct,
    with_children,
    written_size,
)

PUT_BACK = "put-back"
"""The step's id; what it is called has the names in it."""

MOST_WRITTEN = 200
"""Parts of a derivative with all names written out: more is nothing that a person reads."""


def put_back(expression: Node, definitions: Mapping[str, Formula]) -> tuple[Rewrite, ...]:
    """The steps from an expression in letters to a tidy one without those that are defined.

    Args:
        expression: A tidy derivative.
        definitions: What its letters stand for.

    Returns:
        The step that puts them in, then those of algebra; none if there is no such letter, or too
        much to write.
    """
    if not occurs(expression, definitions):
        return ()
    written: dict[str, Node] = {}
    for name in evaluation_order(definitions):
        written[name] = _filled(definitions[name].root, written)
    filled = _filled(expression, written)
    if written_size(filled) > MOST_WRITTEN:
        return ()
    first = Rewrite(rule=PUT_BACK, before=expression, after=filled)
    tidying = tidy(filled)
    tidied = tidying[-1].after if tidying else filled
    return (first, *tidying, *factor(tidied))


def names_put_back(expression: Node, definitions: Mapping[str, Formula]) -> tuple[str, ...]:
    """The letters of an expression that are defined, and those that these need."""
    reached: set[str] = set()
    left = [part.name for part in distinct(expression) if isinstance(part, Name)]
    while left:
        each = left.pop()
        if each in definitions and each not in reached:
            reached.add(each)
            left += definitions[each].names
    return tuple(each for each in definitions if each in reached)


def _filled(root: Node, written: Mapping[str, Node]) -> Node:
    """With what names stand for in their places: what holds one is no part that anybody typed."""
    made: dict[int, Node] = {}
    for part in distinct(root):
        if isinstance(part, Name):
            made[id(part)] = written.get(part.name, part)
            continue
        changed = with_children(part, [made[id(child)] for child in children(part)])
        made[id(part)] = part if changed is part else _plain(changed)
    return made[id(root)]


def _plain(node: Node) -> Node:
    """As a derivation writes it, however the learner wrote it before."""
    match node:
        case Product():
            return multiply(*node.factors)
        case Power():
            return raised(node.base, node.exponent)
        case Call() if node.spelling == "bare":
            return replace(node, span=(0, 0), parentheses=0, spelling="parentheses")
        case _:
            return replace(node, span=(0, 0), parentheses=0)
