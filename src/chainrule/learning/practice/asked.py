"""What is asked: a formula and by what it is differentiated, with the derivative and its points."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from chainrule.calculus import Formula, FormulaError, Node, derive
from chainrule.calculus.problem import Problem
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.rules import Task
from chainrule.calculus.tokens import suggestion
from chainrule.records.message import Message, as_message

from .sampling import table_for
from .table import Table

EXERCISES = 16
"""Exercises of which is kept what does not depend on the answer: an exercise is answered several
times, and a lesson has a handful of them. Measured, it is 4 MB of the longest formula of the tests,
and 0.1 to 2 MB of a textbook's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """One derivative that is asked for; two of them are the same only if they are one object.

    Attributes:
        problem: The formula as typed, with its definitions.
        variable: By what.
        derivative: As the rules leave it.
        task: For the rules.
        names: All that an answer may hold.
    """

    problem: Problem
    variable: str
    derivative: Node
    task: Task
    names: tuple[str, ...]

    @property
    def formula(self) -> Formula:
        """What is differentiated."""
        return self.problem.formula

    def table(self, *, seed: int = 0) -> Table | None:
        """Points at which the function and its derivative have values; None without enough."""
        return table_for(
            [self.formula.root, self.derivative], self.names, self.problem.defined, seed=seed
        )


def read_asked(formula: str, wrt: str = "") -> tuple[Asked, ...]:
    """What is asked: one derivative, or of a gradient one a variable.

    Args:
        formula: As typed; it may have definitions: `z = x^2 y; x = cos t; y = sin t`.
        wrt: By which variable; several with commas between them; empty for the only one.

    Raises:
        FormulaError: If the formula cannot be read or has no such variable.
    """
    problem = read_problem(formula)
    if problem.equation is not None:
        raise FormulaError(
            Message(
                "Expected a formula whose derivative is asked for, found an equation: the slope of "
                "a curve is explained by chainrule explain, and not graded."
            ),
            formula,
        )
    variables = tuple(part.strip() for part in wrt.split(",") if part.strip())
    if not variables:
        variables = (problem.only_name(),)
    return tuple(_asked(problem, variable) for variable in variables)


def _asked(problem: Problem, variable: str) -> Asked:
    defined = problem.defined
    names = (*problem.names, *defined)
    if names and variable not in problem.names:
        raise FormulaError(
            Message(
                "Expected a variable of the formula to differentiate by, found {found!r}; it has "
                "{names}.{suggestion}",
                found=variable,
                names=", ".join(problem.names),
                suggestion=as_message(suggestion(variable, problem.names)),
            ),
            problem.text,
        )
    found = derive(
        problem.formula,
        variable,
        definitions=defined,
        routes=False,
        algebra=False,
        name=problem.name,
    )
    moving = {variable}
    for _ in defined:
        moving |= {name for name, each in defined.items() if moving & {*each.names}}
    task = Task(
        variable=variable,
        moving=frozenset(moving),
        definitions={name: each.root for name, each in defined.items()},
    )
    return Asked(
        problem=problem,
        variable=variable,
        derivative=found.raw,
        task=task,
        names=names or (variable,),
    )


@lru_cache(EXERCISES)
def asked_of(formula: str, wrt: str = "") -> tuple[Asked, ...]:
    """What `read_asked` reads of an exercise that is answered; of the last `EXERCISES` it is known.

    Raises:
        FormulaError: As there.
    """
    return read_asked(formula, wrt)


@lru_cache(2 * EXERCISES)  # a gradient has several parts
def points_of(asked: Asked) -> Table | None:
    """The points at which answers are compared, and what is known there of what is asked."""
    return asked.table()


def checked_point(asked: Asked, at: Mapping[str, float]) -> dict[str, float]:
    """A point with the values of the names that are defined.

    Raises:
        FormulaError: If a name has no value, or a value belongs to no name.
    """
    from chainrule.calculus.definitions import values_at

    missing = [name for name in asked.problem.names if name not in at]
    if missing:
        raise FormulaError(
            Message(
                "Expected a number for each of {names}, but {missing} has none: give it one, such "
                "as {first}=1.",
                names=", ".join(asked.problem.names),
                missing=", ".join(missing),
                first=missing[0],
            )
        )
    strange = [name for name in at if name not in asked.names]
    if strange:
        raise FormulaError(
            Message(
                "Expected numbers for {names}, found one for {strange}, which the formula does not "
                "have.",
                names=", ".join(asked.problem.names),
                strange=strange[0],
            )
        )
    return values_at(asked.problem.defined, at)
