"""Worked solutions: how what is asked for comes about, step by step."""

from chainrule.calculus import Derivation, derive
from chainrule.calculus.gradient import Gradient
from chainrule.calculus.gradient import gradient as gradient_of
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation
from chainrule.calculus.read_problem import read_problem
from chainrule.records.exercise import Exercise

from .curve_asked import read_curve
from .exercises import draft_of
from .matrix_asked import is_of_matrices, read_matrix

Solution = Derivation | Gradient | ImplicitDerivation | MatrixDerivation | tuple[str, ...]
"""A derivative; those by each variable; the slope of a curve; a gradient by a vector or matrix;
sentences to a number or a choice."""


def worked(exercise: Exercise) -> Solution:
    """The solution of an exercise.

    Args:
        exercise: As generated, or any that has a formula to differentiate.

    Returns:
        Of a derivative its derivation, of a gradient those of all entries, of an equation how it
        is solved for the slope, of matrices their differentials, of a number or a choice the steps
        to it.
    """
    if exercise.kind != "derivative":
        return draft_of(exercise).steps
    problem = read_problem(exercise.formula)
    if problem.equation is not None:
        return read_curve(problem, exercise.wrt)
    if is_of_matrices(problem):
        return read_matrix(problem, exercise.wrt).derivation
    variables = [part.strip() for part in exercise.wrt.split(",") if part.strip()]
    if len(variables) > 1:
        return gradient_of(problem.formula, variables, definitions=problem.defined)
    return derive(
        problem.formula,
        variables[0] if variables else problem.only_name(),
        definitions=problem.defined,
        name=problem.name,
    )
