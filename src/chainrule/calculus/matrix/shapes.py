"""The shape of every part of a formula, from the shapes of its names."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import (
    Array,
    Call,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    children,
    distinct,
)
from chainrule.records.message import Message

from .fit import (
    Shape,
    bars_misfit,
    entries_misfit,
    misfit,
    product_misfit,
    shape_text,
    stretch_misfit,
    stretched,
    two_readings,
)


class Shapes:
    """The shapes of parts; parts that are shared are looked at once.

    Args:
        names: The shape of each name; () for a number.
        text: The formula that was typed, for messages.
    """

    def __init__(self, names: Mapping[str, Shape], text: str = "") -> None:
        self.names = dict(names)
        self._text = text
        self._known: dict[int, tuple[Node, Shape]] = {}

    def __call__(self, root: Node) -> Shape:
        """The shape of a part.

        Raises:
            FormulaError: If shapes do not fit, or a name has none; the message points at the place.
        """
        known = self._known.get(id(root))
        if known is None:
            for node in distinct(root, self._known):
                # the node is kept, so that no other object gets its identity
                self._known[id(node)] = (node, self._shape(node))
            known = self._known[id(root)]
        return known[1]

    def _shape(self, node: Node) -> Shape:
        parts = [self._known[id(child)][1] for child in children(node)]
        match node:
            case Name():
                return self._named(node)
            case Sum():
                return self._entrywise(node, node.columns, parts)
            case Product():
                return self._product(node, parts)
            case Quotient() | Power():
                return self._entrywise(node, (node.column,), parts)
            case MatrixProduct():
                self._refuse(product_misfit(*parts), node, node.column)
                return parts[0][:-1] + (parts[1][1:] if len(parts[1]) == 2 else ())
            case Call():
                return self._call(node, parts)
            case Array():
                return self._array(node, parts)
            case _:
                return parts[0] if parts else ()

    def _named(self, node: Name) -> Shape:
        shape = self.names.get(node.name)
        if shape is None:
            raise FormulaError(
                Message(
                    "{name} has no shape: give it one, () for a number, (3,) for a vector of 3, "
                    "(2, 3) for a matrix with 2 rows and 3 columns.",
                    name=node.text,
                ),
                self._text,
                node.span[0] if node.id >= 0 else None,
            )
        if len(shape) > 2 or any(size < 1 for size in shape):
            self._refuse(
                Message(
                    "Expected a number, a vector or a matrix for {name}, found shape {shape}.",
                    name=node.text,
                    shape=shape,
                ),
                node,
                node.span[0],
            )
        return shape

    def _entrywise(self, node: Node, columns: Sequence[int], parts: Sequence[Shape]) -> Shape:
        total = parts[0]
        places = [*columns, *[0] * len(parts)]
        for column, part in zip(places, parts[1:], strict=False):
            self._refuse(stretch_misfit(total, part, begins=True), node, column)
            total = stretched(total, part) or total
        return total

    def _product(self, node: Product, parts: Sequence[Shape]) -> Shape:
        if node.id >= 0:  # what a derivation makes is always meant entry by entry
            total = parts[0]
            for operator, column, part in zip(node.operators, node.columns, parts[1:], strict=True):
                self._refuse(two_readings(operator, total, part), node, column)
                self._entrywise(node, (column,), (total, part))
                total = stretched(total, part) or total
        return self._entrywise(node, node.columns, parts)

    def _call(self, node: Call, parts: Sequence[Shape]) -> Shape:
        name, first = node.function, parts[0]
        if node.spelling == "|" and node.id >= 0:  # what a derivation makes is entry by entry
            self._refuse(bars_misfit(first), node, node.span[0])
        self._refuse(misfit(name, parts), node, node.span[0])
        match name:
            case "outer":
                return first + parts[1]
            case "transpose":
                return first[::-1]
            case "diag":
                return first * 2 if len(first) == 1 else first[:1]
            case "one_hot":
                return parts[1]
            case (
                "softmax"
                | "log_softmax"
                | "largest"
                | "inverse"
                | "cofactor"
                | "identity_like"
                | "ones_like"
            ):
                return first
            case "logsumexp":
                return first[:-1]
            case "row_sum" | "row_mean":
                return (first[0], 1) if len(first) == 2 else ()
            case "column_sum" | "column_mean":
                return first[1:]
        entrywise = FUNCTIONS[name].kind == "elementwise"
        if entrywise or (name in ("min", "max") and len(parts) > 1):
            return self._entrywise(node, (node.span[0],) * len(parts), parts)
        return ()

    def _array(self, node: Array, parts: Sequence[Shape]) -> Shape:
        first = parts[0]
        for entry, part in zip(node.entries, parts, strict=True):
            self._refuse(entries_misfit(first, part), node, entry.span[0])
        if len(first) == 2:
            self._refuse(
                Message(
                    "Expected numbers or vectors inside [ ], found {shape}: derivatives on paper "
                    "go up to matrices.",
                    shape=shape_text(first),
                ),
                node,
                node.entries[0].span[0],
            )
        return (len(parts), *first)

    def _refuse(self, reason: str | None, node: Node, column: int) -> None:
        if reason is not None:
            raise FormulaError(reason, self._text, column if node.id >= 0 else None)


def infer(formula: Formula, names: Mapping[str, Shape]) -> tuple[Shape, ...]:
    """The shape of each node of a formula, by its id.

    Args:
        formula: As it was read.
        names: The shape of each name; names left out are numbers.

    Raises:
        FormulaError: If shapes do not fit; the message points at the operator or function.
    """
    shapes = Shapes(dict.fromkeys(formula.names, ()) | dict(names), formula.text)
    return tuple(shapes(node) for node in formula.nodes())
