"""A formula with its definitions put in, for what is asked of the variables alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.calculus.tree import Formula


def written_out(text: str) -> "Formula":
    """A formula as typed; `z = x^2 y; x = cos t` with its definitions put in.

    Raises:
        FormulaError: If it cannot be read, or is an equation.
    """
    from chainrule.calculus import FormulaError
    from chainrule.calculus.jacobian import read_vector
    from chainrule.calculus.read_problem import read_problem

    if "=" not in text:
        return read_vector(text)
    problem = read_problem(text)
    if problem.equation is not None:
        raise FormulaError(
            "Expected a formula, found an equation: chainrule explain finds the slope of "
            "its curve.",
            text,
        )
    return problem.written_out()
