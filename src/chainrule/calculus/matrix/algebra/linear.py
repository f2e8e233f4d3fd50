"""Numbers to the front, identities, ones, inverses that cancel, common factors of products."""

from collections.abc import Sequence

from chainrule.calculus.build import call, multiply, number
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list
from chainrule.calculus.tree import Call, MatrixProduct, Node, Product, Sum, with_children

from .idea import (
    Facts,
    MatrixIdea,
    argument,
    chain,
    chained,
    is_call,
    numbers_apart,
    times,
    transposed,
)
from .transposes import as_column

_LINEAR = frozenset({"transpose", "trace", "sum", "mean", "diag", "outer", "dot"}) | {
    f"{which}_{what}" for which in ("row", "column") for what in ("sum", "mean")
}
"""Functions of which a factor of an argument is a factor of the result."""


def _numbers_front(node: Node, facts: Facts) -> Node:
    """A (c B) is c A B, tr(c A) is c tr(A)."""
    if isinstance(node, MatrixProduct):
        parts: tuple[Node, ...] = (node.left, node.right)
    elif isinstance(node, Call) and node.function in _LINEAR:
        parts = node.arguments
    else:
        return node
    front = FactorList()
    rest: list[Node] = []
    for part in parts:
        apart = numbers_apart(part, facts)
        if apart is None:
            rest.append(part)
            continue
        front.sign *= apart[0].sign
        front.above += apart[0].above
        front.below += apart[0].below
        rest.append(apart[1])
    if all(new is old for new, old in zip(rest, parts, strict=True)):
        return node
    if isinstance(node, MatrixProduct):
        return times(front, MatrixProduct(left=rest[0], right=rest[1]))
    inner = Call(
        function=node.function, text=node.text, arguments=tuple(rest), spelling=node.spelling
    )
    return times(front, inner)


def _identity(node: Node, facts: Facts) -> Node:
    """I A is A."""
    if isinstance(node, MatrixProduct):
        if _is_identity(node.left):
            return node.right
        if _is_identity(node.right):
            return node.left
    return node


def _is_identity(node: Node) -> bool:
    if is_call(node, "diag"):
        return is_call(argument(node), "ones_like")
    return is_call(node, "identity_like")


def _ones(node: Node, facts: Facts) -> Node:
    """A ⊙ 𝟏 is A; the sum of n ones is n."""
    if isinstance(node, Call) and node.function in ("sum", "row_sum", "column_sum", "mean"):
        inner = node.arguments[0]
        if is_call(inner, "ones_like") and not facts.shapes(node):
            count = 1
            for size in facts.shapes(inner):
                count *= size
            return number(1 if node.function == "mean" else count)
    if isinstance(node, Sum):
        return _without_ones(node, facts)
    if not isinstance(node, Product):
        return node
    left: list[Node] = []
    for factor in node.factors:
        if is_call(factor, "row_sum") and is_call(argument(factor), "ones_like"):
            left.append(number(facts.shapes(argument(factor))[-1]))
        elif not is_call(factor, "ones_like"):
            left.append(factor)
    changed = len(left) < len(node.factors) or any(
        new is not old for new, old in zip(left, node.factors, strict=True)
    )
    return multiply(*left) if changed and left else node


def _without_ones(node: Sum, facts: Facts) -> Node:
    """A + b ⊙ 𝟏 is A + b, where b is stretched to A anyway."""
    terms: list[Node] = []
    for term in node.terms:
        found = factor_list(term)
        left = [each for each in found.above if not is_call(each, "ones_like")]
        fewer = 0 < len(left) < len(found.above) and term.id < 0
        terms.append(FactorList(found.sign, left, found.below).built() if fewer else term)
    return with_children(node, terms)


def _rows_add_to_one(node: Node, facts: Facts) -> Node:
    """The entries of a softmax add up to 1."""
    if _is_sum_of_probabilities(node, facts) and not facts.shapes(node):
        return number(1)
    if isinstance(node, Product):
        left = [each for each in node.factors if not _is_sum_of_probabilities(each, facts)]
        return multiply(*left) if left and len(left) < len(node.factors) else node
    return node


def _is_sum_of_probabilities(node: Node, facts: Facts) -> bool:
    if not is_call(node, "row_sum") and not (
        is_call(node, "sum") and len(facts.shapes(argument(node))) == 1
    ):
        return False
    inner = argument(node)
    if is_call(inner, "softmax", "one_hot"):
        return True
    return getattr(inner, "name", None) in facts.normalised


def _one_row(node: Node, facts: Facts) -> Node:
    """A vector is one row: the sum along it is that of all its entries."""
    if is_call(node, "row_sum") and len(facts.shapes(argument(node))) == 1:
        return call("sum", argument(node))
    return node


def _dot(node: Node, facts: Facts) -> Node:
    """The sum of the products of the entries of two vectors is their dot product."""
    if not is_call(node, "sum") or not isinstance(argument(node), Product):
        return node
    inner = argument(node)
    if inner.id >= 0:
        return node
    assert isinstance(inner, Product)
    shape = facts.shapes(inner)
    if len(shape) != 1 or any(facts.shapes(factor) != shape for factor in inner.factors):
        return node
    return MatrixProduct(left=inner.factors[0], right=multiply(*inner.factors[1:]))


def _common_matrix(node: Node, facts: Facts) -> Node:
    """A x + B x is (A + B) x."""
    if not isinstance(node, Sum):
        return node
    terms = []
    for sign, term in term_list(node):
        found = factor_list(term)
        shaped = [each for each in found.above if facts.shapes(each)]
        if len(shaped) != 1 or any(facts.shapes(each) for each in found.below):
            return node
        if facts.shapes(shaped[0]) != facts.shapes(node):
            return node  # it is stretched to the others, as no product with a matrix would be
        numbers = FactorList(
            sign * found.sign,
            [each for each in found.above if not facts.shapes(each)],
            found.below,
        )
        terms.append((numbers, _factors(shaped[0], facts)))
    if any(len(factors) < 2 for _, factors in terms):
        return node
    for at in (-1, 0):
        shared = terms[0][1][at]
        if all(facts.same(factors[at], shared) for _, factors in terms[1:]):
            return _taken_out(terms, at, shared, facts)
    return node


def _factors(node: Node, facts: Facts) -> list[Node]:
    """The factors of a matrix product; those of xᵀ A as of Aᵀ x, of (A x)(B y)ᵀ as A (x yᵀ) Bᵀ."""
    if isinstance(node, Call) and node.function == "outer":
        left, right = (chain(as_column(part, facts)) for part in node.arguments)
        inner = call("outer", left[-1], right[-1])
        return [*left[:-1], inner, *(transposed(each) for each in reversed(right[:-1]))]
    return [each for factor in chain(as_column(node, facts)) for each in _flat(factor, facts)]


def _flat(node: Node, facts: Facts) -> list[Node]:
    return _factors(node, facts) if is_call(node, "outer") else [node]


def _taken_out(
    terms: Sequence[tuple[FactorList, list[Node]]], at: int, shared: Node, facts: Facts
) -> Node:
    rests = []
    first = multiply(*terms[0][0].above), multiply(*terms[0][0].below)
    equal = all(
        numbers.sign == terms[0][0].sign
        and facts.same(multiply(*numbers.above), first[0])
        and facts.same(multiply(*numbers.below), first[1])
        for numbers, _ in terms
    )
    for numbers, factors in terms:
        left = chained(factors[:-1] if at == -1 else factors[1:])
        own = FactorList() if equal else numbers
        rests.append((own.sign, times(FactorList(1, own.above, own.below), left)))
    rests.sort(key=lambda pair: is_call(pair[1], "transpose"))  # A + Aᵀ, not Aᵀ + A
    inner = sum_of(rests)
    pair = (inner, shared) if at == -1 else (shared, inner)
    product = MatrixProduct(left=pair[0], right=pair[1])
    return times(terms[0][0], product) if equal else product


IDEAS = (
    MatrixIdea(id="numbers-front", name="numbers to the front", local=_numbers_front),
    MatrixIdea(id="identity", name="I A is A", local=_identity),
    MatrixIdea(id="ones-matrix", name="times 𝟏 changes nothing; n ones add up to n", local=_ones),
    MatrixIdea(
        id="rows-add-to-one", name="probabilities add up to 1 in each row", local=_rows_add_to_one
    ),
    MatrixIdea(id="one-row", name="a vector is one row", local=_one_row),
    MatrixIdea(
        id="dot-product", name="the sum of products of entries is the dot product", local=_dot
    ),
)

COMMON_MATRIX = MatrixIdea(
    id="common-matrix", name="take out the common matrix factor", local=_common_matrix
)
