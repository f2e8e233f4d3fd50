"""A gradient with its indices: ∂L/∂wᵢ = 2 Σₖ Xₖᵢ (Σₗ Xₖₗ wₗ − yₖ).

The result is a tree of numbers with two kinds of nodes that formulas have not: a call of `[i,j]` is
an entry of what it is called with, and a call of `Σk:3` a sum over k from 1 to 3.
"""

from collections.abc import Callable, Iterator, Sequence

from chainrule.calculus.build import divide, is_number, multiply, number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.script import ATOM, Written
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)

from .derivation import MatrixDerivation
from .fit import Shape
from .narrated_shapes import shapes_of
from .shapes import Shapes
from .text import MatrixScript

LETTERS = ("i", "j", "k", "l", "m", "n", "p", "r", "s", "t")
"""Indices in the order in which they are used; these have small forms below the line."""

_SMALL = str.maketrans("ijklmnprst0123456789", "ᵢⱼₖₗₘₙₚᵣₛₜ₀₁₂₃₄₅₆₇₈₉")

DELTA = "δ"
"""δᵢⱼ is 1 if i = j, 0 elsewhere."""


def index_form(derivation: MatrixDerivation) -> Node:
    """Entry (i, j) of a gradient as a tree of numbers with sums over indices."""
    shape = derivation.variable_shape
    return _Indexed(shapes_of(derivation)).at(derivation.gradient, LETTERS[: len(shape)])


def index_text(derivation: MatrixDerivation) -> str:
    """The gradient with its indices as an equation: `∂L/∂wᵢ = 2Σₖ(…)`."""
    script = IndexScript(shapes_of(derivation))
    letters = ",".join(LETTERS[: len(derivation.variable_shape)])
    left = f"∂{derivation.result}/∂{derivation.variable}{_small(letters)}"
    if not derivation.is_number:
        left = f"(Jᵀ{script.write(derivation.seed)}){_small(letters)}"
    return f"{left} = {script.write(index_form(derivation))}"


class _Indexed:
    """One tree in the making; each sum gets a letter of its own."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._letters = self._fresh()

    def _fresh(self) -> Iterator[str]:
        yield from LETTERS[2:]
        count = 1
        while True:
            yield from (f"{letter}{count}" for letter in LETTERS[2:])
            count += 1

    def at(self, node: Node, index: Sequence[str]) -> Node:
        """The entry of a part at an index for each of its axes."""
        shape = self._shapes(node)
        match node:
            case MatrixProduct():
                return self._product(node.left, node.right, index)
            case Call():
                return self._call(node, index)
            case Sum() | Product() | Quotient() | Power() | Unary():
                return self._entrywise(node, shape, index)
            case _:
                return entry(node, index) if index else node

    def _sum(self, size: int, body: Callable[[str], Node]) -> Node:
        letter = next(self._letters)
        return Call(function=f"Σ{letter}:{size}", text="Σ", arguments=(body(letter),))

    def _product(self, left: Node, right: Node, index: Sequence[str]) -> Node:
        rows = len(self._shapes(left)) - 1
        first, last = index[:rows], index[rows:]
        size = self._shapes(left)[-1]
        return self._sum(
            size, lambda k: _times(self.at(left, (*first, k)), self.at(right, (k, *last)))
        )

    def _entrywise(self, node: Node, shape: Shape, index: Sequence[str]) -> Node:
        parts = []
        for part in children(node):
            own = self._shapes(part)
            letters = list(index[len(shape) - len(own) :])
            for axis, size in enumerate(own):
                if size == 1 and shape[len(shape) - len(own) + axis] != 1:
                    letters[axis] = "1"
            parts.append(self.at(part, letters))
        if isinstance(node, Product) and any(is_number(part, 1) for part in parts):
            return _times(*parts)
        return with_children(node, parts)

    def _call(self, node: Call, index: Sequence[str]) -> Node:
        first = node.arguments[0]
        shape = self._shapes(first)
        match node.function:
            case "dot":
                return self._product(first, node.arguments[1], index)
            case "outer":
                pairs = zip(node.arguments, index, strict=True)
                return _times(*(self.at(part, (letter,)) for part, letter in pairs))
            case "transpose":
                return self.at(first, index[::-1])
            case "trace":
                return self._sum(shape[0], lambda k: self.at(first, (k, k)))
            case "sum":
                return self._total(first, shape, ())
            case "mean":
                count = 1
                for size in shape:
                    count *= size
                return divide(self._total(first, shape, ()), number(count))
            case "row_sum" | "row_mean":
                before = tuple(index[:1]) if len(shape) == 2 else ()
                total = self._sum(shape[-1], lambda k: self.at(first, (*before, k)))
                mean = node.function == "row_mean"
                return divide(total, number(shape[-1])) if mean else total
            case "column_sum" | "column_mean":
                total = self._sum(shape[0], lambda k: self.at(first, (k, *index)))
                mean = node.function == "column_mean"
                return divide(total, number(shape[0])) if mean else total
            case "diag" if len(shape) == 2:
                return self.at(first, (index[0], index[0]))
            case "diag":
                return _times(self.at(first, index[:1]), _delta(index))
            case "identity_like":
                return _delta(index)
            case "ones_like":
                return number(1)
        several = node.function in ("min", "max") and len(node.arguments) > 1
        if FUNCTIONS[node.function].kind == "elementwise" or several:
            return self._entrywise(node, self._shapes(node), index)
        return entry(node, index) if index else node

    def _total(self, node: Node, left: Shape, index: tuple[str, ...]) -> Node:
        if not left:
            return self.at(node, index)
        return self._sum(left[0], lambda k: self._total(node, left[1:], (*index, k)))


def _times(*factors: Node) -> Node:
    """A product without factors 1, which entries of 𝟏 and I are."""
    return multiply(*(each for each in factors if not is_number(each, 1)))


def entry(node: Node, index: Sequence[str]) -> Call:
    """The entry of a part at an index."""
    return Call(function=f"[{','.join(index)}]", text="", arguments=(node,))


def _delta(index: Sequence[str]) -> Node:
    if index[0] == index[1]:
        return number(1)
    return entry(Name(name=DELTA, text=DELTA), index)


def _small(letters: str) -> str:
    """Indices below the line; commas where one has a number."""
    plain = letters.replace(",", "")
    return (plain if plain.isalpha() else letters).translate(_SMALL)


class IndexScript(MatrixScript):
    """Unicode on one line, with entries and sums over indices."""

    id = "index-unicode"

    def _shape(self, node: Node) -> Shape | None:
        """None for what has entries or sums over indices in it: that is a number."""
        calls = (part for part in distinct(node) if isinstance(part, Call))
        if any(part.function not in FUNCTIONS for part in calls):
            return None
        return super()._shape(node)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """Xₖᵢ, Σₖ(…), and functions as elsewhere."""
        first = arguments[0]
        if node.function.startswith("["):
            base = first.text if first.level == ATOM else self.group(first.text)
            return Written(node=node, text=base + _small(node.function[1:-1]), level=ATOM)
        if node.function.startswith("Σ"):
            letter = node.function[1:].partition(":")[0].translate(_SMALL)
            inner = first.text
            whole = first.level == ATOM and not inner.startswith("Σ")
            text = f"Σ{letter} {inner}" if whole else f"Σ{letter}({inner})"
            return Written(node=node, text=text, level=ATOM)
        return super().call(node, arguments)
