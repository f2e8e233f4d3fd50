"""The value of a tree with indices, by loops: every sum is added up term by term."""

from typing import Any

from chainrule.calculus import Evaluation, Node, children
from chainrule.calculus.build import number
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.tree import Call, Name, with_children


def index_value(node: Node, index: dict[str, int], at: MatrixEvaluation) -> float:
    """A number, at given values of the indices (counted from 0)."""
    return Evaluation({n: float(v) for n, v in at.point.items() if not v.ndim})(
        _with_numbers(node, index, at)
    )


def _with_numbers(node: Node, index: dict[str, int], at: MatrixEvaluation) -> Node:
    """The tree with its entries and sums replaced by their numbers."""
    if isinstance(node, Call) and node.function.startswith("["):
        letters = node.function[1:-1].split(",")
        places = tuple(0 if letter == "1" else index[letter] for letter in letters)
        inner = node.arguments[0]
        if isinstance(inner, Name) and inner.name == "δ":
            return number(int(places[0] == places[1]))
        return _number(at(inner)[places])
    if isinstance(node, Call) and node.function.startswith("Σ"):
        letter, _, size = node.function[1:].partition(":")
        assert letter not in index, "each sum has an index of its own"
        terms = (index_value(node.arguments[0], {**index, letter: k}, at) for k in range(int(size)))
        return _number(sum(terms))
    if isinstance(node, Call) and any(at(part).ndim for part in node.arguments if _plain(part)):
        return _number(at(node))
    return with_children(node, [_with_numbers(part, index, at) for part in children(node)])


def _plain(node: Node) -> bool:
    """Whether a part has no indices in it, so that it is an array."""
    if isinstance(node, Call) and node.function[0] in "[Σ":
        return False
    return all(map(_plain, children(node)))


def _number(value: Any) -> Node:
    return number(float(value))
