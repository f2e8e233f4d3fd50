"""Which names hold the numbers of classes: 0, 1, 2, …, and nothing in between."""

from chainrule.calculus.tree import Call, Name, Node, distinct

from .shapes import Shapes


def class_numbers(formula: Node, shapes: Shapes) -> dict[str, int]:
    """Names of class numbers, and how many classes there are.

    Args:
        formula: In which `cross_entropy` or `one_hot` may be asked for.
        shapes: Of its parts.
    """
    found: dict[str, int] = {}
    for node in distinct(formula):
        if not isinstance(node, Call) or node.function not in ("cross_entropy", "one_hot"):
            continue
        place = 1 if node.function == "cross_entropy" else 0
        target, scores = node.arguments[place], node.arguments[1 - place]
        shape = shapes(scores)
        if isinstance(target, Name) and shapes(target) != shape:
            found[target.name] = shape[-1]
    return found
