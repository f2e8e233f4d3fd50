"""Whether two parts say the same, whatever parentheses and signs they were written with."""

from .tree import Call, Constant, Name, Node, Number, Power, Product, Sum, Unary, children, distinct

Key = int
"""Equal for parts that are the same operations on the same names and numbers."""


class Keys:
    """Numbers parts so that equal ones have equal numbers. Lives as long as one piece of work.

    Args:
        ordered: Whether a + b and b + a, a·b and b·a are told apart.
    """

    def __init__(self, *, ordered: bool = True) -> None:
        self._ordered = ordered
        self._of_node: dict[int, tuple[Node, Key]] = {}
        self._of_content: dict[tuple[object, ...], Key] = {}

    def __call__(self, node: Node) -> Key:
        """The key of a part."""
        known = self._of_node.get(id(node))
        if known is None:
            for part in distinct(node, self._of_node):
                key = self._of_content.setdefault(self._content(part), len(self._of_content))
                # the node is kept, so that no other object gets its identity
                self._of_node[id(part)] = (part, key)
            known = self._of_node[id(node)]
        return known[1]

    def _content(self, node: Node) -> tuple[object, ...]:
        parts = tuple(self._of_node[id(child)][1] for child in children(node))
        match node:
            case Number():
                return "number", node.value
            case Name():
                return "name", node.name
            case Constant():
                return "constant", node.name
            case Unary():
                return "sign", node.operator, parts
            case Sum() if not self._ordered:
                signs = ("+", *node.operators)
                return "sum", tuple(sorted(zip(signs, parts, strict=True)))
            case Sum():
                return "sum", node.operators, parts
            case Product():
                return "product", parts if self._ordered else tuple(sorted(parts))
            case Power():
                return "power", parts
            case Call():
                return node.function, parts
            case _:
                return type(node).__name__, parts


def same(left: Node, right: Node) -> bool:
    """Whether two parts say the same."""
    keys = Keys()
    return keys(left) == keys(right)
