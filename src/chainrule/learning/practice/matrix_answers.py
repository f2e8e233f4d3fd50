"""Answers of vectors and matrices: how people type them, and what a product in them can mean.

`Aᵀ*(A*x − b)` is a product of matrices in books and one entry by entry in NumPy. Of an answer both
are tried.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from chainrule.calculus import FormulaError
from chainrule.calculus.build import call, exact, multiply
from chainrule.calculus.matrix.fit import Shape, product_misfit, shape_text
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Node,
    Power,
    Product,
    ProductOperator,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)
from chainrule.calculus.writing import write
from chainrule.records.message import Message

from .spelling_of_lists import without_turning

_T = r"(?:\\math(?:sf|rm|it|bf|tt)\s*\{\s*T\s*\}|\\(?:top|intercal)(?![A-Za-z])|⊤|T(?!\w))"
"""What stands raised behind a matrix that is transposed."""

_SMALL = re.compile(r"(?<=[A-Z)\]}])(?P<sign>\s*\^\s*(?:\{\s*t\s*\}|t(?!\w)))")
"""A^t, as some write a transpose: behind a capital letter, where t is no name."""

_TRANSPOSED = re.compile(
    rf"(?<=[\w)\]}}])(?P<sign>\s*\^\s*(?:\{{\s*{_T}\s*\}}|{_T})|\.m?T(?!\w)|\.t\(\)|')"
)

_INVERSE_TRANSPOSED = re.compile(
    rf"(?<=[\w)\]}}])\s*\^\s*(?:\{{\s*-\s*{_T}\s*\}}|\(\s*-\s*{_T}\s*\)|-\s*{_T})"
    r"|(?:\s*\^\s*(?:\{\s*-\s*1\s*\}|\(\s*-\s*1\s*\)|-\s*1)|⁻¹)\s*ᵀ"
)
"""X^{-T}, and X^-1ᵀ, whose exponent 1 would else be turned."""

_BRACED_INVERSE = re.compile(r"\^\s*\{\s*-\s*1\s*\}")


def with_transposes(text: str, names: Sequence[str]) -> str:
    r"""A text with ᵀ for what stands for a transpose: A^T, A.T, A', A^{\top}.

    What stands for the transpose of an inverse, such as A^{-T}, is ⁻ᵀ.

    It keeps its length, so that a message points at the column that was typed.
    """
    if "T" in names:
        return text
    for pattern in (_TRANSPOSED, _SMALL) if names and "t" not in names else (_TRANSPOSED,):
        text = pattern.sub(lambda found: "ᵀ" + " " * (len(found["sign"]) - 1), text)
    text = _BRACED_INVERSE.sub(lambda found: "^(-1)" + " " * (len(found[0]) - 5), text)
    return _INVERSE_TRANSPOSED.sub(lambda found: "⁻ᵀ" + " " * (len(found[0]) - 2), text)


def tells_of_matrices(text: str, names: Sequence[str]) -> bool:
    """Whether an answer can only be one of matrices; f'(x) is none, though A' is."""
    turned = with_transposes(without_turning(text).replace("'", ""), names)
    return "ᵀ" in turned or bool(_OF_MATRICES.search(turned))


_OF_MATRICES = re.compile(r"@|\b(?:diag|inv|inverse|outer|trace|tr)\s*\(")


def as_matrix_products(
    root: Node,
    names: Mapping[str, Shape],
    *,
    stars_entrywise: bool = False,
    strictly: bool = False,
) -> Node:
    """An expression whose products of vectors and matrices are those of matrices.

    A transposed vector is a row: xᵀy is a number, and x yᵀ a matrix.

    Args:
        root: As it was read.
        names: The shape of each name.
        stars_entrywise: Whether a star between two of one shape multiplies them entry by entry, as
            in `W^T (a*sigmoid(W x))`.
        strictly: Whether a vector without a transpose is a column, but beside @: then none may
            stand before a matrix, or be added to a row.

    Raises:
        FormulaError: If two parts do not fit; the message says which.
    """
    return MatrixReader(Shapes(names), stars_entrywise=stars_entrywise, strictly=strictly)(root)


def _times_inverted(exponent: Node) -> int:
    """3 for −3: how many inverses a power of a matrix has; 0 if none."""
    value = exact(exponent)
    return -int(value) if value is not None and value in (-1, -2, -3) else 0


class MatrixReader:
    """Reads expressions as `as_matrix_products` does; what several of them share is read once.

    Args:
        shapes: Those of the names, and of all that has been looked at.
        stars_entrywise: As there.
        strictly: As there.
        turned: Whether of A x ⊙ y the product is read first that is else read last: x ⊙ y. Books
            differ in that; a star entry by entry goes first, as in W^T a*b, if it is not turned.
        beside: Whether two columns of one shape side by side are multiplied entry by entry, as in
            s (1 - s), since nothing else can be meant.
    """

    def __init__(
        self,
        shapes: Shapes,
        *,
        stars_entrywise: bool,
        strictly: bool,
        turned: bool = False,
        beside: bool = False,
    ) -> None:
        self._signs: tuple[ProductOperator, ...] = ("⊙", "*") if stars_entrywise else ("⊙",)
        self._signs += ("",) if beside else ()
        self._beside = beside
        self._strictly = strictly
        self._turned_order = turned
        self._mixed: dict[int, tuple[Node, str]] = {}
        self._shapes = shapes
        self._rows: dict[int, Node] = {}
        self._made: dict[int, tuple[Node, Node]] = {}

    def __call__(self, root: Node) -> Node:
        """An expression as it is meant.

        Raises:
            FormulaError: If two parts do not fit; the message says which.
        """
        if id(root) not in self._made:
            for node in distinct(root, self._made):
                # the node is kept, so that no other object gets its identity
                self._made[id(node)] = (node, self._read(node))
        return self._made[id(root)][1]

    def is_row(self, made: Node) -> bool:
        """Whether an expression that was read is a row, made of a vector that was transposed."""
        return id(made) in self._rows

    def parentheses(self, made: Node) -> list[str]:
        """Where products of both kinds stood side by side, how these were read: (A x) ⊙ y."""
        found = (self._mixed.get(id(each)) for each in distinct(made))
        return [each[1] for each in found if each is not None]

    def _read(self, node: Node) -> Node:
        parts = [self._made[id(child)][1] for child in children(node)]
        match node:
            case Product():
                return self._product(node, parts)
            case MatrixProduct():
                return self._times(parts[0], parts[1])
            case Sum() if self._strictly and self._mixes_rows(parts):
                raise FormulaError(Message("A row and a column cannot be added."))
            case Power() if (times := _times_inverted(node.exponent)) and len(
                self._shapes(parts[0])
            ) == 2:
                return self._inverse(parts[0], times)
            case Call(function="transpose") if len(self._shapes(parts[0])) == 1:
                return self._turned(parts[0])
            case Sum() | Unary() | Quotient() if any(id(each) in self._rows for each in parts):
                return self._row(with_children(node, parts))
            case _:
                return with_children(node, parts)

    def _inverse(self, matrix: Node, times: int) -> Node:
        """A⁻¹ and its powers: of a matrix no entries are meant."""
        inverse = call("inverse", matrix)
        self._shapes(inverse)  # refuses what has none
        total: Node = inverse
        for _ in range(times - 1):
            total = MatrixProduct(left=inverse, right=total)
        return total

    def _is_column(self, node: Node) -> bool:
        return len(self._shapes(node)) == 1 and id(node) not in self._rows

    def _mixes_rows(self, terms: Sequence[Node]) -> bool:
        rows = {id(each) in self._rows for each in terms if len(self._shapes(each)) == 1}
        return len(rows) == 2

    def _turned(self, vector: Node) -> Node:
        # a new object, since the same vector may stand elsewhere as a column
        copy = replace(vector)
        return copy if id(vector) in self._rows else self._row(copy)

    def _row(self, node: Node) -> Node:
        self._rows[id(node)] = node  # kept, so that no other object gets its identity
        return node

    def _product(self, node: Product, factors: Sequence[Node]) -> Node:
        """A product of numbers, and of vectors and matrices both as such and entry by entry.

        ⊙ multiplies entry by entry what stands on both sides of it: A x ⊙ B y is (A x) ⊙ (B y).
        Where that does not fit, only its neighbours, as in Wᵀ a ⊙ b.
        """
        signs = [each for each in self._signs if each in node.operators]
        if not signs:
            return self._multiplied(node, factors)
        if ("⊙" in signs) != self._turned_order:
            return self._by_sides(node, factors, signs[0]) or self._by_neighbours(node, factors)
        try:
            return self._by_neighbours(node, factors)
        except FormulaError:
            if not self._turned_order:
                raise
            made = self._by_sides(node, factors, signs[0])
            if made is None:
                raise
            return made

    def _by_sides(
        self, node: Product, factors: Sequence[Node], sign: ProductOperator
    ) -> Node | None:
        """Products of matrices first; None if what they come to cannot be multiplied by entries."""
        sides = self._sides(node, factors, sign)
        if not self._are_alike(sides):
            return None
        ends = [i for i, each in enumerate(node.operators, 1) if each == sign]
        groups = [[*range(a, b)] for a, b in pairwise([0, *ends, len(factors)])]
        return self._noted(self._entrywise(sides), node, factors, groups, " ⊙ ")

    def _by_neighbours(self, node: Product, factors: Sequence[Node]) -> Node:
        """Products entry by entry first, of neighbours of one shape."""
        groups = self._starred(node, factors)
        joined = [self._joined([factors[i] for i in group]) for group in groups]
        plain = Product(factors=tuple(joined), operators=_signs("", len(joined) - 1))
        return self._noted(self._multiplied(plain, joined), node, factors, groups, " ")

    def _noted(
        self,
        made: Node,
        node: Product,
        factors: Sequence[Node],
        groups: Sequence[Sequence[int]],
        between: str,
    ) -> Node:
        """What was made, remembered if parentheses would have been needed to write it."""
        shaped = [[i for i in group if self._shapes(factors[i])] for group in groups]
        apart = self._beside or sum(map(bool, shaped)) > 1
        if apart and any(len(each) > 1 for each in shaped):
            within = " " if between == " ⊙ " else " ⊙ "
            texts = [within.join(_as_factor(node.factors[i]) for i in group) for group in groups]
            grouped = [
                f"({text})" if len(group) > 1 < len(groups) else text
                for text, group in zip(texts, groups, strict=True)
            ]
            self._mixed[id(made)] = (made, between.join(grouped))
        return made

    def _multiplied(self, node: Product, factors: Sequence[Node]) -> Node:
        """Numbers in front, the others multiplied as matrices from the right."""
        scalars = [each for each in factors if not self._shapes(each)]
        others = [each for each in factors if self._shapes(each)]
        if len(others) < 2:
            made = (
                with_children(node, factors)
                if len(factors) == len(node.factors)
                else multiply(*factors)
            )
            return self._row(made) if others and id(others[0]) in self._rows else made
        try:
            total = self._from_the_right(others)
        except FormulaError as error:
            if not any(id(each) in self._rows for each in others[:-1]):
                raise
            total = self._from_the_left(others, error)
        for factor in reversed(scalars):
            scaled = Product(factors=(factor, total), operators=("*",), columns=(0,))
            total = self._row(scaled) if id(total) in self._rows else scaled
        return total

    def _from_the_right(self, factors: Sequence[Node]) -> Node:
        total = factors[-1]
        for factor in reversed(factors[:-1]):
            if self._strictly and self._is_column(factor) and len(self._shapes(total)) == 2:
                raise FormulaError(
                    Message(
                        "A vector cannot stand before a matrix, unless it is transposed to a row."
                    )
                )
            total = self._times(factor, total)
        return total

    def _from_the_left(self, factors: Sequence[Node], error: FormulaError) -> Node:
        """A product that fits only so: of aᵀ x A the number aᵀ x times A.

        Raises:
            FormulaError: The one given, if it does not fit so either.
        """
        total = factors[0]
        for factor in factors[1:]:
            if self._strictly and self._is_column(total) and len(self._shapes(factor)) == 2:
                raise error
            try:
                total = self._times(total, factor)
            except FormulaError:
                raise error from None
        return total

    def _sides(self, node: Product, factors: Sequence[Node], sign: ProductOperator) -> list[Node]:
        """What stands between these signs, or [] if the parts of one of them do not fit."""
        ends = [i for i, each in enumerate(node.operators, 1) if each == sign]
        found = []
        for start, end in pairwise([0, *ends, len(factors)]):
            side = Product(
                factors=tuple(factors[start:end]), operators=node.operators[start : end - 1]
            )
            try:
                found.append(
                    self._product(side, side.factors) if side.operators else factors[start]
                )
            except FormulaError:
                return []
        return found

    def _are_alike(self, sides: Sequence[Node]) -> bool:
        """Whether factors can be multiplied entry by entry: of one shape, or numbers."""
        shaped = [each for each in sides if self._shapes(each)]
        kinds = {(self._shapes(each), id(each) in self._rows) for each in shaped}
        return bool(sides) and len(kinds) <= 1

    def _entrywise(self, sides: Sequence[Node]) -> Node:
        stars = _signs("*", len(sides) - 1)
        made = Product(factors=tuple(sides), operators=stars, columns=(0,) * len(stars))
        return self._row(made) if any(id(each) in self._rows for each in sides) else made

    def _starred(self, node: Product, factors: Sequence[Node]) -> list[list[int]]:
        """The factors by place, those together that are multiplied entry by entry."""
        found = [[0]]
        for place, operator in enumerate(node.operators, 1):
            last, factor = factors[found[-1][-1]], factors[place]
            alike = self._shapes(last) and self._shapes(last) == self._shapes(factor)
            if operator == "" and len(self._shapes(last)) != 1:
                alike = False
            if operator in self._signs and alike and not {id(last), id(factor)} & self._rows.keys():
                found[-1].append(place)
            elif operator == "⊙" and self._shapes(last) and self._shapes(factor):
                raise FormulaError(
                    Message(
                        "⊙ multiplies entry by entry what has one shape, and found {left} and "
                        "{right}: write parentheses around what belongs together.",
                        left=self._shape_text(last),
                        right=self._shape_text(factor),
                    )
                )
            else:
                found.append([place])
        return found

    def _shape_text(self, node: Node) -> Message:
        shape = shape_text(self._shapes(node))
        return Message("{shape} as a row", shape=shape) if id(node) in self._rows else shape

    def _joined(self, factors: Sequence[Node]) -> Node:
        total = factors[0]
        for factor in factors[1:]:
            total = Product(factors=(total, factor), operators=("*",), columns=(0,))
        return total

    def _times(self, left: Node, right: Node) -> Node:
        a, b = self._shapes(left), self._shapes(right)
        if not a or not b:
            return Product(factors=(left, right), operators=("*",), columns=(0,))
        if id(right) in self._rows:
            if len(a) == 1 and id(left) not in self._rows:
                return call("outer", left, right)
            raise FormulaError(
                Message("{left} cannot be multiplied by a row behind it.", left=shape_text(a))
            )
        reason = product_misfit(a, b)
        if reason is not None:
            raise FormulaError(reason)
        made = MatrixProduct(left=left, right=right)
        return self._row(made) if id(left) in self._rows and len(b) == 2 else made


def _as_factor(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, Sum | Unary) else write(node)


def _signs(sign: ProductOperator, count: int) -> tuple[ProductOperator, ...]:
    return tuple([sign] * count)
