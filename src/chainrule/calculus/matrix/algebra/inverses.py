"""Inverses: that cancel, of inverses, of transposes and of products."""

from itertools import pairwise

from chainrule.calculus.build import call
from chainrule.calculus.tree import MatrixProduct, Node

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


IDEAS = (
    MatrixIdea(id="inverse-of-product", name="(A B)⁻¹ is B⁻¹ A⁻¹", local=_of_product),
    MatrixIdea(id="inverse-cancels", name="A A⁻¹ is I", local=_inverse_cancels),
)
