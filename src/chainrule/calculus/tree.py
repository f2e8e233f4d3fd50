"""A formula as the learner wrote it: a tree that is never simplified and never reordered.

Every node has a number (`id`), the place in the text that it was read from (`span`), and the
pairs of parentheses that were written around it. Two nodes are equal if they say the same in the
same way of writing; where they stand does not matter.

A sum keeps all its terms in one node and a product all its factors, since a person differentiates
them so. `a*b/c*d` is ((a·b)/c)·d: a product whose first factor is a quotient.
"""

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

Span = tuple[int, int]
"""Characters of the text, counted from 0: the first, and the one after the last."""

SumOperator = Literal["+", "-"]
ProductOperator = Literal["*", "×", "·", "⊙", ""]
"""How a multiplication was written; empty where the factors only stand side by side."""

QuotientOperator = Literal["/", "÷"]
PowerSpelling = Literal["**", "^", "superscript"]
CallSpelling = Literal["parentheses", "bare", "|", "‖", "ᵀ"]
"""`sin(x)`, `sin x`, `|x|`, `‖x‖`, `Aᵀ`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What every node knows of its place.

    Attributes:
        id: From 0, unique in its tree; children come before their parents, left before right, so
            that the order of the numbers is an order of evaluation.
        span: The text it was read from, without parentheses around it.
        parentheses: Pairs written around it.
    """

    id: int = field(default=-1, compare=False)
    span: Span = field(default=(0, 0), compare=False)
    parentheses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Written):
    """A number, as it was typed."""

    text: str

    @property
    def value(self) -> float:
        """The nearest float64."""
        return float(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(_Written):
    """A variable or a datum; which of them is not known to the formula.

    Attributes:
        name: Normalised as Python normalises its own names (NFKC): x₁ is x1.
        text: As typed.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(_Written):
    """π or e; `text` is how it was typed."""

    name: Literal["pi", "e"]
    text: str

    @property
    def value(self) -> float:
        """The nearest float64."""
        return math.pi if self.name == "pi" else math.e


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(_Written):
    """A sign before something: −x, +x. It binds less than a product: −x·y is −(x·y)."""

    operator: SumOperator
    operand: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum(_Written):
    """Two or more terms; `operators[i]` stands before `terms[i + 1]`, at `columns[i]`."""

    terms: tuple["Node", ...]
    operators: tuple[SumOperator, ...]
    columns: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(_Written):
    """Two or more factors; `operators[i]` stands before `factors[i + 1]`, at `columns[i]`."""

    factors: tuple["Node", ...]
    operators: tuple[ProductOperator, ...]
    columns: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotient(_Written):
    """One thing divided by another; `column` is the operator's."""

    numerator: "Node"
    denominator: "Node"
    operator: QuotientOperator = "/"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixProduct(_Written):
    """`left @ right`; `column` is the operator's."""

    left: "Node"
    right: "Node"
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Power(_Written):
    """base^exponent, entry by entry.

    Attributes:
        base: What is raised.
        exponent: To what.
        spelling: How it was written.
        on_name: True for sin²(x) and sin^2(x), where the exponent stands at the function's name
            and the base is its call.
        column: Of the operator.
    """

    base: "Node"
    exponent: "Node"
    spelling: PowerSpelling = "^"
    on_name: bool = False
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(_Written):
    """A known function of its arguments.

    Attributes:
        function: Its one name in `FUNCTIONS`.
        text: The name as typed, perhaps another: `ln` is `log`; empty for bars and ᵀ.
        arguments: At least one.
        spelling: How the arguments were written.
    """

    function: str
    text: str
    arguments: tuple["Node", ...]
    spelling: CallSpelling = "parentheses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Array(_Written):
    """`[a, b, c]`: a vector, or a matrix if the entries are vectors."""

    entries: tuple["Node", ...]


Node = (
    Number
    | Name
    | Constant
    | Unary
    | Sum
    | Product
    | Quotient
    | MatrixProduct
    | Power
    | Call
    | Array
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A text that was read, and its tree. Equal to another if the trees are."""

    text: str = field(compare=False)
    root: Node

    def nodes(self) -> list[Node]:
        """All nodes, children before parents: node i has the id i."""
        return list(walk(self.root))

    @property
    def names(self) -> tuple[str, ...]:
        """Names that stand in it, in the order in which they first do."""
        found = sorted((n.span, n.name) for n in walk(self.root) if isinstance(n, Name))
        return tuple(dict.fromkeys(name for _, name in found))


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, left to right."""
    match node:
        case Unary():
            return (node.operand,)
        case Sum():
            return node.terms
        case Product():
            return node.factors
        case Quotient():
            return (node.numerator, node.denominator)
        case MatrixProduct():
            return (node.left, node.right)
        case Power():
            return (node.base, node.exponent)
        case Call():
            return node.arguments
        case Array():
            return node.entries
        case _:
            return ()


def walk(root: Node) -> Iterator[Node]:
    """All nodes of a tree, children before parents and left before right; without recursion."""
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, entered = stack.pop()
        if entered:
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)))


def distinct(root: Node, known: Container[int] = ()) -> Iterator[Node]:
    """The nodes of a tree whose parts may be shared, each object once, children before parents.

    Args:
        root: The tree.
        known: Identities of nodes that are passed over with all that is below them.
    """
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, entered = stack.pop()
        if entered:
            yield node
            continue
        identity = id(node)
        if identity in seen or identity in known:
            continue
        seen.add(identity)
        below = children(node)
        if not below:
            yield node
            continue
        stack.append((node, True))
        # of an expression that was changed in one place most parts are known
        stack.extend((child, False) for child in reversed(below) if id(child) not in known)


def written_size(root: Node) -> int:
    """How many nodes there are once shared parts are written out wherever they stand."""
    sizes: dict[int, int] = {}
    for node in distinct(root):
        sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children(node))
    return sizes[id(root)]


def with_children(node: Node, parts: Sequence[Node]) -> Node:
    """The node with other parts; the same object if they are the same objects.

    A node that changes is no longer that of the formula: its id becomes −1.
    """
    if all(old is new for old, new in zip(children(node), parts, strict=True)):
        return node
    match node:
        case Unary():
            return replace(node, id=-1, operand=parts[0])
        case Sum():
            return replace(node, id=-1, terms=tuple(parts))
        case Product():
            return replace(node, id=-1, factors=tuple(parts))
        case Quotient():
            return replace(node, id=-1, numerator=parts[0], denominator=parts[1])
        case MatrixProduct():
            return replace(node, id=-1, left=parts[0], right=parts[1])
        case Power():
            return replace(node, id=-1, base=parts[0], exponent=parts[1])
        case Call():
            return replace(node, id=-1, arguments=tuple(parts))
        case Array():
            return replace(node, id=-1, entries=tuple(parts))
        case _:
            return node


def to_json(formula: Formula) -> dict[str, Any]:
    """The formula as plain lists, numbers and strings.

    The nodes are in one flat list in the order of their ids, and name their children by id: no
    reader has to follow a deep nesting.
    """
    return {
        "text": formula.text,
        "root": formula.root.id,
        "nodes": [_node_to_json(node) for node in formula.nodes()],
    }


def _node_to_json(node: Node) -> dict[str, Any]:
    parts = children(node)
    row: dict[str, Any] = {"kind": type(node).__name__, "children": [part.id for part in parts]}
    for attribute in fields(node):
        value = getattr(node, attribute.name)
        if isinstance(value, _Written) or (parts and value == parts):
            continue
        row[attribute.name] = list(value) if isinstance(value, tuple) else value
    return row
