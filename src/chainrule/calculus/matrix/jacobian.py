"""The Jacobian of a vector, read off Jᵀ g: the same tree, with the matrix that multiplies g."""

from chainrule.calculus.build import call, divide, multiply, name, negative, number, occurs
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Product,
    Quotient,
    Sum,
    Unary,
    with_children,
)

from .algebra import Facts, simplified, starred
from .algebra.idea import transpose
from .fit import Shape


def jacobian_of(
    pulled: Node, seed: str, result: Shape, variable: Shape, facts: Facts
) -> Node | None:
    """The Jacobian of a vector by a vector or number, or of a matrix by a number.

    Args:
        pulled: Jᵀ g as a tree that is linear in g.
        seed: The name of g.
        result: The shape of what is differentiated.
        variable: The shape of what it is differentiated by.
        facts: Shapes and what else is known.

    Returns:
        A tree with the axes of the result first, then those of the variable; None if that would
        have more than two axes, or the tree is not of a form that can be read.
    """
    if len(result) + len(variable) > 2:
        return None
    reader = _Reader(seed, facts)
    if not variable:
        found = reader.covector(pulled)
    else:
        matrix = reader.matrix(pulled)
        found = None if matrix is None else transpose(matrix)
    if found is None:
        return None
    if facts.shapes(found) != result + variable:
        found = multiply(found, call("ones_like", name(seed)))
    steps = simplified(found, facts)
    return starred(steps[-1].after if steps else found, facts.shapes)


class _Reader:
    def __init__(self, seed: str, facts: Facts) -> None:
        self._seed = seed
        self._facts = facts

    def _constant(self, node: Node) -> bool:
        return not occurs(node, (self._seed,))

    def matrix(self, node: Node) -> Node | None:
        """M, for a vector that is M g."""
        if len(self._facts.shapes(node)) != 1:
            return None  # a matrix, or a number that stands for every entry
        match node:
            case Name() if node.name == self._seed:
                return call("identity_like", call("outer", node, node))
            case Unary():
                return self._signed(self.matrix(node.operand), node)
            case Sum():
                return self._summed(node, [self.matrix(term) for term in node.terms])
            case MatrixProduct() if self._constant(node.left):
                inner = self.matrix(node.right)
                return None if inner is None else MatrixProduct(left=node.left, right=inner)
            case MatrixProduct() if self._constant(node.right):
                inner = self.matrix(node.left)
                if inner is None:
                    return None
                return MatrixProduct(left=transpose(node.right), right=inner)
            case Quotient() if self._constant(node.denominator):
                return self._scaled(node.numerator, divide(number(1), node.denominator))
            case Product():
                at = [i for i, f in enumerate(node.factors) if not self._constant(f)]
                if len(at) != 1:
                    return None
                still = [f for i, f in enumerate(node.factors) if i != at[0]]
                return self._scaled(node.factors[at[0]], multiply(*still))
            case _:
                return None

    def _scaled(self, moving: Node, factor: Node) -> Node | None:
        """Of w ⊙ (M g), diag(w) M; of s (kᵀ g), the outer product s kᵀ."""
        shape = self._facts.shapes
        if isinstance(moving, Sum) and shape(factor):
            return self._summed(moving, [self._scaled(term, factor) for term in moving.terms])
        if isinstance(moving, Unary):
            return self._signed(self._scaled(moving.operand, factor), moving)
        if not shape(moving):
            k = self.covector(moving)
            if k is None:
                return None
            return call("outer", factor, k) if shape(factor) else None
        inner = self.matrix(moving)
        if inner is None:
            return None
        if not shape(factor):
            return multiply(factor, inner)
        if is_identity(inner):
            return call("diag", factor)
        return MatrixProduct(left=call("diag", factor), right=inner)

    def covector(self, node: Node) -> Node | None:
        """K, for a number that is the sum of the entries of k ⊙ g."""
        if self._facts.shapes(node):
            return None
        match node:
            case Unary():
                return self._signed(self.covector(node.operand), node)
            case Sum():
                return self._summed(node, [self.covector(term) for term in node.terms])
            case MatrixProduct():
                return self._dot(node.left, node.right)
            case Call() if node.function == "sum":
                return self._total(node.arguments[0])
            case Quotient() if self._constant(node.denominator):
                inner = self.covector(node.numerator)
                return None if inner is None else divide(inner, node.denominator)
            case Product():
                moving = [f for f in node.factors if not self._constant(f)]
                if len(moving) != 1 or self._facts.shapes(moving[0]):
                    return None
                inner = self.covector(moving[0])
                still = [f for f in node.factors if f is not moving[0]]
                return None if inner is None else multiply(*still, inner)
            case _:
                return None

    def _dot(self, left: Node, right: Node) -> Node | None:
        if not self._constant(left):
            left, right = right, left
        if not self._constant(left):
            return None
        inner = self.matrix(right)
        if inner is None:
            return None
        return left if is_identity(inner) else MatrixProduct(left=transpose(inner), right=left)

    def _total(self, node: Node) -> Node | None:
        """K, for the sum of all entries of a part."""
        match node:
            case Name() if node.name == self._seed:
                return call("ones_like", node)
            case Unary():
                return self._signed(self._total(node.operand), node)
            case Quotient() if self._constant(node.denominator):
                if not self._facts.shapes(node.denominator):
                    inner = self._total(node.numerator)
                    return None if inner is None else divide(inner, node.denominator)
                return self._weighted(node.numerator, divide(number(1), node.denominator))
            case Product():
                at = [i for i, f in enumerate(node.factors) if not self._constant(f)]
                if len(at) == 1:
                    still = [f for i, f in enumerate(node.factors) if i != at[0]]
                    return self._weighted(node.factors[at[0]], multiply(*still))
        return self._weighted(node, number(1))

    def _weighted(self, moving: Node, weights: Node) -> Node | None:
        """K, for the sum of the entries of weights ⊙ moving."""
        shape = self._facts.shapes(moving)
        if isinstance(moving, Name) and moving.name == self._seed:
            fits = self._facts.shapes(multiply(weights, moving)) == shape
            return multiply(weights, call("ones_like", moving)) if fits else None
        if len(shape) != 1 or self._facts.shapes(weights) not in ((), shape):
            return None
        return self._dot(multiply(weights, call("ones_like", moving)), moving)

    def _signed(self, inner: Node | None, node: Unary) -> Node | None:
        if inner is None or node.operator == "+":
            return inner
        return negative(inner)

    def _summed(self, node: Sum, parts: list[Node | None]) -> Node | None:
        known = [part for part in parts if part is not None]
        return with_children(node, known) if len(known) == len(parts) else None


def is_identity(node: Node) -> bool:
    """Whether a part is written as an identity matrix."""
    return isinstance(node, Call) and node.function == "identity_like"
