"""Means of rows and columns: sums divided by their number, and deviations that add up to 0."""

from math import prod

from chainrule.calculus.build import call, exact
from chainrule.calculus.fraction import FactorList, factor_list, sum_of, term_list
from chainrule.calculus.tree import Call, Node, Product, Quotient, Sum

from .idea import Facts, MatrixIdea, argument, is_call

_AXES = {"column_sum": ("column_mean", 0), "row_sum": ("row_mean", -1)}


def _as_mean(node: Node, facts: Facts) -> Node:
    """The sum of n entries divided by n is their mean."""
    if not isinstance(node, Quotient):
        return node
    found = factor_list(node)
    for i, each in enumerate(found.above):
        if not isinstance(each, Call) or each.function not in (*_AXES, "sum"):
            continue
        shape = facts.shapes(each.arguments[0])
        mean, size = "mean", prod(shape)
        if each.function in _AXES:
            mean, axis = _AXES[each.function]
            size = shape[axis]
        at = next((k for k, below in enumerate(found.below) if exact(below) == size), None)
        if at is not None:
            above = [*found.above]
            above[i] = call(mean, each.arguments[0])
            below = [*found.below[:at], *found.below[at + 1 :]]
            return FactorList(found.sign, above, below).built()
    return node


def _constant_out(node: Node, facts: Facts) -> Node:
    """The sum of each column of v ⊙ A is v ⊙ the sums of A: v is the same in every row."""
    if not isinstance(node, Call) or node.function not in (*_AXES, "column_mean", "row_mean"):
        return node
    inner = node.arguments[0]
    if inner.id >= 0 or not isinstance(inner, Product | Quotient):
        return node
    columns = node.function.startswith("column")
    found = factor_list(inner)
    sides = [_split(side, columns, facts) for side in (found.above, found.below)]
    (out_above, in_above), (out_below, in_below) = sides
    if not (out_above or out_below) or not in_above:
        return node
    rest = FactorList(1, in_above, in_below).built()
    if facts.shapes(rest) != facts.shapes(inner):
        return node
    return FactorList(found.sign, [*out_above, call(node.function, rest)], out_below).built()


def _split(factors: list[Node], columns: bool, facts: Facts) -> tuple[list[Node], list[Node]]:
    """What is the same along the axis that is summed, and what is not."""
    out = [each for each in factors if _is_same_along(each, columns, facts)]
    return out, [each for each in factors if not any(each is other for other in out)]


def _is_same_along(node: Node, columns: bool, facts: Facts) -> bool:
    shape = facts.shapes(node)
    if columns:
        return len(shape) == 1
    return len(shape) == 2 and shape[1] == 1


def _deviations(node: Node, facts: Facts) -> Node:
    """The deviations from a mean add up to 0."""
    if not isinstance(node, Call) or node.function not in (*_AXES, "column_mean", "row_mean"):
        return node
    inner = node.arguments[0]
    if inner.id >= 0 or not isinstance(inner, Sum):
        return node
    columns = node.function.startswith("column")
    terms = term_list(inner)
    left = [pair for pair in terms if not _is_deviation(pair[1], columns, facts)]
    if not left or len(left) == len(terms):
        return node
    rest = sum_of(left)
    return call(node.function, rest) if facts.shapes(rest) == facts.shapes(inner) else node


def _is_deviation(node: Node, columns: bool, facts: Facts) -> bool:
    """Whether a term is A less its means, times what is the same along the axis."""
    found = factor_list(node)
    mean = "column_mean" if columns else "row_mean"
    varying = [
        each
        for each in (*found.above, *found.below)
        if facts.shapes(each) and not _is_same_along(each, columns, facts)
    ]
    if len(varying) != 1 or not isinstance(varying[0], Sum):
        return False
    if any(each is varying[0] for each in found.below):
        return False
    terms = term_list(varying[0])
    if len(terms) != 2 or terms[0][0] == terms[1][0]:
        return False
    (_, first), (_, second) = terms
    return is_call(second, mean) and facts.same(argument(second), first)


def _common_denominator(node: Node, facts: Facts) -> Node:
    """A/v − B/v is (A − B)/v."""
    if not isinstance(node, Sum):
        return node
    terms = [(sign, factor_list(term)) for sign, term in term_list(node)]
    for shared in terms[0][1].below:
        if not facts.shapes(shared):
            continue
        if not all(any(facts.same(each, shared) for each in found.below) for _, found in terms):
            continue
        rests = []
        for sign, found in terms:
            at = next(i for i, each in enumerate(found.below) if facts.same(each, shared))
            below = [*found.below[:at], *found.below[at + 1 :]]
            rests.append((sign * found.sign, FactorList(1, found.above, below).built()))
        return Quotient(numerator=sum_of(rests), denominator=shared)
    return node


IDEAS = (
    MatrixIdea(id="deviations", name="deviations from the mean add up to 0", local=_deviations),
    MatrixIdea(
        id="same-along-axis",
        name="what is the same in each place of a sum comes out of it",
        local=_constant_out,
    ),
    MatrixIdea(id="mean", name="a sum of n entries divided by n is their mean", local=_as_mean),
)

COMMON_DENOMINATOR = MatrixIdea(
    id="common-divisor", name="what divides every term divides the sum", local=_common_denominator
)
