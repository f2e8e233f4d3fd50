"""A formula of vectors and matrices written out in its entries, for small shapes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.calculus.build import add, multiply
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import (
    Array,
    Call,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Sum,
    SumOperator,
    children,
    distinct,
    with_children,
)

from .entry_functions import ENTRY_FUNCTIONS
from .fit import Shape
from .shapes import Shapes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Nested = Node | Sequence["Nested"]
"""A number as a tree, or nested lists of them: a vector, or the rows of a matrix."""

MOST_NODES = 5_000
"""Nodes up to which something is written out: more is no longer one entry to look at."""

_SUBSCRIPTS = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


def entry_name(name: str, place: Sequence[int], taken: Sequence[str] = ()) -> Name:
    """The name of one entry, counted from 1: W₁₂, called `W12`.

    Args:
        name: Of the vector or matrix.
        place: Its indices, counted from 0.
        taken: Names that stand for something else; then it is called `W_1_2`.
    """
    from_one = [index + 1 for index in place]
    plain = all(index < 10 for index in from_one) and not name[-1].isdigit()
    short = name + "".join(map(str, from_one))
    if not plain or short in taken:
        short = "_".join([name, *map(str, from_one)])
    separator = "," if max(from_one) > 9 else ""
    shown = separator.join(map(str, from_one)).translate(_SUBSCRIPTS)
    # digits after a name that ends in digits would run together
    return Name(name=short, text=f"({name}){shown}" if name[-1].isdigit() else name + shown)


class Entries:
    """Parts as arrays of trees of numbers; parts that are shared are written out once.

    Args:
        shapes: The shape of each name.
        text: The formula that was typed, for messages.
        values: Numbers of names that have to be known, such as the classes of a cross entropy.
    """

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        text: str = "",
        values: "Mapping[str, ArrayLike] | None" = None,
    ) -> None:
        self.shapes = Shapes(shapes, text)
        self._text = text
        self._values = dict(values or {})
        self._taken = tuple(shapes)
        self._known: dict[int, tuple[Node, Any]] = {}

    def name(self, name: str, place: Sequence[int]) -> Name:
        """The name of one entry; of a number, its own."""
        if not place:
            return Name(name=name, text=name)
        return entry_name(name, place, self._taken)

    def names(self, name: str) -> Any:
        """The names of all entries of a vector or matrix, as an array."""
        import numpy as np

        shape = self.shapes.names[name]
        found = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            found[place] = self.name(name, place)
        return found

    def __call__(self, root: Node) -> Any:
        """The array of trees of a part.

        Raises:
            FormulaError: If shapes do not fit, a determinant or inverse is larger than 3 × 3, or
                there is too much to write out.
        """
        self.shapes(root)
        for node in distinct(root):
            if id(node) not in self._known:
                # the node is kept, so that no other object gets its identity
                self._known[id(node)] = (node, self._array(node))
        return self._known[id(root)][1]

    def _array(self, node: Node) -> Any:
        import numpy as np

        parts = [self._known[id(child)][1] for child in children(node)]
        match node:
            case Name():
                return self.names(node.name)
            case MatrixProduct():
                return products(parts[0], parts[1])
            case Array():
                return np.stack(parts)
            case Call():
                return self._call(node, parts)
        if not parts:
            return _number_array(node)
        return entrywise(lambda *own: _rebuilt(node, own), *parts)

    def _call(self, node: Call, parts: list[Any]) -> Any:
        several = node.function in ("min", "max") and len(parts) > 1
        if FUNCTIONS[node.function].kind == "elementwise" or several:
            return entrywise(lambda *own: _rebuilt(node, own), *parts)
        make = ENTRY_FUNCTIONS[node.function]
        try:
            return make(self._classes(node), *parts)
        except FormulaError as error:
            raise FormulaError(
                error.reason, self._text, node.span[0] if node.id >= 0 else None
            ) from None

    def _classes(self, node: Call) -> Any:
        """The numbers of the classes that a function goes by, if they are known."""
        from .evaluate import MatrixEvaluation

        place = {"cross_entropy": 1, "one_hot": 0}.get(node.function)
        if place is None:
            return None
        try:
            return MatrixEvaluation(self._values, self._text)(node.arguments[place])
        except FormulaError:
            return None


def expand(
    formula: Formula,
    shapes: Mapping[str, Shape],
    values: "Mapping[str, ArrayLike] | None" = None,
) -> Nested:
    """A formula written out in the entries of its vectors and matrices: W₁₂ is called `W12`.

    Args:
        formula: As it was read.
        shapes: The shape of each name; names left out are numbers.
        values: Numbers of the classes of a cross entropy, which say what is written out; without
            them there are cases.

    Returns:
        One tree for a number, a list for a vector, a list of rows for a matrix.

    Raises:
        FormulaError: If shapes do not fit, a determinant or inverse is larger than 3 × 3, or there
            is too much to write out.

    Example:
        >>> from chainrule.calculus import parse, write
        >>> write(expand(parse("x @ y"), {"x": (2,), "y": (2,)}))
        'x₁ · y₁ + x₂ · y₂'
    """
    entries = Entries(dict.fromkeys(formula.names, ()) | dict(shapes), formula.text, values)
    found = entries(formula.root)
    count = sum(1 for tree in found.flat for _ in distinct(tree))
    if count > MOST_NODES:
        raise FormulaError(
            f"Written out in entries this has {count} parts, more than {MOST_NODES}: choose "
            "smaller shapes.",
            formula.text,
        )
    nested: Nested = found.item() if found.ndim == 0 else found.tolist()
    return nested


def entrywise(function: Any, *arrays: Any) -> Any:
    """A function of trees on arrays of trees, stretched to one another."""
    import numpy as np

    stretched = np.broadcast_arrays(*arrays)
    found = np.empty(stretched[0].shape, dtype=object)
    for place in np.ndindex(*found.shape):
        found[place] = function(*(array[place] for array in stretched))
    return found


def products(left: Any, right: Any) -> Any:
    """The matrix product of arrays of trees."""
    import numpy as np

    rows = left if left.ndim == 2 else left[np.newaxis, :]
    columns = right if right.ndim == 2 else right[:, np.newaxis]
    found = np.empty((rows.shape[0], columns.shape[1]), dtype=object)
    for i, j in np.ndindex(*found.shape):
        pairs = zip(rows[i], columns[:, j], strict=True)
        found[i, j] = add(*(multiply(a, b) for a, b in pairs))
    return found.reshape(left.shape[:-1] + (right.shape[1:] if right.ndim == 2 else ()))


def _rebuilt(node: Node, parts: Sequence[Node]) -> Node:
    if isinstance(node, Sum):
        return _sum(node.operators, parts)
    return with_children(node, parts)


def _sum(operators: Sequence[SumOperator], parts: Sequence[Node]) -> Node:
    return Sum(terms=tuple(parts), operators=tuple(operators))


def _number_array(node: Node) -> Any:
    import numpy as np

    found = np.empty((), dtype=object)
    found[()] = node
    return found
