"""How a tree becomes text: what stands where, and which parts need parentheses.

A script, Unicode or LaTeX or spoken English or code, says how each operation looks; where
parentheses are needed is the same for all. Products within products are written as one, and so are
sums: grouping that changes nothing is left out.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .derivation import HOLE
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

SUM, SIGN, PRODUCT, POWER, ATOM = range(5)
"""How tightly a text holds together, from a + b, over −a, a·b and a², to a."""

MOST_PARTS = 4000
"""Parts of an expression that is written out: forty full screens. Definitions used again and again
can stand for thousands of millions of parts; they are counted instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A part as text.

    Attributes:
        node: The part.
        text: As written.
        level: How tightly it holds together.
        factors: Of a product: each as it stands alone.
        open: True for a derivative still to be taken, such as d/dx(x²), and what ends with one.
        entries: Of an array: each.
        unmarked: The text without the mark that says which part it is; empty if it has none.
    """

    node: Node
    text: str
    level: int
    factors: tuple["Written", ...] = ()
    open: bool = False
    entries: tuple["Written", ...] = ()
    unmarked: str = ""

    @property
    def plain(self) -> str:
        """The text as its own part wrote it, for whoever looks at how it begins."""
        return self.unmarked or self.text


class Script(ABC):
    """A way of writing trees.

    Args:
        ln: The name of the natural logarithm where a derivation made it, not the learner.

    Attributes:
        id: Unique.
        plus: Between terms.
        minus: Between terms.
        times: Between factors.
        sign: Before what is negative.
    """

    id: str
    plus = " + "
    minus = " − "
    times = " · "
    sign = "−"

    def __init__(self, ln: str = "ln") -> None:
        self.ln = ln
        # what was written without holes is written so again; a node there keeps its identity
        self._known: dict[int, tuple[Written, int]] = {}

    def write(self, tree: Node | Formula, holes: Mapping[str, str] | None = None) -> str:
        """A tree as text.

        Args:
            tree: A formula or part of one; parts may be shared.
            holes: What is written for names that stand for derivatives still to be taken.
        """
        return self.written(tree.root if isinstance(tree, Formula) else tree, holes).text

    def write_fitted(self, node: Node, level: int, holes: Mapping[str, str] | None = None) -> str:
        """A tree as text, grouped where it holds together less tightly than needed."""
        return self.fitted(self.written(node, holes), level)

    def written(self, root: Node, holes: Mapping[str, str] | None = None) -> Written:
        """A tree as text, and how that holds together."""
        texts: Mapping[str, str] = {} if holes is None else holes
        done: dict[int, tuple[Written, int]] = {}
        for node in distinct(root):
            known = self._known.get(id(node))
            if known is None:
                inside = children(node)
                pairs = [done[id(child)] for child in inside]
                size = 1 + sum(size for _, size in pairs)
                parts = [self.marked(part) for part, _ in pairs]
                known = (self._measured(node, parts, size, texts), size)
                lasting = all(id(child) in self._known for child in inside)
                if lasting and not (isinstance(node, Name) and node.name in texts):
                    self._known[id(node)] = known
            done[id(node)] = known
        return self.marked(done[id(root)][0])

    def marked(self, part: Written) -> Written:
        """A part with a mark that says which it is, in scripts that can tell."""
        return part

    def _measured(
        self, node: Node, parts: Sequence[Written], size: int, holes: Mapping[str, str]
    ) -> Written:
        if size > MOST_PARTS:
            return Written(node=node, text=self.too_long(size), level=ATOM)
        return self._one(node, parts, holes)

    def _one(self, node: Node, parts: Sequence[Written], holes: Mapping[str, str]) -> Written:
        match node:
            case Name():
                if node.name in holes:
                    text, hole = holes[node.name], True
                else:
                    text, hole = self.name(node), False
                return Written(node=node, text=text, level=POWER if hole else ATOM, open=hole)
            case Number():
                return self.number(node)
            case Constant():
                return Written(node=node, text=self.constant(node), level=ATOM)
            case Unary():
                return self._signed(node, parts[0])
            case Sum():
                return self._sum(node, parts)
            case Product():
                return self._product(node, parts)
            case Quotient():
                return self.quotient(node, parts[0], parts[1])
            case MatrixProduct():
                return self.matrix_product(node, parts[0], parts[1])
            case Power():
                return self.power(node, parts[0], parts[1])
            case Call():
                return self.call(node, parts)
            case Array():
                return self.array(node, parts)

    # ---- the same in all scripts --------------------------------------------------------

    def fitted(self, part: Written, level: int) -> str:
        """A part where something that holds together at least so tightly is needed."""
        return part.text if part.level >= level else self.group(part.text)

    def _signed(self, node: Unary, operand: Written) -> Written:
        sign = self.sign if node.operator == "-" else "+"
        text = sign + self.fitted(operand, PRODUCT)
        return Written(node=node, text=text, level=SIGN, open=operand.open)

    def _sum(self, node: Sum, parts: Sequence[Written]) -> Written:
        text = self.fitted(parts[0], SUM)
        for operator, part in zip(node.operators, parts[1:], strict=True):
            if operator == "-":
                text = self.added(text, self.minus) + self.fitted(part, PRODUCT)
            else:
                flat = isinstance(part.node, Sum) and not self._begins_with_sign(part)
                text = self.added(text, self.plus) + self.fitted(part, SUM if flat else PRODUCT)
        return Written(node=node, text=text, level=SUM, open=parts[-1].open)

    def _begins_with_sign(self, part: Written) -> bool:
        return part.plain.startswith((self.sign, "+"))

    def _product(self, node: Product, parts: Sequence[Written]) -> Written:
        factors = [each for part in parts for each in (part.factors or (part,))]
        first = factors[0]
        text = self.group(first.text) if self.loose(first) else self.fitted(first, SIGN)
        for left, right in pairwise(factors):
            shown = self.fitted(right, POWER)
            text += self.between(left, right, shown) + shown
        level = SIGN if first.level == SIGN else PRODUCT
        return Written(
            node=node, text=text, level=level, factors=tuple(factors), open=factors[-1].open
        )

    def added(self, text: str, sign: str) -> str:
        """What was written of a sum, and the sign after it."""
        return text + sign

    def loose(self, first: Written) -> bool:
        """Whether a first factor would seem to go on into those after it."""
        return False

    def between(self, left: Written, right: Written, shown: str) -> str:
        """What stands between two factors; `shown` is the right one as it will stand there."""
        return self.times

    # ---- how each thing looks -----------------------------------------------------------

    @abstractmethod
    def group(self, text: str) -> str:
        """A part with parentheses around it."""

    @abstractmethod
    def name(self, node: Name) -> str:
        """A variable."""

    @abstractmethod
    def constant(self, node: Constant) -> str:
        """π or e."""

    def number(self, node: Number) -> Written:
        """A number, as it was typed."""
        return Written(node=node, text=node.text, level=ATOM)

    @abstractmethod
    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        """A fraction."""

    @abstractmethod
    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """A product of matrices."""

    @abstractmethod
    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        """A power."""

    @abstractmethod
    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """A function of its arguments."""

    @abstractmethod
    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """A vector or matrix."""

    @abstractmethod
    def too_long(self, parts: int) -> str:
        """What stands for an expression of too many parts."""

    def function_name(self, node: Call) -> str:
        """What a function is called: as it was typed, or its one name."""
        if node.function == "log" and len(node.arguments) == 1:
            return node.text if node.id >= 0 and node.text else self.ln
        return node.text or node.function


def is_hole(node: Node) -> bool:
    """Whether a part is a derivative still to be taken."""
    return isinstance(node, Name) and node.name.startswith(HOLE)
