"""Several expressions as one list of operations for programs: what they have in common stands once.

f, ∇f and ∇²f are made of the same parts. Whoever computes them together, as a page does while a
slider moves, computes each part once.
"""

from collections.abc import Mapping

from chainrule.records.json_values import Json, json_number

from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
)


class SharedParts:
    """A list that expressions are added to; equal parts get one place.

    Rows are those of `tree.to_json`, without what is about writing: each has its `kind` and the
    places of its `children`, which are earlier in the list; a `Number` or `Constant` has its
    `value`, a `Name` its `name`, a `Unary` its `operator`, a `Sum` its `operators`, a `Call` its
    `function`. There is no plus sign before a single operand.

    Args:
        definitions: Formulas that names stand for; they are filled in, each once.
    """

    def __init__(self, definitions: Mapping[str, Formula] | None = None) -> None:
        self.rows: list[dict[str, Json]] = []
        self._definitions = dict(definitions or {})
        self._places: dict[tuple[object, ...], int] = {}
        self._of_node: dict[int, tuple[Node, int]] = {}

    def add(self, root: Node) -> int:
        """The place of an expression of numbers.

        Raises:
            TypeError: If it holds a vector or a matrix.
        """
        for node in distinct(root, self._of_node):
            # the node is kept, so that no other object gets its identity
            self._of_node[id(node)] = (node, self._place(node))
        return self._of_node[id(root)][1]

    def _place(self, node: Node) -> int:
        if isinstance(node, Name) and node.name in self._definitions:
            return self.add(self._definitions[node.name].root)
        inside = [self._of_node[id(child)][1] for child in children(node)]
        if isinstance(node, Unary) and node.operator == "+":
            return inside[0]
        about = _about(node)
        content = (type(node), repr(about), tuple(inside))
        if content not in self._places:
            self._places[content] = len(self.rows)
            self.rows.append({"kind": type(node).__name__, "children": [*inside], **about})
        return self._places[content]


def _about(node: Node) -> dict[str, Json]:
    """What a row says beside its kind and its children."""
    match node:
        case Number() | Constant():
            return {"value": json_number(node.value)}
        case Name():
            return {"name": node.name}
        case Unary():
            return {"operator": node.operator}
        case Sum():
            return {"operators": [*node.operators]}
        case Call():
            return {"function": node.function}
        case Product() | Quotient() | Power():
            return {}
        case Array() | MatrixProduct():
            raise TypeError("Expected an expression of numbers, found a vector or a matrix.")
