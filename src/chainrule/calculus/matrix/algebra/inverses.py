"""Inverses and cofactors: that cancel, of transposes and of products."""

from itertools import pairwise

from chainrule.calculus.build import call, multiply
from chainrule.calculus.fraction import FactorList, factor_list
from chainrule.calculus.tree import MatrixProduct, Node, Quotient

from .idea import Facts, MatrixIdea, argument, chain, chained, is_call, transpose, transposed


def _inverse_cancels(node: Node, facts: Facts) -> Node:
    """A A⁻¹ B is B."""
    if not isinstance(node, MatrixProduct):
        return node
    factors = chain(node)
    for i, (left, right) in enumerate(pairwise(factors)):
        if _are_inverse(left, right, facts) or _are_inverse(right, left, facts):
            rest = [*factors[:i], *factors[i + 2 :]]
            return chained(rest) if rest else call("identity_like", left)
    return node


def _are_inverse(left: Node, right: Node, facts: Facts) -> bool:
    if is_call(left, "transpose") and is_call(argument(left), "inverse"):
        return facts.same(transposed(right), argument(argument(left)))
    return is_call(left, "inverse") and facts.same(argument(left), right)


def _of_product(node: Node, facts: Facts) -> Node:
    """(A B)⁻¹ is B⁻¹ A⁻¹ for square A and B; (Aᵀ)⁻¹ is (A⁻¹)ᵀ, (A⁻¹)⁻¹ is A."""
    if not is_call(node, "inverse"):
        return node
    inner = argument(node)
    if is_call(inner, "inverse"):
        return argument(inner)
    if is_call(inner, "transpose"):
        return transpose(call("inverse", argument(inner)))
    factors = chain(inner)
    size = facts.shapes(node)
    if len(factors) < 2 or any(facts.shapes(factor) != size for factor in factors):
        return node
    return chained([_inverted(factor) for factor in reversed(factors)])


def _inverted(node: Node) -> Node:
    return argument(node) if is_call(node, "inverse") else call("inverse", node)


def _cofactors(node: Node, facts: Facts) -> Node:
    """Cofactors of transposes, products and inverses by those of what they are made of."""
    if not is_call(node, "cofactor"):
        return node
    inner = argument(node)
    if is_call(inner, "transpose"):
        return transpose(call("cofactor", argument(inner)))
    if is_call(inner, "inverse"):
        return multiply(call("det", inner), transpose(argument(inner)))
    factors = chain(inner)
    size = facts.shapes(node)
    if len(factors) < 2 or any(facts.shapes(factor) != size for factor in factors):
        return node
    return chained([call("cofactor", factor) for factor in factors])


def _cofactors_cancel(node: Node, facts: Facts) -> Node:
    """Aᵀ cofactor(A) is det(A) I, and so is cofactor(A) Aᵀ."""
    if not isinstance(node, MatrixProduct):
        return node
    factors = chain(node)
    for i, pair in enumerate(pairwise(factors)):
        for one, other in (pair, pair[::-1]):
            if is_call(one, "cofactor") and facts.same(transposed(other), argument(one)):
                rest = [*factors[:i], *factors[i + 2 :]]
                left = chained(rest) if rest else call("identity_like", one)
                return multiply(call("det", argument(one)), left)
    return node


def _over_determinant(node: Node, facts: Facts) -> Node:
    """cofactor(A)/det(A) is A⁻ᵀ: where it can be divided by det(A), there is an inverse."""
    if not isinstance(node, Quotient):
        return node
    found = factor_list(node)
    for i, each in enumerate(found.above):
        if not is_call(each, "cofactor"):
            continue
        for k, below in enumerate(found.below):
            if is_call(below, "det") and facts.same(argument(below), argument(each)):
                above = [*found.above]
                above[i] = transpose(call("inverse", argument(each)))
                rest = [*found.below[:k], *found.below[k + 1 :]]
                return FactorList(found.sign, above, rest).built()
    return node


IDEAS = (
    MatrixIdea(
        id="cofactors-of-product",
        name="cofactor(A B) is cofactor(A) cofactor(B), cofactor(A⁻¹) is det(A⁻¹) Aᵀ",
        local=_cofactors,
    ),
    MatrixIdea(id="cofactors-cancel", name="Aᵀ cofactor(A) is det(A) I", local=_cofactors_cancel),
    MatrixIdea(
        id="cofactors-over-determinant",
        name="cofactor(A) / det(A) is A⁻ᵀ",
        local=_over_determinant,
    ),
    MatrixIdea(id="inverse-of-product", name="(A B)⁻¹ is B⁻¹ A⁻¹", local=_of_product),
    MatrixIdea(id="inverse-cancels", name="A A⁻¹ is I", local=_inverse_cancels),
)
