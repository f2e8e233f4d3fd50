"""Grades of the slope of a curve that an equation gives, such as dy/dx of x² + y² = 25.

An answer may use the equation: −x/y and −x y/(25 − x²) are the same slope on the circle. So answers
are compared at points of the curve. Both sides with a mistake in them are linear in y′; two values
of y′ give the line, and its zero is the slope that the mistake leads to.
"""

from collections.abc import Mapping

import numpy as np

from chainrule.calculus import Evaluation, FormulaError
from chainrule.calculus.build import name
from chainrule.calculus.derivation import PRIME
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.implicit import ImplicitDerivation, derive_implicit
from chainrule.calculus.problem import Equation, Problem
from chainrule.calculus.rules import ALL_RULES, Mutation, Task
from chainrule.calculus.tree import Call, Name, Node, walk, written_size
from chainrule.records.exercise import Grade
from chainrule.records.message import Message

from .answers import Answer, AnswerError, read_answer
from .choice_of_mistakes import graded_by_choice
from .curve_points import curve_table
from .explanations import CLEARLY, Explanation, distinct, ranked, together, with_slip
from .normal_form import proved_equal
from .sampling import FEWEST, LARGEST
from .slips import slip_between
from .table import Table, Values
from .values import close_to
from .whole_mistakes import NOT_DIFFERENTIATED, RECIPROCAL, WHOLE_SIGN
from .workings import Cause, Causes, Workings, everywhere_rows, weight

CLOSE = 1e-7
"""Relative difference up to which two slopes are one: a point of the curve is exact to 10⁻¹⁶, and
the slopes that are compared change at most some thousand times as fast."""

SLOPES = (0.37, -1.29)
"""Two values of y′ that give the line; none at which a formula of a textbook is special."""

ACCUSING = 5 * CLEARLY
"""How many times likelier than a slip a mistake must be to be told without it: five times as much
as for a formula, since from both sides to the slope each term is written down some five times."""

MOST_OF_SIDES = 60
"""Parts of an equation up to which two mistakes at once are worked out."""


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
                "Expected an equation with points between −30 and 30 where its curve has a slope, "
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
        return _graded(branch)
    return graded_by_choice(_explained(found, table, root, values, right), reply)


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
) -> Mutation | None:
    """Of an answer without y: solved for y on one branch, and right there."""
    names = _names_of(root)
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
    return Mutation(id="implicit-one-branch", after="dy", message=message)


def _graded(mutation: Mutation) -> Grade:
    only = Explanation(causes=(Cause(mutation, "", -1),), weight=1.0)
    return graded_by_choice([only], None)


def _explained(
    found: ImplicitDerivation, table: Table, answer: Node, values: Values, right: Values
) -> tuple[Explanation, ...]:
    """What gives an answer, the likeliest first: one mistake or one slip, else two mistakes."""
    whole = _of_whole(found, table, right)
    fitting = [_explanation((cause,)) for cause, made in whole if _same(values, made)]
    # a minus that is forgotten when a term changes sides is the mistake that is made most
    if not _names_of(answer) or (fitting and fitting[0].causes[0].mutation is WHOLE_SIGN):
        return tuple(fitting[:1])
    singles = _slopes(found, table, pairs=False)
    fitting += [
        _explanation(causes)
        for causes, made in singles
        if _same(values, made) and not _forgets_a_side(causes[0], found)
    ]
    slip = slip_between(found.factored, answer, table, CLOSE)
    if slip is not None:
        possible = sum(weight((cause,)) for cause, _ in whole)
        possible += sum(weight(causes) for causes, _ in singles)
        if "slip-sign" in slip.kinds:
            # a sign that changes where terms change sides is no sign of the rule for sums
            fitting = [e for e in fitting if e.causes[0].mutation.id not in _SIGNS_OF_SUMS]
        fitting = with_slip(distinct(fitting), slip, slip.probability * possible)
    fitting = fitting or _of_two(found, table, answer, values, right, singles)
    return ranked(_once(fitting), accusing=ACCUSING)


def _once(found: list[Explanation]) -> list[Explanation]:
    """The likeliest of those that would be told in the same words: they cannot be asked apart."""
    best: dict[frozenset[str], Explanation] = {}
    for each in sorted(found, key=lambda e: -e.weight):
        best.setdefault(frozenset(cause.mutation.message for cause in each.causes), each)
    return [*best.values()]


_SIGNS_OF_SUMS = ("sum-sign", "difference-sign-lost")
"""Mistakes of a rule that nobody gets wrong in an equation but by losing a sign."""

_RATHER_SLIPS = (*_SIGNS_OF_SUMS, "product-minus", "chain-inside-forgotten")
"""Beside a second mistake a sign that was lost, or x written for y: of two slips in random answers
one in ten was laid to such a pair."""


def _explanation(causes: Causes) -> Explanation:
    return Explanation(causes=causes, weight=weight(causes))


def _of_two(
    found: ImplicitDerivation,
    table: Table,
    answer: Node,
    values: Values,
    right: Values,
    singles: "list[tuple[Causes, Values]]",
) -> list[Explanation]:
    """Two mistakes that give an answer: both in the sides, or the second in solving."""
    with np.errstate(all="ignore"):
        number = values / right
    if int(np.isfinite(number).sum()) < FEWEST or np.ptp(number[np.isfinite(number)]) < CLOSE:
        return []  # a number times the right one: a slip of two digits gives that as well
    if np.ptp(values[np.isfinite(values)]) < CLOSE:
        return []  # a number, or what comes to one: x/x
    sign = Cause(WHOLE_SIGN, "", -1)
    pairs = [((*causes, sign), -made) for causes, made in singles if not causes[0].aside]
    if written_size(found.equation.difference.root) <= MOST_OF_SIDES:
        pairs += _slopes(found, table, pairs=True)
    return [
        _explanation(causes)
        for causes, made in pairs
        if not any(each.mutation.id in _RATHER_SLIPS for each in causes)
        and not any(_forgets_a_side(each, found) for each in causes)
        and all(_would_show(each.mutation.id, answer) for each in causes)
        and together(causes)
        and _same(values, made)
    ]


def _forgets_a_side(cause: Cause, found: ImplicitDerivation) -> bool:
    """Whether a whole side with y in it would have been left out: a lost term, but of no sum."""
    return (
        cause.mutation.id == "sum-term-lost"
        and cause.node == found.equation.difference.root.id
        and all(_has(side.root, found.of) for side in (found.equation.left, found.equation.right))
    )


def _would_show(mutation: str, answer: Node) -> bool:
    """Whether a function that is said to have been kept stands in the answer."""
    kept = mutation.removesuffix("-kept")
    return (
        kept == mutation
        or kept not in FUNCTIONS
        or any(isinstance(each, Call) and each.function == kept for each in walk(answer))
    )


def _of_whole(found: ImplicitDerivation, table: Table, right: Values) -> list[tuple[Cause, Values]]:
    """Mistakes that are made with the whole equation."""
    by, of = (_values(table, each.tidy) for each in (found.partial_by, found.partial_of))
    left = _values(table, found.left.tidy) if not _has(found.left.tidy, found.slope.name) else None
    with np.errstate(all="ignore"):
        reciprocal = 1 / right
    as_one, held = ALL_RULES["implicit-variable"].mutations
    listed = [
        (Cause(WHOLE_SIGN, "", -1), -right),
        (Cause(_turned(found), "", -1), reciprocal),
        (Cause(_BOTH, "", -1), -reciprocal),
        (Cause(held, "implicit-variable", -1), by),
        (Cause(_NOT_DIVIDED, "", -1), -by),
        (Cause(_OTHER_PARTIAL, "", -1), of),
        (Cause(as_one, "implicit-variable", -1), by + of),
        (Cause(as_one, "implicit-variable", -1), -by - of),
    ]
    if _names_of(found.equation.right.root):
        listed.append((Cause(_SIDE_KEPT, "", -1), _with_right_kept(found, table)))
    return listed if left is None else [*listed, (Cause(held, "", -1), left)]


def _with_right_kept(found: ImplicitDerivation, table: Table) -> Values:
    """The slope if the left side is differentiated and the right is left as it stands."""
    kept = _values(table, found.equation.right.root)
    first, second = (
        _values(
            Table({**table.columns, found.slope.name: np.full(table.points, slope)}),
            found.left.tidy,
        )
        - kept
        for slope in SLOPES
    )
    return _zero(first, second)


def _zero(first: Values, second: Values) -> Values:
    """Where a line is 0 that has these values at both of `SLOPES`."""
    with np.errstate(all="ignore"):
        return SLOPES[0] - first / ((second - first) / (SLOPES[1] - SLOPES[0]))


def _names_of(root: Node) -> set[str]:
    return {each.name for each in walk(root) if isinstance(each, Name)}


def _turned(found: ImplicitDerivation) -> Mutation:
    message = Message(
        "That is 1 over the slope: how fast {by} moves with {of}, not {of} with {by}.",
        by=found.by,
        of=found.of,
    )
    return Mutation(id=RECIPROCAL.id, after=RECIPROCAL.after, message=message)


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
_SIDE_KEPT = Mutation(
    id=NOT_DIFFERENTIATED.id,
    after="f",
    message="The right side was left as it stands: both sides have to be differentiated.",
)
_OTHER_PARTIAL = Mutation(
    id="implicit-other-partial",
    after="dF/dy",
    message="That is what multiplies y′: the terms without y′ are divided by it, with a minus.",
)


def _has(root: Node, wanted: str) -> bool:
    return wanted in _names_of(root)


def _slopes(found: ImplicitDerivation, table: Table, *, pairs: bool) -> list[tuple[Causes, Values]]:
    """Slopes with mistakes made in differentiating the sides: one (or one everywhere), or two."""
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
        worked = Workings(task, Table(columns), pairs=pairs).of(root)
        rows = worked.two if pairs else worked.one.joined([everywhere_rows(worked)], 10_000)
        lines.append(
            {
                tuple(map(_key, causes)): (causes, values)
                for causes, values in zip(rows.causes, rows.values, strict=True)
            }
        )
    first, second = lines
    made = []
    for key, (causes, values) in first.items():
        if key not in second:
            continue
        made.append((causes, _zero(values, second[key][1])))
    return made


def _key(cause: Cause) -> tuple[str, str, int, bool, bool]:
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
    if close_to(value, slope, read.written):
        return Grade(correct=True)
    wrong = [(-slope, WHOLE_SIGN)]
    if slope and abs(value - round(value)) > CLOSE:  # a whole number may be anything
        wrong += [(1 / slope, _turned(found)), (-1 / slope, _BOTH)]
    for number, mutation in wrong:
        if slope and close_to(value, number, read.written):
            return _graded(mutation)
    return Grade(correct=False)
