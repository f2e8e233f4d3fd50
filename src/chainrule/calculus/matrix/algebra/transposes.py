"""Transposes: twice, of products, and of what is symmetric."""

from chainrule.calculus.build import call
from chainrule.calculus.functions import FUNCTIONS
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
    with_children,
)

from .idea import Facts, MatrixIdea, argument, chain, chained, is_call, transpose, transposed


def _twice(node: Node, facts: Facts) -> Node:
    if is_call(node, "transpose") and is_call(argument(node), "transpose"):
        return argument(argument(node))
    return node


def _of_product(node: Node, facts: Facts) -> Node:
    if not is_call(node, "transpose"):
        return node
    inner = argument(node)
    if isinstance(inner, MatrixProduct):
        return chained([transposed(factor) for factor in reversed(chain(inner))])
    if isinstance(inner, Call) and inner.function == "outer":
        return call("outer", inner.arguments[1], inner.arguments[0])
    return node


def _of_symmetric(node: Node, facts: Facts) -> Node:
    if is_call(node, "transpose") and is_symmetric(argument(node), facts):
        return argument(node)
    return node


def _vector_left(node: Node, facts: Facts) -> Node:
    """xᵀ A as Aᵀ x, the same entries as a column; in a dot product it stays a row."""
    if isinstance(node, MatrixProduct):
        if len(facts.shapes(node)) == 1:
            node = as_column(node, facts)
        if isinstance(node, MatrixProduct):
            return with_children(node, (node.left, as_column(node.right, facts)))
        return node
    if isinstance(node, Sum | Product | Quotient | Unary) or is_call(node, "outer"):
        return with_children(node, [as_column(part, facts) for part in children(node)])
    return node


def as_column(node: Node, facts: Facts) -> Node:
    """A vector times matrices as the transposed matrices times the vector; else the part itself."""
    if not isinstance(node, MatrixProduct):
        return node
    factors = chain(node)
    ranks = [len(facts.shapes(each)) for each in factors]
    if ranks[0] != 1 or any(rank != 2 for rank in ranks[1:]):
        return node
    return chained([*(transposed(each) for each in reversed(factors[1:])), factors[0]])


def is_symmetric(node: Node, facts: Facts) -> bool:
    """Whether a part is known to be its own transpose: AᵀA, A + Aᵀ, a name that was said to be."""
    shape = facts.shapes(node)
    if len(shape) != 2 or shape[0] != shape[1]:
        return not shape
    match node:
        case Name():
            return node.name in facts.symmetric
        case Unary() | Product() | Quotient() | Power():
            return all(is_symmetric(part, facts) for part in children(node))
        case Sum():
            left = [term for term in node.terms if not is_symmetric(term, facts)]
            plus = all(operator == "+" for operator in node.operators)
            return not left or (
                plus and len(left) == 2 and facts.same(_mirrored(left[0], facts), left[1])
            )
        case MatrixProduct():
            factors = chain(node)
            mirror = [_mirrored(factor, facts) for factor in reversed(factors)]
            return all(facts.same(a, b) for a, b in zip(factors, mirror, strict=True))
        case Call():
            return _is_symmetric_call(node, facts)
        case _:
            return False


def _mirrored(node: Node, facts: Facts) -> Node:
    """The transpose, as the part itself if that is symmetric."""
    if is_call(node, "transpose"):
        return argument(node)
    return node if is_symmetric(node, facts) else transpose(node)


def _is_symmetric_call(node: Call, facts: Facts) -> bool:
    if node.function in ("identity_like", "diag", "ones_like"):
        return True
    if node.function == "outer":
        return facts.same(*node.arguments)
    alone = len(node.arguments) == 1 and FUNCTIONS[node.function].kind == "elementwise"
    if node.function in ("inverse", "cofactor", "transpose") or alone:
        return is_symmetric(node.arguments[0], facts)
    return False


IDEAS = (
    MatrixIdea(id="transpose-twice", name="(Aᵀ)ᵀ is A", local=_twice),
    MatrixIdea(
        id="transpose-of-symmetric",
        name="what is symmetric is its own transpose",
        local=_of_symmetric,
    ),
    MatrixIdea(id="transpose-of-product", name="(A B)ᵀ is Bᵀ Aᵀ", local=_of_product),
    MatrixIdea(id="vector-left", name="xᵀ A and Aᵀ x have the same entries", local=_vector_left),
)
