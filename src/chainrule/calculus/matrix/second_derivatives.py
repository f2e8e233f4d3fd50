"""The Hessian of a number by the entries of vectors and matrices, from the formula written out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.second_derivatives import HessianMatrix, hessian
from chainrule.calculus.tree import Formula, Node
from chainrule.calculus.writing import write

from .entries import Entries, Nested, expand
from .evaluate import MatrixEvaluation
from .fit import Shape, shape_text
from .one_entry import numbered

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST_ENTRIES = 8
"""Of the variables: a Hessian of more than 64 cells, each a formula, is nothing to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryHessian:
    """The Hessian by entries.

    Attributes:
        hessian: By the entries that stand in the formula written out; its text is as typed.
        absent: What the other entries are called, of which the rows and columns are 0.
    """

    hessian: HessianMatrix
    absent: tuple[str, ...]


def entry_hessian(
    formula: Formula,
    shapes: Mapping[str, Shape],
    variables: Sequence[str] | None = None,
    values: "Mapping[str, ArrayLike] | None" = None,
) -> EntryHessian:
    """All second derivatives of a number by the entries of some of its names.

    The formula is written out in entries, w₁ and X₁₂, and differentiated with the rules for
    numbers.

    Args:
        formula: Whose value is one number.
        shapes: The shape of each name; names left out are numbers.
        variables: By the entries of which; all names of the formula if not given.
        values: A point, for the classes of a cross entropy.

    Raises:
        FormulaError: If shapes do not fit, the formula is no number, a name is not in it, or there
            are too many entries or parts to write out.
    """
    names = dict.fromkeys(formula.names, ()) | {name: tuple(s) for name, s in shapes.items()}
    chosen = tuple(variables) if variables is not None else formula.names
    for name in (*shapes, *chosen):
        if name not in formula.names:
            raise FormulaError(
                f"Expected names of the formula, found {name!r}; it has "
                f"{', '.join(formula.names) or 'none'}.",
                formula.text,
            )
    count = sum(prod(names[name]) for name in chosen)
    if count > MOST_ENTRIES:
        raise FormulaError(
            f"Expected variables of {MOST_ENTRIES} entries together at most, found {count}, whose "
            f"Hessian has {count} × {count} cells: choose some with --wrt, or smaller shapes.",
            formula.text,
        )
    tree = _number(expand(formula, names, values), formula)
    entries = Entries(names, formula.text)
    by = [each for name in chosen for each in entries.names(name).flat]
    root = numbered(tree)
    known = Formula(text=write(root), root=root).names
    written = Formula(text=formula.text, root=root)
    return EntryHessian(
        hessian=hessian(written, [each.name for each in by if each.name in known]),
        absent=tuple(each.text for each in by if each.name not in known),
    )


def entry_values(evaluation: MatrixEvaluation, formula: Formula) -> dict[str, float]:
    """A point by the names of entries, as `entry_hessian` calls them."""
    import numpy as np

    shapes = {name: value.shape for name, value in evaluation.point.items()}
    entries = Entries(shapes, formula.text)
    return {
        entries.name(name, place).name: float(value[place])
        for name, value in evaluation.point.items()
        for place in np.ndindex(*value.shape)
    }


def _number(written: Nested, formula: Formula) -> Node:
    """The only tree of a formula written out."""
    sizes: list[int] = []
    first: Nested = written
    while isinstance(first, Sequence):
        sizes.append(len(first))
        first = first[0]
    if prod(sizes) != 1:
        raise FormulaError(
            "Expected a formula whose value is one number, which has a Hessian; found "
            f"{shape_text(tuple(sizes))}: make a number of it, such as its sum or one entry.",
            formula.text,
        )
    return first
