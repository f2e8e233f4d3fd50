"""What an idea of algebra is."""

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.calculus.same import Keys
from chainrule.calculus.tree import Node, children, distinct

Local = Callable[[Node, Keys], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """One idea of algebra.

    Attributes:
        id: Unique.
        name: As a person says it.
        local: What it makes of one node whose parts have been done; the node itself if nothing.
            The keys given to it are equal for parts that differ only in the order of terms and
            factors.
        kinds: Of nodes that it is about.
        inside: Whether it is also applied to arguments of functions and to exponents.
    """

    id: str
    name: str
    kinds: tuple[type[Node], ...]
    local: Local
    inside: bool = True


def size(node: Node) -> int:
    """How much there is to read: the parts of a tree, each counted as often as it stands there."""
    sizes: dict[int, int] = {}
    for part in distinct(node):
        sizes[id(part)] = 1 + sum(sizes[id(child)] for child in children(part))
    return sizes[id(node)]
