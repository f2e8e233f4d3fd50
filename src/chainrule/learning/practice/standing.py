"""Where an answer stands: what of it is right already, and the step at which it leaves the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from chainrule.calculus import Derivation, FormulaError, derive, write
from chainrule.calculus.derivation import Step, walk_steps
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Node, Sum
from chainrule.records.exercise import Exercise, Grade

from .answers import read_answer
from .asked import Asked, read_asked
from .equivalence import compare
from .grading import grade
from .table import Values

TRIVIAL = frozenset({"constant", "held-constant", "variable"})
"""Rules that nobody needs to be told about."""

_OF_TERMS = ("sum", "difference")

CLOSE = 1e-9
"""Relative difference up to which a term of an answer is that of the derivative, as for answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of an answer that is not right.

    Attributes:
        derivation: Of the entry that is looked at.
        step: Where a mistake was made or a term is missing; None if that is not known.
        entries: Of a gradient: the variables whose entries are right.
        right: Parts of the formula whose derivatives are right in the answer.
    """

    derivation: Derivation
    step: Step | None = None
    entries: tuple[str, ...] = ()
    right: tuple[Node, ...] = ()


def standing(exercise: Exercise, answer: str) -> Standing:
    """Where an answer stands; an empty or unreadable one at the beginning.

    Args:
        exercise: With a formula to differentiate, not an equation.
        answer: As typed.
    """
    problem = read_problem(exercise.formula)
    variables = [part.strip() for part in exercise.wrt.split(",") if part.strip()]
    derivations = [
        derive(problem.formula, each, definitions=problem.defined, name=problem.name)
        for each in variables or [problem.only_name()]
    ]
    beginning = Standing(derivation=derivations[0])
    if not answer.strip():
        return beginning
    try:
        parts = read_asked(exercise.formula, exercise.wrt)
        roots = [
            each.root for each in read_answer(answer, parts[0].names, count=len(parts)).entries
        ]
        if len(roots) != len(parts) or exercise.at:
            return beginning
        right = [_is_right(each, root) for each, root in zip(parts, roots, strict=True)]
        if all(right):
            return beginning
        at = right.index(False)
        found = grade(exercise.formula, parts[at].variable, write(roots[at]))
    except FormulaError:
        return beginning
    step, known = _located(derivations[at], parts[at], roots[at], found)
    return Standing(
        derivation=derivations[at],
        step=step,
        entries=tuple(each.variable for each, good in zip(parts, right, strict=True) if good),
        right=known,
    )


def _is_right(asked: Asked, root: Node) -> bool:
    table = asked.table()
    return table is not None and bool(compare(asked.derivative, root, table).equal)


def _located(
    derivation: Derivation, asked: Asked, root: Node, found: Grade
) -> tuple[Step | None, tuple[Node, ...]]:
    """The step of the mistake, and what is right because all the rest is."""
    for each in found.diagnoses:
        path = _path(derivation.root, each.node)
        if len(path) == 1 and path[0].rule in _OF_TERMS:
            break
        if path:
            only = len(found.diagnoses) == 1 and found.question is None
            return path[-1], _beside(path) if only else ()
    return _by_terms(derivation.root, asked, root)


def _path(root: Step, node: int) -> list[Step]:
    """The steps from the whole to the one about a part; empty if there is none."""
    if node < 0:
        return []
    if root.operand.id == node:
        return [root]
    for below in root.steps:
        found = _path(below, node)
        if found:
            return [root, *found]
    return []


def _beside(path: Sequence[Step]) -> tuple[Node, ...]:
    """Parts beside a path: one mistake explains the answer, so that their derivatives are right."""
    return tuple(
        other.operand
        for step, below in pairwise(path)
        for other in step.steps
        if other is not below and other.rule not in TRIVIAL and other.operand.id >= 0
    )


def _by_terms(step: Step, asked: Asked, answer: Node) -> tuple[Step | None, tuple[Node, ...]]:
    """Of a sum: the terms whose derivatives stand in the answer, and the first that does not."""
    table = asked.table()
    whole = step.operand
    if table is None or not isinstance(whole, Sum) or step.rule not in _OF_TERMS:
        return None, ()
    typed = [sign * table(term) for sign, term in _terms(answer)]
    signs = {id(term): sign for sign, term in _terms(whole)}
    right: list[Node] = []
    missing: Step | None = None
    for below in step.steps:
        if below.rule in TRIVIAL:
            continue
        wanted = signs.get(id(below.operand), 1.0) * table(below.result)
        place = next((i for i, each in enumerate(typed) if _same(each, wanted)), None)
        if place is None:
            missing = missing or below
        else:
            typed.pop(place)
            right.append(below.operand)
    return missing, tuple(right)


def _terms(root: Node) -> list[tuple[float, Node]]:
    if not isinstance(root, Sum):
        return [(1.0, root)]
    signs = [1.0, *(-1.0 if each == "-" else 1.0 for each in root.operators)]
    return [*zip(signs, root.terms, strict=True)]


def _same(a: Values, b: Values) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(a - b) <= CLOSE * (1e-6 + np.maximum(np.abs(a), np.abs(b)))))


def first_step(derivation: Derivation) -> Step:
    """The outermost step that is no mere constant, variable or sum."""
    steps = walk_steps(derivation.root)
    plain = TRIVIAL | {"sum", "difference", "constant-multiple", "minus"}
    return next((step for step in steps if step.rule not in plain), steps[0])
