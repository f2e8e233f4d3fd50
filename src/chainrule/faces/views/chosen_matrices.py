"""Shapes and values for a formula of vectors and matrices, where nobody said any."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.matrix import Shape, Shapes, class_numbers, infer
from chainrule.calculus.matrix.customary_shapes import customary, ways
from chainrule.calculus.tree import Formula

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SIZE = 2
"""Along every axis: with one size for all, whatever can be multiplied fits, and each entry can be
followed by hand."""

MOST_TRIED = 2_000
"""Ways of saying which names are matrices, vectors and numbers; some 0.1 ms each."""

_VALUES = (1.0, 2.0, 3.0, -1.0, 0.5, -2.0, 1.5, 4.0)
"""What entries are, in turn: small, unequal, of both signs."""


def chosen_shapes(
    formula: Formula, names: Sequence[str], given: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shapes that were given; of other names, what custom says, as far as it fits.

    Args:
        formula: With its definitions put in.
        names: Of the formula.
        given: Shapes by name.

    Raises:
        FormulaError: If no way fits; what is said is what is wrong with the first one.
    """
    wrong: FormulaError | None = None
    offered = {
        name: (given[name],) if name in given else customary(name, [(SIZE, SIZE)], [(SIZE,)])
        for name in names
    }
    for shapes in itertools.islice(ways(offered), MOST_TRIED):
        try:
            infer(formula, shapes)
        except FormulaError as error:
            wrong = wrong or error
            continue
        return shapes
    assert wrong is not None
    raise wrong


def chosen_values(formula: Formula, shapes: Mapping[str, Shape]) -> dict[str, "ArrayLike"]:
    """A number, vector or matrix for each name, all different; numbers of classes from 0 on.

    Args:
        formula: With its definitions put in.
        shapes: Of its names.
    """
    classes = class_numbers(formula.root, Shapes(dict(shapes), formula.text))
    turn = itertools.cycle(_VALUES)

    def filled(shape: Shape, values: Iterator[float]) -> Any:
        if not shape:
            return next(values)
        return [filled(shape[1:], values) for _ in range(shape[0])]

    def of(name: str) -> Iterator[float]:
        return itertools.cycle(map(float, range(classes[name]))) if name in classes else turn

    return {name: filled(shape, of(name)) for name, shape in shapes.items()}
