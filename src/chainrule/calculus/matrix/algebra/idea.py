"""What an idea of matrix algebra is, and where it may be applied.

The shape of a part never changes: inside a matrix product or a sum of entries, one number instead
of a vector of equal numbers would be another value.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from chainrule.calculus.build import call
from chainrule.calculus.derivation import Rewrite
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.fraction import FactorList, factor_list
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.same import Keys
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Node,
    Product,
    ProductOperator,
    children,
    distinct,
    with_children,
)

MOST_ROUNDS = 8
"""Rounds of all ideas: each can make work for another. Gradients met so far need four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known while a tree is simplified.

    Attributes:
        shapes: The shape of any part.
        keys: Numbers that are equal for equal parts.
        symmetric: Names of symmetric matrices.
        normalised: Names of which each row adds up to 1.
    """

    shapes: Shapes
    keys: Keys = field(default_factory=Keys)
    symmetric: Collection[str] = ()
    normalised: Collection[str] = ()

    def same(self, left: Node, right: Node) -> bool:
        """Whether two parts say the same."""
        return self.keys(left) == self.keys(right)


Local = Callable[[Node, Facts], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixIdea:
    """One idea of matrix algebra.

    Attributes:
        id: Unique.
        name: As a person says it.
        local: What it makes of one node whose parts have been done; the node itself if nothing.
    """

    id: str
    name: str
    local: Local


def applied(root: Node, ideas: Sequence[MatrixIdea], facts: Facts) -> tuple[Rewrite, ...]:
    """The steps from a tree to one at which no idea has anything left to do."""
    found: list[Rewrite] = []
    for _ in range(MOST_ROUNDS):
        before = len(found)
        for idea in ideas:
            changed = _everywhere(root, idea.local, facts)
            if changed is not root:
                changed = starred(changed, facts.shapes)
                found.append(Rewrite(rule=idea.id, before=root, after=changed))
                root = changed
        if len(found) == before:
            break
    return tuple(found)


def _everywhere(root: Node, local: Local, facts: Facts) -> Node:
    """An idea applied to every part that the derivation made, the innermost first."""
    done: dict[int, Node] = {}
    for node in distinct(root):
        if node.id >= 0:  # the learner's own
            done[id(node)] = node
            continue
        rebuilt = with_children(node, [done[id(child)] for child in children(node)])
        changed = local(rebuilt, facts)
        if changed is not rebuilt and (
            facts.same(changed, rebuilt) or not _has_shape(changed, facts.shapes(rebuilt), facts)
        ):
            changed = rebuilt
        done[id(node)] = changed
    return done[id(root)]


def _has_shape(node: Node, shape: Shape, facts: Facts) -> bool:
    try:
        return facts.shapes(node) == shape
    except FormulaError:
        # factors in another order may not be stretched to one another one by one
        return False


# ---- what several ideas need ----------------------------------------------------------------


def is_call(node: Node, *functions: str) -> bool:
    """Whether a part is a call of one of these functions."""
    return isinstance(node, Call) and node.function in functions


def argument(node: Node) -> Node:
    """The first argument of a call."""
    assert isinstance(node, Call)
    return node.arguments[0]


def transposed(node: Node) -> Node:
    """Aᵀ, and A of Aᵀ."""
    return argument(node) if is_call(node, "transpose") else transpose(node)


def transpose(node: Node) -> Node:
    """Aᵀ, written so."""
    return call("transpose", node)


def chain(node: Node) -> list[Node]:
    """The factors of a matrix product, however it is grouped; anything else is one factor."""
    found: list[Node] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, MatrixProduct):
            stack.extend((part.right, part.left))
        else:
            found.append(part)
    return found


def chained(factors: Sequence[Node]) -> Node:
    """The matrix product of factors, grouped from the left."""
    product = factors[0]
    for factor in factors[1:]:
        product = MatrixProduct(left=product, right=factor)
    return product


def numbers_apart(node: Node, facts: Facts) -> tuple[FactorList, Node] | None:
    """The sign and the numbers of a part that was made, and what they multiply.

    None if there are none, or if nothing of the same shape is left without them.
    """
    if node.id >= 0:
        return None
    found = factor_list(node)
    numbers = FactorList(
        found.sign,
        [each for each in found.above if not facts.shapes(each)],
        [each for each in found.below if not facts.shapes(each)],
    )
    above = [each for each in found.above if facts.shapes(each)]
    below = [each for each in found.below if facts.shapes(each)]
    if not above or (found.sign > 0 and not numbers.above and not numbers.below):
        return None
    rest = FactorList(1, above, below).built()
    return (numbers, rest) if _has_shape(rest, facts.shapes(node), facts) else None


def times(numbers: FactorList, rest: Node) -> Node:
    """Numbers in front of something."""
    return FactorList(numbers.sign, [*numbers.above, rest], numbers.below).built()


def starred(root: Node, shapes: Shapes) -> Node:
    """The tree as it can be typed: * and abs( ) where numbers would have · and | |."""
    done: dict[int, Node] = {}
    for node in distinct(root):
        parts = [done[id(child)] for child in children(node)]
        new = with_children(node, parts)
        if isinstance(new, Product) and new.id < 0:
            operators: list[ProductOperator] = []
            shaped = bool(shapes(new.factors[0]))
            for operator, factor in zip(new.operators, new.factors[1:], strict=True):
                both = shaped and bool(shapes(factor))
                operators.append("*" if both else operator)
                shaped = shaped or bool(shapes(factor))
            if tuple(operators) != new.operators:
                new = Product(factors=new.factors, operators=tuple(operators))
        bars = isinstance(new, Call) and new.spelling == "|" and new.id < 0
        if bars and isinstance(new, Call) and shapes(new):
            new = Call(function=new.function, text=new.function, arguments=new.arguments)
        done[id(node)] = new
    return done[id(root)]
