"""Vectors and matrices on a command line: their shapes, and points with their values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .failure import failed
from .formulas import check_point
from .points import Number, parse_point

if TYPE_CHECKING:
    from chainrule.calculus.matrix import MatrixEvaluation
    from chainrule.calculus.tree import Formula, Node

_SHAPE = re.compile(r"\s*([^\W\d]\w*)\s*=\s*(\d+(?:\s*[x×]\s*\d+)?)\s*\Z")


def parse_shapes(text: str) -> dict[str, tuple[int, ...]]:
    """Shapes such as `X=3x2,w=2`.

    Raises:
        CommandFailed: If they cannot be read.
    """
    found: dict[str, tuple[int, ...]] = {}
    for part in text.split(","):
        match = _SHAPE.match(part)
        if match is None:
            raise failed(
                "--shapes {text!r} cannot be read at {part!r}: write the rows and columns of "
                "matrices and the lengths of vectors, such as X=3x2,w=2.",
                text=text,
                part=part.strip(),
            )
        sizes = tuple(int(size) for size in re.split("[x×]", match[2]))
        if 0 in sizes:
            raise failed("--shapes gives {name} no entries: sizes are 1 or more.", name=match[1])
        found[match[1]] = sizes
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """A formula of vectors and matrices as a command line gives it.

    Attributes:
        formula: It.
        shapes: Of names, those that values say among them.
        evaluation: The point; None for none.
    """

    formula: "Formula"
    shapes: dict[str, tuple[int, ...]]
    evaluation: "MatrixEvaluation | None"


def shaped(
    formula: "Formula", at: str | None, shapes: str | None, *, rows: bool = False
) -> Shaped | None:
    """A formula with the vectors and matrices that it is of; None if it is of numbers alone.

    Args:
        formula: As it was read.
        at: What `--at` was given.
        shapes: What `--shapes` was given.
        rows: Whether `[x y, x + y]` is a row of formulas of numbers.

    Raises:
        CommandFailed: If an option cannot be read or does not fit the names of the formula.
        FormulaError: If a value has another shape than `--shapes` says.
    """
    from chainrule.calculus.matrix import MatrixEvaluation, needs_matrices
    from chainrule.faces.explain import shapes_with_values

    point = {} if at is None else parse_point(at, "--at")
    sizes = {} if shapes is None else parse_shapes(shapes)
    of_matrices = _of_matrices_inside(formula) if rows else needs_matrices(formula)
    if not (sizes or _has_vectors(point) or of_matrices):
        return None
    if at is None:
        return Shaped(formula=formula, shapes=sizes, evaluation=None)
    check_point(point, formula.names, what="value")
    evaluation = MatrixEvaluation(point, formula.text)
    return Shaped(
        formula=formula, shapes=shapes_with_values(sizes, evaluation), evaluation=evaluation
    )


def _has_vectors(point: Mapping[str, Number]) -> bool:
    return any(isinstance(value, list) for value in point.values())


def _of_matrices_inside(formula: "Formula") -> bool:
    """Whether something other than brackets is of vectors and matrices."""
    from chainrule.calculus.matrix import needs_matrices
    from chainrule.calculus.tree import Array
    from chainrule.calculus.tree import Formula as Part

    def below(node: "Node") -> bool:
        if isinstance(node, Array):
            return any(map(below, node.entries))
        return needs_matrices(Part(text=formula.text, root=node))

    return below(formula.root)
