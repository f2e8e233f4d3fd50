"""The objective of a formula that a command line gives."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .failure import CommandFailed
from .points import Number

if TYPE_CHECKING:
    from chainrule.objective import Objective


def objective_of(formula: str, point: Mapping[str, Number]) -> "Objective":
    """L from a formula, at a point.

    Raises:
        CommandFailed: If the text is no formula, or the point does not fit it.
    """
    from chainrule.calculus.errors import FormulaError
    from chainrule.objective import Objective, ObjectiveError

    try:
        return Objective.from_formula(formula, point)
    except FormulaError as error:
        where = "" if error.column is None else f" (column {error.column} of the formula)"
        raise CommandFailed(f"{error.reason.rstrip('.')}{where}.") from error
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
