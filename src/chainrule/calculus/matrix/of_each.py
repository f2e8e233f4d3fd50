"""A formula of vectors and matrices differentiated by each of several of its names."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.tree import Formula

from .derivation import MatrixDerivation
from .derive import derive_matrix
from .fit import Shape, shape_text


def matrix_gradients(
    formula: Formula, shapes: Mapping[str, Shape], variables: Sequence[str] | None = None
) -> tuple[MatrixDerivation, ...]:
    """The gradients of a number by vectors, matrices and numbers, each of its variable's shape.

    Args:
        formula: Whose value is one number.
        shapes: The shape of each name; names left out are numbers.
        variables: By which, in which order; all names of the formula if not given.

    Raises:
        FormulaError: As for `derive_matrix`, and if the formula is no number or has no names.
    """
    found = _by_each(formula, shapes, variables)
    if not found[0].is_number:
        raise FormulaError(
            f"Expected a formula whose value is one number, which has a gradient; found "
            f"{shape_text(found[0].shape)}, which has a Jacobian: ask chainrule jacobian, or make "
            "a number of it, such as its sum.",
            formula.text,
        )
    return found


def matrix_jacobians(
    formula: Formula, shapes: Mapping[str, Shape], variables: Sequence[str] | None = None
) -> tuple[MatrixDerivation, ...]:
    """The Jacobians of a vector by vectors and numbers: two axes at most.

    Args:
        formula: Whose value is a vector.
        shapes: The shape of each name; names left out are numbers.
        variables: By which, in which order; all vectors and numbers of the formula if not given.

    Raises:
        FormulaError: As for `derive_matrix`, and if the formula is a number or matrix, or a
            variable a matrix: such a derivative has more axes than a page.
    """
    names = dict.fromkeys(formula.names, ()) | {name: tuple(s) for name, s in shapes.items()}
    if variables is None:
        variables = [name for name in formula.names if len(names[name]) < 2] or None
    found = _by_each(formula, shapes, variables)
    if found[0].is_number:
        raise FormulaError(
            "Expected a formula whose value is a vector, found a number: its Jacobian is one row, "
            "which is its gradient; ask chainrule gradient.",
            formula.text,
        )
    for each in found:
        if len(each.shape) > 1 or len(each.variable_shape) > 1:
            raise FormulaError(
                f"Expected a vector differentiated by vectors or numbers; "
                f"{shape_text(each.shape)} by {each.variable}, {shape_text(each.variable_shape)}, "
                f"has {len(each.jacobian_shape)} axes, "
                f"{' × '.join(map(str, each.jacobian_shape))}, which no page has: chainrule "
                f"explain with --wrt {each.variable} gives it by what it does to a change.",
                formula.text,
            )
    return found


def _by_each(
    formula: Formula, shapes: Mapping[str, Shape], variables: Sequence[str] | None
) -> tuple[MatrixDerivation, ...]:
    chosen = tuple(variables) if variables is not None else formula.names
    if not chosen:
        raise FormulaError(
            "Expected a formula with a variable, found only numbers: they have no derivative but "
            "0.",
            formula.text,
        )
    return tuple(derive_matrix(formula, name, shapes) for name in chosen)
