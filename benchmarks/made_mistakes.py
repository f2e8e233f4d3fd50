"""Slopes of curves and gradients with one mistake of a rule in them, made from the rules.

Nobody chose these answers: in the derivation of each problem in `problems_of_books.py` one rule is
replaced by one of its mutations, the rest goes on rightly, and what comes out is written down and
graded like anything that is typed. So it is seen how often a mistake is named at all. That its
mutations are the engine's own flatters it; how often people make them is another question.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chainrule.calculus import FormulaError, write
from chainrule.calculus.build import add, divide, name, negative, number, substitute
from chainrule.calculus.derivation import PRIME
from chainrule.calculus.matrix import MatrixDerivation, Quantity
from chainrule.calculus.matrix.algebra import Facts, simplified, starred
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.rules import Application, Rule, Task, rules_for
from chainrule.calculus.tidy import factor, tidy
from chainrule.calculus.tree import Name, Node, children, distinct
from chainrule.learning.practice import grade
from chainrule.learning.practice.cause import mutated
from chainrule.learning.practice.curve_asked import read_curve
from chainrule.learning.practice.explanations import ACCUSES_NOBODY
from chainrule.learning.practice.matrix_asked import read_matrices, read_matrix
from chainrule.learning.practice.matrix_walks import COTANGENT, Pulls, rightly
from chainrule.learning.practice.matrix_workings import mistakes

from .problems_of_books import CURVES, MATRICES

Later = Callable[[], Node | None]
"""Makes an answer once it is needed; None if there is none."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer with one mistake."""

    mutation: str
    formula: str
    wrt: str
    answer: str


def mistakes_in_curves(seed: int = 0, *, of_each: int = 3, every: int = 1) -> list[Made]:
    """Some mistakes of rules in the slope of each curve.

    Args:
        seed: Of the mistakes that are chosen.
        of_each: How many for each curve, each another mutation.
        every: Of how many curves one is taken.
    """
    source = random.Random(seed)
    found = []
    for curve in CURVES[::every]:
        task = Task(
            variable="x",
            moving=frozenset({"x", "y"}),
            definitions={},
            unknown={"y": name("y" + PRIME)},
        )
        equation = read_curve(read_problem(curve)).equation
        made = _of_each_mutation(_slopes(equation.difference.root, task), source)
        found += _wrong(made, curve, "x", of_each)
    return found


def _slopes(root: Node, task: Task) -> Iterator[tuple[str, Later]]:
    for node in distinct(root):
        rule, applied = _applied(node, task)
        for cause, wrong in mutated(rule, applied, node, task, -1):
            yield (
                cause.mutation.id,
                lambda node=node, wrong=wrong: _solved(_derivative(root, task, node, wrong)),
            )


def _applied(node: Node, task: Task) -> tuple[Rule, Application]:
    for rule in rules_for(node):
        applied = rule.apply(node, task)
        if applied is not None:
            return rule, applied
    raise LookupError(type(node).__name__)


def _derivative(node: Node, task: Task, where: Node, wrong: Application) -> Node:
    applied = wrong if node is where else _applied(node, task)[1]
    below = []
    for part in applied.parts:
        by = part.variable or task.variable
        there = (
            task
            if by == task.variable
            else Task(variable=by, moving=frozenset({by}), definitions={})
        )
        below.append(_derivative(part.operand, there, where, wrong))
    return applied.make(below)


def _solved(both: Node) -> Node | None:
    """The unknown slope from what is linear in it; None if it is not in it, or not linear."""
    rest, one, two = (_tidied(substitute(both, {"y" + PRIME: number(i)})) for i in range(3))
    before, again = _tidied(add(one, negative(rest))), _tidied(add(two, negative(one)))
    if write(before) in ("0", "") or write(before) != write(again):
        return None
    return _tidied(negative(divide(rest, before)))


def _tidied(node: Node) -> Node:
    steps = tidy(node)
    node = steps[-1].after if steps else node
    steps = factor(node)
    return steps[-1].after if steps else node


def mistakes_in_matrices(seed: int = 0, *, of_each: int = 3, every: int = 1) -> list[Made]:
    """Some mistakes of rules in each gradient by a vector or matrix; arguments as for curves."""
    source = random.Random(seed)
    found = []
    for formula, wrt in MATRICES[::every]:
        derivation = read_matrix(read_matrices(formula), wrt).derivation
        if derivation.is_number:
            made = _of_each_mutation(_gradients(derivation), source)
            found += _wrong(made, formula, wrt, of_each)
    return found


def _gradients(derivation: MatrixDerivation) -> Iterator[tuple[str, Later]]:
    for quantity in derivation.quantities:
        if quantity.name != derivation.variable:
            for cause, pulls in mistakes(quantity, derivation):
                yield (
                    cause.mutation.id,
                    lambda where=quantity, pulls=pulls: _gradient(derivation, where, pulls),
                )


def _gradient(derivation: MatrixDerivation, where: Quantity, wrong: Pulls) -> Node | None:
    """The gradient with other pulls at one quantity; None if its parts do not fit then."""
    sums: dict[str, Node] = {derivation.quantities[-1].name: number(1)}
    for each in reversed(derivation.quantities):
        if each.name not in sums or each.name == derivation.variable:
            continue
        for place, pull in (wrong if each is where else rightly(each, derivation)).items():
            part = children(each.local)[place]
            assert isinstance(part, Name)
            got = substitute(pull, {COTANGENT: sums[each.name]})
            sums[part.name] = add(sums[part.name], got) if part.name in sums else got
    if derivation.variable not in sums:
        return None
    known = {each.name: each.node for each in derivation.quantities}
    total = substitute(sums[derivation.variable], known)
    shapes = Shapes(derivation.names)
    try:
        steps = simplified(total, Facts(shapes=shapes))
        return starred(steps[-1].after if steps else total, shapes)
    except FormulaError:
        return None


def _of_each_mutation(
    made: Iterator[tuple[str, Later]], source: random.Random
) -> list[tuple[str, Later]]:
    """One answer for each mutation, in random order."""
    listed = [*made]
    source.shuffle(listed)
    return [*{id: (id, later) for id, later in listed}.values()]


def _wrong(made: Sequence[tuple[str, Later]], formula: str, wrt: str, most: int) -> list[Made]:
    found: list[Made] = []
    for id, later in made:
        node = later()
        if node is None or not any(isinstance(each, Name) for each in distinct(node)):
            continue  # a number says too little
        answer = write(node)
        try:
            correct = grade(formula, wrt, answer).correct
        except FormulaError:
            continue
        if not correct:
            found.append(Made(id, formula, wrt, answer))
        if len(found) == most:
            break
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of answers with a mistake.

    Attributes:
        named: The mistake, alone or with a question.
        differs: Only how the answer differs.
        otherwise: Another mistake; mostly one that gives the same answer.
        nothing: Nothing.
    """

    named: int = 0
    differs: int = 0
    otherwise: int = 0
    nothing: int = 0


def said_of(found: Sequence[Made]) -> Said:
    """How often what was said."""
    counts = {"named": 0, "differs": 0, "otherwise": 0, "nothing": 0}
    for each in found:
        counts[what_is_said(each)] += 1
    return Said(**counts)


_TRANSPOSE = ("transpose-missing", "transpose-too-many", "gradient-transposed", "symmetric-assumed")
_ORDER = ("order-of-factors", "gradient-transposed")
ALSO: dict[str, tuple[str, ...]] = {
    "vector-transpose-forgotten": _TRANSPOSE,
    "left-transpose-forgotten": _TRANSPOSE,
    "right-transpose-forgotten": _TRANSPOSE,
    "outer-transpose-forgotten": _TRANSPOSE,
    "transpose-forgotten": _TRANSPOSE,
    "determinant-transpose-forgotten": _TRANSPOSE,
    "log-determinant-transpose-forgotten": _TRANSPOSE,
    "outer-order": _ORDER,
    "row-outer-order": _ORDER,
    "left-order": _ORDER,
    "right-order": _ORDER,
    "row-vector-side": _TRANSPOSE,
    "norm-not-divided": ("power-not-lowered",),
    "gradient-multiple-lost": ("two-too-many",),
    "product-first-lost": ("two-lost",),
    "product-second-lost": ("two-lost",),
    "sum-sign": ("sign-of-whole", "slip-sign"),
    "difference-sign-lost": ("sign-of-whole", "slip-sign"),
    "inverse-sign": ("sign-of-whole",),
    "cross-entropy-sign": ("sign-of-whole",),
    "inverse-left-factor-lost": ("inverse-right-factor-lost",),
    "one-place-twice": ("symmetric-assumed",),
}
"""What an answer shows of a mistake of a rule, where that has an id of its own; of a lost sign an
equation does not tell whether it was lost by the rule for sums or where terms changed sides."""


def what_is_said(made: Made) -> str:
    """Which of the attributes of `Said` holds of one answer."""
    named = [each.mutation for each in grade(made.formula, made.wrt, made.answer).diagnoses]
    if not named:
        return "nothing"
    if {made.mutation, *ALSO.get(made.mutation, ())} & {*named}:
        return "named"
    return "differs" if ACCUSES_NOBODY.issuperset(named) else "otherwise"
