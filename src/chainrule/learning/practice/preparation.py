"""What an exercise's first answer would else wait for: all that belongs to the exercise alone."""

from contextlib import suppress

from chainrule.calculus import FormulaError
from chainrule.calculus.tree import Array
from chainrule.records.exercise import Exercise

from .asked import asked_of, points_of
from .curve_asked import asked_curve
from .curve_mistakes import slopes_of
from .diagnosis import expected_of
from .jacobian_grading import entries_of
from .matrix_asked import is_of_matrices, may_be_of_matrices, read_matrices, read_matrix
from .matrix_expected import expected
from .questions import work_out_small_formulas


def prepare(exercise: Exercise) -> None:
    """Work out what goes wrong with an exercise, before there is an answer.

    A page does so when it shows an exercise, and a terminal before it asks: both have time then.
    An exercise that cannot be graded is left for its first answer to say so.

    Args:
        exercise: Of any kind; those that are no derivative need nothing.
    """
    if exercise.kind != "derivative":
        return
    with suppress(FormulaError):
        problem = read_matrices(exercise.formula)
        if problem.equation is not None:
            curve = asked_curve(problem, exercise.wrt)
            if curve.table is not None:
                slopes_of(curve).work_out()
        elif is_of_matrices(problem):
            expected(read_matrix(problem, exercise.wrt)).work_out()
        elif isinstance(problem.formula.root, Array):
            entries = [*entries_of(problem, exercise.wrt)]
            for formula, variable in entries:
                _prepare_numbers(formula, variable)
            for _, variable in entries[:1]:  # none of formulas without a variable
                work_out_small_formulas(variable)
        else:
            first = _prepare_numbers(exercise.formula, exercise.wrt)
            # 31 of them: of a gradient those by one variable are enough to wait for
            work_out_small_formulas(first)
            if may_be_of_matrices(problem):
                expected(read_matrix(problem, exercise.wrt)).work_out()


def _prepare_numbers(formula: str, wrt: str) -> str:
    """Prepare the derivatives of a formula of numbers; the first variable."""
    parts = asked_of(formula, wrt)
    for asked in parts:
        if points_of(asked) is not None:
            expected_of(asked).work_out()
    return parts[0].variable
