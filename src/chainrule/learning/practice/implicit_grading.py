"""Grades of the slope of a curve that an equation gives, such as dy/dx of x² + y² = 25.

An answer may use the equation: −x/y and −x y/(25 − x²) are the same slope on the circle. So answers
are compared at points of the curve. Both sides with a mistake in them are linear in y′; two values
of y′ give the line, and its zero is the slope that the mistake leads to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.calculus import Evaluation, FormulaError
from chainrule.calculus.build import name
from chainrule.calculus.definitions import Equation, Problem
from chainrule.calculus.derivation import PRIME
from chainrule.calculus.implicit import ImplicitDerivation, derive_implicit
from chainrule.calculus.rules import ALL_RULES, Mutation, Task
from chainrule.calculus.tree import Name, Node, walk
from chainrule.records.exercise import Diagnosis, Grade
from chainrule.records.message import Message, joined

from .answers import Answer, AnswerError, read_answer
from .curve_points import curve_table
from .likelihood import likelihood
from .normal_form import proved_equal
from .sampling import FEWEST, LARGEST
from .table import Table, Values
from .values import close_to
from .whole_mistakes import RECIPROCAL, WHOLE_SIGN
from .workings import Cause, Rows, Workings, everywhere_rows

CLOSE = 1e-7
"""Relative difference up to which two slopes are one: a point of the curve is exact to 10⁻¹⁶, and
the slopes that are compared change at most some thousand times as fast."""

SLOPES = (0.37, -1.29)
"""Two values of y′ that give the line; none at which a formula of a textbook is special."""

MOST = 3
"""Mistakes that one answer is said to be consistent with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    mutation: Mutation
    rule: str = ""
    node: int = -1


def read_curve(problem: Problem, wrt: str = "") -> ImplicitDerivation:
    """The slope that an equation asks for.

    Args:
        problem: With an equation.
        wrt: The name that it is differentiated by; without one x, or the only one beside y.

    Raises:
        FormulaError: If it is not clear which name depends on which.
    """
    equation = problem.equation
    assert equation is not None
    if problem.definitions:
        raise FormulaError(
            Message(
                "Expected an equation alone to be graded, found definitions beside it: put them "
                "into the equation."
            ),
            problem.text,
        )
    by, of = _names(equation, wrt.strip())
    return derive_implicit(equation, of=of, by=by, routes=False)


def _names(equation: Equation, wrt: str) -> tuple[str, str]:
    names = equation.names
    by = wrt or ("x" if "x" in names else next((each for each in names if each != "y"), ""))
    others = [each for each in names if each != by]
    if by not in names or not others:
        raise FormulaError(
            Message(
                "Expected an equation of two names and one of them to differentiate by, found "
                "{found!r}; it has {names}.",
                found=by,
                names=", ".join(names) or "—",
            ),
            equation.text,
        )
    if "y" in others or len(others) == 1:
        return by, "y" if "y" in others else others[0]
    raise FormulaError(
        Message(
            "Expected a name y whose slope is asked for, found {names}: call the one that depends "
            "on {by} y.",
            names=", ".join(others),
            by=by,
        ),
        equation.text,
    )


def grade_equation(
    problem: Problem,
    wrt: str,
    answer: str,
    at: Mapping[str, float] | None = None,
    *,
    reply: str | None = None,
) -> Grade:
    """Grade an answer to "what is the slope of this curve".

    Args:
        problem: With an equation.
        wrt: By which name; empty for x.
        answer: A formula in any notation, in both names; with `at` a number.
        at: A point of the curve.
        reply: The number of the mistake that was chosen when several were asked for.

    Raises:
        FormulaError: If the equation cannot be differentiated, or no point of it is found.
        AnswerError: If the answer cannot be read.
    """
    found = read_curve(problem, wrt)
    read = read_answer(answer, problem.names, count=1)
    if len(read.entries) != 1:
        raise AnswerError(
            Message(
                "Expected one formula, the slope {slope}, found a list of {found}.",
                slope=found.slope.name,
                found=len(read.entries),
            ),
            read.text,
        )
    if at is not None:
        return _at_point(found, read, at)
    table = curve_table(found)
    if table is None:
        raise FormulaError(
            Message(
                "Expected an equation with points between −6 and 6 where its curve has a slope, "
                "found too few of them: it cannot be graded."
            ),
            problem.text,
        )
    root = read.entries[0].root
    values = _values(table, root)
    right = _values(table, found.factored)
    good = np.isfinite(values) & (np.abs(values) < LARGEST)
    if int(good.sum()) < FEWEST:
        return Grade(correct=False)
    if _same(values, right):
        return Grade(correct=True, how="exact" if proved_equal(found.factored, root) else "numeric")
    if (branch := _one_branch(values, right, root, found)) is not None:
        return Grade(correct=False, diagnoses=(_diagnosis(branch),))
    return _told(_explained(found, table, root, values, right), reply)


def _told(alternatives: list[_Found], reply: str | None) -> Grade:
    if len(alternatives) < 2:
        return Grade(correct=False, diagnoses=tuple(map(_diagnosis, alternatives)))
    if reply is not None:
        if not reply.strip().isdecimal() or not 1 <= int(reply) <= len(alternatives):
            raise FormulaError(
                Message(
                    "Expected a number from 1 to {last} as a reply, found {found!r}.",
                    last=len(alternatives),
                    found=reply,
                )
            )
        return Grade(correct=False, diagnoses=(_diagnosis(alternatives[int(reply) - 1]),))
    listed = joined(
        [
            Message("({i}) {mistake}", i=i, mistake=Message(each.mutation.message))
            for i, each in enumerate(alternatives, 1)
        ]
    )
    return Grade(
        correct=False,
        diagnoses=tuple(map(_diagnosis, alternatives)),
        question=Message(
            "Which of these did you do? Reply with its number. {listed}", listed=listed
        ),
    )


def _diagnosis(found: _Found) -> Diagnosis:
    return Diagnosis(
        mutation=found.mutation.id,
        rule=found.rule,
        node=found.node,
        message=found.mutation.message,
    )


def _values(table: Table, root: Node) -> Values:
    with np.errstate(all="ignore"):
        found: Values = table(root) + np.zeros(table.points)
    return found


def _same(a: Values, b: Values) -> bool:
    """Whether they agree wherever both have values, and have enough of them in common."""
    with np.errstate(all="ignore"):
        both = np.isfinite(a) & np.isfinite(b) & (np.abs(a) < LARGEST) & (np.abs(b) < LARGEST)
        apart = np.abs(a - b) > CLOSE * np.maximum(1e-3, np.maximum(np.abs(a), np.abs(b)))
    return int(both.sum()) >= FEWEST and not bool(np.any(apart & both))


def _one_branch(
    values: Values, right: Values, root: Node, found: ImplicitDerivation
) -> _Found | None:
    """Of an answer without y: solved for y on one branch, and right there."""
    names = {each.name for each in walk(root) if isinstance(each, Name)}
    if found.of in names or not names:
        return None
    with np.errstate(all="ignore"):
        fits = np.abs(values - right) <= CLOSE * np.maximum(1e-3, np.abs(right))
    if int(fits.sum()) < FEWEST or bool(fits.all()):
        return None
    message = Message(
        "That is the slope on one branch of the curve. Written with {of} in it, the slope holds on "
        "all of them.",
        of=found.of,
    )
    return _Found(mutation=Mutation(id="implicit-one-branch", after="dy", message=message))


def _explained(
    found: ImplicitDerivation, table: Table, answer: Node, values: Values, right: Values
) -> list[_Found]:
    """Mistakes that give an answer, the likeliest first, each named once."""
    whole = [each for each, made in _of_whole(found, table, right) if _same(values, made)]
    # a minus that is forgotten when a term changes sides is the mistake that is made most
    if not any(isinstance(each, Name) for each in walk(answer)) or (
        whole and whole[0].mutation is WHOLE_SIGN
    ):
        return whole[:1]
    kept: dict[str, tuple[float, _Found]] = {
        each.mutation.id: (likelihood(each.mutation.id), each) for each in whole
    }
    for cause, made in _singles(found, table):
        if _same(values, made):
            each = _Found(mutation=cause.mutation, rule=cause.rule, node=cause.node)
            kept.setdefault(cause.mutation.id, (cause.likelihood, each))
    ranked = sorted(kept.values(), key=lambda each: -each[0])
    return [each for _, each in ranked[:MOST]]


def _of_whole(
    found: ImplicitDerivation, table: Table, right: Values
) -> list[tuple[_Found, Values]]:
    """Mistakes that are made with the whole equation."""
    by, of = (_values(table, each.tidy) for each in (found.partial_by, found.partial_of))
    left = _values(table, found.left.tidy) if not _has(found.left.tidy, found.slope.name) else None
    with np.errstate(all="ignore"):
        reciprocal = 1 / right
    turned = Mutation(
        id=RECIPROCAL.id,
        after=RECIPROCAL.after,
        message=Message(
            "That is 1 over the slope: how fast {by} moves with {of}, not {of} with {by}.",
            by=found.by,
            of=found.of,
        ),
    )
    held = ALL_RULES["implicit-variable"].mutations[1]
    listed = [
        (_Found(mutation=WHOLE_SIGN), -right),
        (_Found(mutation=turned), reciprocal),
        (_Found(mutation=_BOTH), -reciprocal),
        (_Found(mutation=held, rule="implicit-variable"), by),
        (_Found(mutation=_NOT_DIVIDED), -by),
        (_Found(mutation=_OTHER_PARTIAL), of),
    ]
    return listed if left is None else [*listed, (_Found(mutation=held), left)]


_BOTH = Mutation(
    id="implicit-turned",
    after="dF/dy / dF/dx",
    message="The fraction is upside down and has the other sign: what multiplies y′ goes below the "
    "line, and the rest goes to the other side with a minus.",
)
_NOT_DIVIDED = Mutation(
    id="implicit-not-divided",
    after="-dF/dx",
    message="That is what stands on the other side of the equation: it still has to be divided by "
    "what multiplies y′.",
)
_OTHER_PARTIAL = Mutation(
    id="implicit-other-partial",
    after="dF/dy",
    message="That is what multiplies y′: the terms without y′ are divided by it, with a minus.",
)


def _has(root: Node, wanted: str) -> bool:
    return any(isinstance(each, Name) and each.name == wanted for each in walk(root))


def _singles(found: ImplicitDerivation, table: Table) -> list[tuple[Cause, Values]]:
    """Slopes with one mistake made in differentiating the sides, or one made everywhere."""
    task = Task(
        variable=found.by,
        moving=frozenset({found.by, found.of}),
        definitions={},
        unknown={found.of: name(found.of + PRIME)},
    )
    root = found.equation.difference.root
    lines = []
    for slope in SLOPES:
        columns = {**table.columns, found.slope.name: np.full(table.points, slope)}
        worked = Workings(task, Table(columns), pairs=False).of(root)
        rows = worked.one.joined([everywhere_rows(worked)], 10_000)
        lines.append(dict(zip(map(_key, rows.causes), _pairs(rows), strict=True)))
    first, second = lines
    made = []
    for key, (cause, values) in first.items():
        if key not in second:
            continue
        with np.errstate(all="ignore"):
            steep = (second[key][1] - values) / (SLOPES[1] - SLOPES[0])
            slopes = SLOPES[0] - values / steep
        made.append((cause, slopes))
    return made


def _pairs(rows: Rows) -> list[tuple[Cause, Values]]:
    return [(causes[0], values) for causes, values in zip(rows.causes, rows.values, strict=True)]


def _key(causes: tuple[Cause, ...]) -> tuple[str, str, int, bool, bool]:
    cause = causes[0]
    return cause.mutation.id, cause.rule, cause.node, cause.everywhere, cause.aside


def _at_point(found: ImplicitDerivation, read: Answer, at: Mapping[str, float]) -> Grade:
    """Grade the number of the slope at a point of the curve."""
    missing = [each for each in found.equation.names if each not in at]
    if missing:
        raise FormulaError(
            Message(
                "Expected a number for each of {names}, but {missing} has none: give it one, such "
                "as {first}=1.",
                names=", ".join(found.equation.names),
                missing=", ".join(missing),
                first=missing[0],
            )
        )
    evaluation = Evaluation(dict(at), found.equation.text)
    left, right = (evaluation(side.root) for side in (found.equation.left, found.equation.right))
    if abs(left - right) > 1e-6 * (1 + abs(left)):
        raise FormulaError(
            Message(
                "Expected a point of the curve, found one where the left side is {left:.6g} and "
                "the right side {right:.6g}.",
                left=left,
                right=right,
            ),
            found.equation.text,
        )
    if abs(evaluation(found.partial_of.tidy)) < 1e-12:
        raise FormulaError(
            Message("Expected a point where the curve has a slope, found one where it has none."),
            found.equation.text,
        )
    slope = evaluation(found.factored)
    value = Evaluation(dict(at), read.text)(read.entries[0].root)
    typed = read.text.rpartition("=")[2]
    if close_to(value, slope, typed):
        return Grade(correct=True)
    if slope and close_to(value, -slope, typed):
        return Grade(correct=False, diagnoses=(_diagnosis(_Found(mutation=WHOLE_SIGN)),))
    return Grade(correct=False)
