"""Jacobians of vectors with a link of the chain missing, as values.

The Jacobian of B tanh(A x) is B diag(1 − tanh²(A x)) A: a factor for each step between x and the
result. Who stops early has those of the last steps alone, who forgets what is around those of the
first, and who leaves out the slope of a step all but one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, Formula, FormulaError
from chainrule.calculus.build import name, occurs
from chainrule.calculus.matrix import (
    MatrixDerivation,
    MatrixEvaluation,
    Quantity,
    derive_matrix,
    mathematics,
)
from chainrule.calculus.problem import numbered
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import (
    MatrixProduct,
    Name,
    Node,
    Sum,
    children,
    distinct,
    with_children,
)
from chainrule.records.message import Message

from .cause import Cause
from .matrix_asked import MatrixAsked, derivative_at
from .matrix_values import same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


def wrong_links(asked: MatrixAsked) -> "Iterator[tuple[Cause, list[Values]]]":
    """Each link that may be missing, with the Jacobian that it leads to at the points.

    Args:
        asked: What is asked; of a number there are no links but those of its gradient.
    """
    derivation = asked.derivation
    if not len(derivation.shape) == len(derivation.variable_shape) == 1:
        return
    try:
        steps = _steps(asked)
    except (DomainError, FormulaError, ValueError):
        return
    known: list[list[Values]] = [[*asked.right]]
    for cause, made in _wrong(asked, steps):
        if not any(same(made, other) for other in known):
            known.append(made)
            yield cause, made


@dataclass(frozen=True, slots=True)
class _Step:
    """From one part that every way from the variable passes to the next one.

    Attributes:
        before: The part before, a vector.
        part: The part.
        slope: The Jacobian of the one by the other, at each point.
        inside: That of the part by the variable.
        outside: That of the result by the part.
    """

    before: Quantity
    part: Quantity
    slope: "list[Values]"
    inside: "list[Values]"
    outside: "list[Values]"


def _steps(asked: MatrixAsked) -> list[_Step]:
    """The steps from the variable to the result.

    Raises:
        DomainError: If one has no slope somewhere.
        FormulaError: If one cannot be differentiated alone.
    """
    derivation = asked.derivation
    (start,) = (each for each in derivation.quantities if each.name == derivation.variable)
    parts = [start, *(each for each in derivation.quantities if _is_passed(each, derivation))]
    points = [
        {**point, **{each.name: MatrixEvaluation(point)(each.node) for each in parts}}
        for point in asked.points
    ]
    slopes = [_slope(one, other, derivation, points) for one, other in pairwise(parts)]
    ones = [np.eye(derivation.variable_shape[0])] * len(points)
    insides = [*accumulate(slopes, lambda so_far, slope: _product(slope, so_far), initial=ones)]
    ones = [np.eye(derivation.shape[0])] * len(points)
    outsides = [*accumulate(slopes[::-1], _product, initial=ones)][::-1]
    return [
        _Step(one, other, slope, inside, outside)
        for (one, other), slope, inside, outside in zip(
            pairwise(parts), slopes, insides[1:], outsides[1:], strict=True
        )
    ]


def _is_passed(quantity: Quantity, derivation: MatrixDerivation) -> bool:
    """Whether a part is a vector, and no way from the variable to the result goes around it."""
    if quantity.name == derivation.variable or len(quantity.shape) != 1:
        return False
    return not occurs(_in_terms_of(quantity, derivation), (derivation.variable,))


def _in_terms_of(
    quantity: Quantity, derivation: MatrixDerivation, of: Quantity | None = None
) -> Node:
    """The result, or a part, written with a part before it as a name."""
    last = of or derivation.quantities[-1]
    if quantity is last:
        return name(last.name)
    root = last.local
    for each in derivation.quantities[derivation.quantities.index(last) - 1 :: -1]:
        if each.name not in (quantity.name, derivation.variable):
            root = _with(root, each.name, each.local)
    return root


def _with(root: Node, old: str, new: Node) -> Node:
    """With a part for a name; the signs between factors stay, since they say how is multiplied."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        made[id(node)] = (
            new
            if isinstance(node, Name) and node.name == old
            else with_children(node, [made[id(each)] for each in children(node)])
        )
    return made[id(root)]


def _slope(
    before: Quantity,
    part: Quantity,
    derivation: MatrixDerivation,
    points: "Sequence[dict[str, Values]]",
) -> "list[Values]":
    shapes = {**derivation.names, before.name: before.shape}
    root = numbered(_in_terms_of(before, derivation, part))
    formula = Formula(text=derivation.formula.text, root=root)
    found = derive_matrix(formula, before.name, {each: shapes[each] for each in formula.names})
    return [derivative_at(found, point) for point in points]


def _product(left: "Sequence[Values]", right: "Sequence[Values]") -> "list[Values]":
    return [a @ b for a, b in zip(left, right, strict=True)]


def _wrong(asked: MatrixAsked, steps: Sequence[_Step]) -> "Iterator[tuple[Cause, list[Values]]]":
    for step in steps[-2::-1]:
        message = Message(
            "That is the derivative by `{part}`, a part on the way. It still has to be taken back "
            "to {variable}.",
            part=mathematics(step.part.node),
            variable=asked.derivation.variable,
        )
        yield _cause("matrix-stopped-early", message), step.outside
    yield from _without_slopes(steps)
    for i in range(len(steps) - 1, 0, -1):
        matrix = _matrix_before(steps[i].part)
        if matrix is None:
            continue
        message = Message(
            "`{matrix}` is missing: the derivative of `{whole}` is `{matrix}` times that of "
            "`{part}`.",
            matrix=mathematics(matrix),
            whole=mathematics(steps[i].part.node),
            part=mathematics(steps[i].before.node),
        )
        if i == len(steps) - 1:
            yield _cause("held-factor-lost", message), steps[i - 1].inside
        elif steps[i].part.shape == steps[i].before.shape:
            made = _product(steps[i].outside, steps[i - 1].inside)
            yield _cause("held-factor-lost", message), made
    for step in steps[-2::-1]:
        message = Message(
            "That is the derivative of `{part}`. What is done with it has a derivative too, a "
            "factor in front.",
            part=mathematics(step.part.node),
        )
        yield _cause("chain-outer-lost", message), step.inside


def _without_slopes(steps: Sequence[_Step]) -> "Iterator[tuple[Cause, list[Values]]]":
    """Without the slope of one step, or of all that have one of their own."""
    bent = [
        i for i, each in enumerate(steps) if each.part.shape == each.before.shape and _is_bent(each)
    ]
    sets = [[i] for i in bent] + ([bent] if len(bent) > 1 else [])
    for left_out in sets:
        made = [np.eye(steps[0].before.shape[0])] * len(steps[0].slope)
        for i, step in enumerate(steps):
            made = made if i in left_out else _product(step.slope, made)
        parts = ", ".join(f"`{mathematics(steps[i].part.node)}`" for i in left_out)
        message = (
            Message(
                "The derivative of {part} by what is inside it is left out: it is a factor too.",
                part=parts,
            )
            if len(left_out) == 1
            else Message(
                "The derivatives of {parts}, each by what is inside it, are left out: they are "
                "factors too.",
                parts=parts,
            )
        )
        yield _cause("slope-lost", message), made


def _is_bent(step: _Step) -> bool:
    """Whether a step is a function of the part before alone, and no product with a matrix.

    A sum has no slope to be forgotten, and of x ⊙ softmax(B x) nobody forgets a single one.
    """
    local = step.part.local
    moving = {each.name for each in children(local) if isinstance(each, Name)}
    return not isinstance(local, MatrixProduct | Sum) and moving == {step.before.name}


def _matrix_before(quantity: Quantity) -> Node | None:
    """The A of A u."""
    node = quantity.node
    return node.left if isinstance(node, MatrixProduct) else None


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)
