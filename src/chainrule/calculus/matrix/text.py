"""A tree as people write matrices: 2Xᵀ(X w − y), A⁻ᵀ, x yᵀ, σ(Z) ⊙ T.

⊙ multiplies entry by entry, factors side by side are a matrix product, xᵀ y is a dot product.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.pretty import Pretty
from chainrule.calculus.script import ATOM, POWER, PRODUCT, Written
from chainrule.calculus.tree import Call, Formula, MatrixProduct, Node, Number, Quotient

from .algebra.idea import chain
from .fit import Shape

ShapeOf = Callable[[Node], Shape]

_RAISED = frozenset({"transpose", "inverse", "outer"})
"""Functions that are written by a sign above the line, not by their names."""

_SUBSCRIPTS = str.maketrans("0123456789×", "₀₁₂₃₄₅₆₇₈₉ₓ")


def mathematics(
    tree: Node | Formula,
    shape_of: ShapeOf | None = None,
    holes: Mapping[str, str] | None = None,
) -> str:
    """A tree as text.

    Args:
        tree: A formula or part of one.
        shape_of: The shape of any part; without it, vectors are not told from matrices.
        holes: What is written in the places of some names, such as ∂L/∂u for a gradient.
    """
    text = MatrixScript(shape_of).write(tree, holes)
    root = tree.root if isinstance(tree, Formula) else tree
    if isinstance(root, MatrixProduct) and text.startswith("(") and text.endswith(")ᵀ"):
        return text[1:-2]  # standing alone, xᵀ A may be a row
    return text


class MatrixScript(Pretty):
    """Unicode on one line, as in books on matrices.

    Args:
        shape_of: The shape of any part; None if shapes are not known.
    """

    id = "matrix-unicode"

    def __init__(self, shape_of: ShapeOf | None = None) -> None:
        super().__init__()
        self._shape_of = shape_of

    def _shape(self, node: Node) -> Shape | None:
        if self._shape_of is None:
            return None
        try:
            return self._shape_of(node)
        except FormulaError:
            return None

    def _is_vector(self, node: Node) -> bool:
        shape = self._shape(node)
        return shape is not None and len(shape) == 1

    def between(self, left: Written, right: Written, shown: str) -> str:
        """⊙ between two that are no numbers."""
        if self._shape(left.node) and self._shape(right.node):
            return " ⊙ "
        raised = isinstance(right.node, Call) and right.node.function in _RAISED
        sign = super().between(left, right, shown)
        return "" if sign == " " and raised else sign

    def loose(self, first: Written) -> bool:
        """A dot product as well: (aᵀ x) · b."""
        dot = isinstance(first.node, MatrixProduct) and self._shape(first.node) == ()
        return dot or super().loose(first)

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """A B side by side; xᵀ y for vectors."""
        vector = self._is_vector(left.node)
        if not isinstance(left.node, MatrixProduct):
            first = self._raised(left, "ᵀ") if vector else self.fitted(left, POWER)
        elif not vector:
            first = left.text
        elif self._is_vector(chain(left.node)[0]):
            first = left.text[1:-2]  # xᵀ A is a row already
        else:
            first = self.group(left.text) + "ᵀ"  # A x is a column
        grouped = right.level < POWER or (
            isinstance(right.node, MatrixProduct) and right.node.id >= 0
        )
        after = self.group(right.text) if grouped else right.text
        text = first + ("" if after.startswith("(") else " ") + after
        if vector and self._shape(node) == ():
            return Written(node=node, text=text, level=PRODUCT)
        if vector and self._is_vector(node):
            return Written(node=node, text=f"({text})ᵀ", level=ATOM)
        # it holds together more tightly than ⊙ and a number in front
        return Written(node=node, text=text, level=POWER)

    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        """A matrix product needs no parentheses above the line, and always below."""
        if _is_product(denominator.node) and denominator.level != ATOM:
            denominator = replace(denominator, text=self.group(denominator.text), level=ATOM)
        if not _is_product(numerator.node):
            return super().quotient(node, numerator, denominator)
        bottom = self.fitted(denominator, POWER)
        return Written(node=node, text=f"{numerator.text} / {bottom}", level=PRODUCT)

    def _raised(self, part: Written, sign: str) -> str:
        return (part.text if part.level == ATOM else self.group(part.text)) + sign

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """A⁻¹, x yᵀ, I, 𝟏; other functions by their names."""
        first = arguments[0]
        match node.function:
            case "inverse":
                return Written(node=node, text=self._raised(first, "⁻¹"), level=ATOM)
            case "transpose" if first.text.endswith("⁻¹") and first.level == ATOM:
                return Written(node=node, text=first.text[:-1] + "ᵀ", level=ATOM)
            case "outer":
                text = f"{self.fitted(first, POWER)} {self._raised(arguments[1], 'ᵀ')}"
                return Written(node=node, text=text, level=POWER)
            case "identity_like":
                return Written(node=node, text="I" + self._size(first.node, 1), level=ATOM)
            case "ones_like":
                return Written(node=node, text="𝟏" + self._size(first.node, 2), level=ATOM)
            case "trace":
                return Written(node=node, text=f"tr({first.text})", level=ATOM)
            case "dot":
                right = self.fitted(arguments[1], POWER)
                return Written(node=node, text=f"{self._raised(first, 'ᵀ')} {right}", level=PRODUCT)
            case "norm" if len(arguments) == 2:
                order = arguments[1].text
                plain = isinstance(arguments[1].node, Number) and order.isdecimal()
                small = order.translate(_SUBSCRIPTS) if plain else f"_({order})"
                return Written(node=node, text=f"‖{first.text}‖{small}", level=ATOM)
        return super().call(node, arguments)

    def _size(self, node: Node, axes: int) -> str:
        shape = self._shape(node)
        return "" if shape is None else "×".join(map(str, shape[:axes])).translate(_SUBSCRIPTS)


def _is_product(node: Node) -> bool:
    return isinstance(node, MatrixProduct) or (isinstance(node, Call) and node.function == "outer")
