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
    return Indexed(shapes_of(derivation)).at(derivation.gradient, LETTERS[: len(shape)])


def index_text(derivation: MatrixDerivation) -> str:
    """The gradient with its indices as an equation: `∂L/∂wᵢ = 2Σₖ(…)`."""
    script = IndexScript(shapes_of(derivation))
    index = LETTERS[: len(derivation.variable_shape)]
    left = f"∂{derivation.result}/∂{entry_text(derivation.variable, index)}"
    if not derivation.is_number:
        left = entry_text(f"(Jᵀ{script.write(derivation.seed)})", index)
    return f"{left} = {script.write(index_form(derivation))}"


class Indexed:
    """One tree in the making; each sum gets a letter of its own.

    Args:
        shapes: Of all that has a name.
        taken: How many letters have another use.
    """

    def __init__(self, shapes: Shapes, taken: int = 2) -> None:
        self._shapes = shapes
        self._letters = self._fresh(taken)

    def _fresh(self, taken: int) -> Iterator[str]:
        yield from LETTERS[taken:]
        count = 1
        while True:
            yield from (f"{letter}{count}" for letter in LETTERS[taken:])
            count += 1

    def stretched(self, node: Node, shape: Shape, index: Sequence[str]) -> Node:
        """The entry of a part that may be smaller, and stands for an array of a shape."""
        own = self._shapes(node)
        return self.at(node, _own_index(own, shape, index))

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
                return self.leaf(node, index)

    def leaf(self, node: Node, index: Sequence[str]) -> Node:
        """The entry of a name, a number or an array."""
        return entry(node, index) if index else node

    def _sum(self, size: int, body: Callable[[str], Node]) -> Node:
        letter = next(self._letters)
        return self.total(letter, size, body(letter))

    def total(self, letter: str, size: int, body: Node) -> Node:
        """The sum of what depends on an index."""
        return Call(function=f"Σ{letter}:{size}", text="Σ", arguments=(body,))

    def _product(self, left: Node, right: Node, index: Sequence[str]) -> Node:
        rows = len(self._shapes(left)) - 1
        first, last = index[:rows], index[rows:]
        size = self._shapes(left)[-1]
        return self._sum(
            size, lambda k: times(self.at(left, (*first, k)), self.at(right, (k, *last)))
        )

    def _entrywise(self, node: Node, shape: Shape, index: Sequence[str]) -> Node:
        parts = [self.stretched(part, shape, index) for part in children(node)]
        if isinstance(node, Product) and any(is_number(part, 1) for part in parts):
            return times(*parts)
        return with_children(node, parts)

    def _call(self, node: Call, index: Sequence[str]) -> Node:
        first = node.arguments[0]
        shape = self._shapes(first)
        match node.function:
            case "dot":
                return self._product(first, node.arguments[1], index)
            case "outer":
                pairs = zip(node.arguments, index, strict=True)
                return times(*(self.at(part, (letter,)) for part, letter in pairs))
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
                return times(self.at(first, index[:1]), delta(index))
            case "identity_like":
                return delta(index)
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


def _own_index(own: Shape, shape: Shape, index: Sequence[str]) -> list[str]:
    """The index of an entry in an array that is stretched to a shape."""
    letters = list(index[len(shape) - len(own) :])
    for axis, size in enumerate(own):
        if size == 1 and shape[len(shape) - len(own) + axis] != 1:
            letters[axis] = "1"
    return letters


def times(*factors: Node) -> Node:
    """A product without factors 1, which entries of 𝟏 and I are."""
    return multiply(*(each for each in factors if not is_number(each, 1)))


def entry(node: Node, index: Sequence[str]) -> Call:
    """The entry of a part at an index."""
    return Call(function=f"[{','.join(index)}]", text="", arguments=(node,))


def delta(index: Sequence[str]) -> Node:
    """δᵢⱼ; 1 if both are the same index."""
    if index[0] == index[1]:
        return number(1)
    return entry(Name(name=DELTA, text=DELTA), index)


def _small(letters: str) -> str:
    """Indices below the line; commas where one has a number."""
    plain = letters.replace(",", "")
    return (plain if plain.isalpha() else letters).translate(_SMALL)


def entry_text(called: str, index: Sequence[str]) -> str:
    """An entry of what is called so: wᵢ, Xᵢⱼ, (u₁)ᵢ."""
    if not index:
        return called
    more = called[-1].isdigit() or "_" in called
    return (f"({called})" if more else called) + _small(",".join(index))


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
            index = node.function[1:-1]
            if first.open or isinstance(first.node, Name):
                # the name of a gradient goes on after its sign: ∂L/∂u has entries ∂L/∂uᵢ
                sign, slash, called = first.text.rpartition("∂")
                shown = sign + slash + entry_text(called, index.split(","))
                return Written(node=node, text=shown, level=ATOM)
            alone = first.level == ATOM and not first.text.endswith(("⁻¹", "ᵀ"))
            base = first.text if alone else self.group(first.text)
            return Written(node=node, text=base + _small(index), level=ATOM)
        if node.function.startswith("Σ"):
            letter = node.function[1:].partition(":")[0].translate(_SMALL)
            inner = first.text
            whole = first.level == ATOM and not inner.startswith("Σ")
            text = f"Σ{letter} {inner}" if whole else f"Σ{letter}({inner})"
            return Written(node=node, text=text, level=ATOM)
        return super().call(node, arguments)
