"""How a formula is differentiated, rightly and with one or two mistakes, as values at points.

A rule applied to a part is a function from the derivatives of what is below to that of the part. So
all derivatives with mistakes are found from the leaves up: those of a part are its own mistakes on
right derivatives below, and its right rule on wrong ones below. They are rows of a table: a row a
set of mistakes, a column a point. Nothing is written out and nothing is simplified.

Two mistakes at two places are as many as the square of one; the table makes each of them one
vector operation, shared by all that go through the same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chainrule.calculus.build import name
from chainrule.calculus.derivation import HOLE
from chainrule.calculus.rules import ALL_RULES, ROUTES, Application, Mutation, Rule, Task, rules_for
from chainrule.calculus.tree import Node

from .likelihood import likelihood
from .mistakes import further_mistakes
from .table import Table, Values

MOST_PAIRS = 3000
"""Rows of two mistakes that one part keeps, the likeliest first."""

MOST_SINGLES = 400
"""Rows of one mistake that one part keeps."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One mistake at one place.

    Attributes:
        mutation: What was done wrong.
        rule: With which rule.
        node: The part of the formula; −1 where a rule made it and no part around it is known.
        everywhere: Whether it was made at all places where it can be made, of which node is the
            first.
        aside: Whether it was made after writing the part otherwise, as few people do.
    """

    mutation: Mutation
    rule: str
    node: int
    everywhere: bool = False
    aside: bool = False

    @property
    def likelihood(self) -> float:
        """How often people do this, relative to other mistakes."""
        rarer = (0.9 if self.everywhere else 1.0) * (0.05 if self.aside else 1.0)
        return likelihood(self.mutation.id) * rarer


Causes = tuple[Cause, ...]


@dataclass(slots=True)
class Rows:
    """Derivatives with mistakes.

    Attributes:
        causes: Which mistakes a row has.
        values: A row each.
    """

    causes: list[Causes]
    values: Values

    @classmethod
    def none(cls, points: int) -> "Rows":
        """No rows."""
        return cls([], np.empty((0, points)))

    def joined(self, others: Sequence["Rows"], most: int) -> "Rows":
        """These and others, the likeliest of them if they are too many."""
        parts = [part for part in (self, *others) if part.causes]
        if not parts:
            return self
        causes = [each for part in parts for each in part.causes]
        values = np.concatenate([part.values for part in parts])
        if len(causes) > most:
            weights = np.array([weight(each) for each in causes])
            kept = np.sort(np.argsort(-weights, kind="stable")[:most])
            return Rows([causes[i] for i in kept], values[kept])
        return Rows(causes, values)


def weight(causes: Causes) -> float:
    """How likely it is that somebody makes these mistakes."""
    product = 1.0
    for cause in causes:
        product *= cause.likelihood
    return product


@dataclass(slots=True)
class Worked:
    """The derivative of one part.

    Attributes:
        right: As it is.
        one: With one mistake.
        two: With two.
        everywhere: By mutation: with that mistake at all places.
        counts: By mutation: at how many places, and the first of them.
    """

    right: Values
    one: Rows
    two: Rows
    everywhere: dict[str, Values] = field(default_factory=dict)
    counts: dict[str, tuple[int, Cause]] = field(default_factory=dict)


class Workings:
    """All derivatives of a formula with up to two mistakes, at the points of a table.

    Args:
        task: By what, and what moves with it.
        table: Where.
        pairs: Whether two mistakes at once are worked out.
    """

    def __init__(self, task: Task, table: Table, *, pairs: bool) -> None:
        self._task = task
        self._table = table
        self._pairs = pairs
        self._known: dict[tuple[int, str, bool, bool], tuple[Node, Worked]] = {}
        self._tasks = {(task.variable, False): task}

    def of(self, node: Node, *, routes: bool = True) -> Worked:
        """The derivatives of the whole, on the other ways to it as well or only on the usual."""
        return self._worked(node, self._task.variable, False, node.id, routes=routes)

    def _worked(
        self, node: Node, variable: str, partial: bool, around: int, *, routes: bool
    ) -> Worked:
        partial = partial or variable != self._task.variable
        key = (id(node), variable, partial, routes)
        if key not in self._known:
            around = node.id if node.id >= 0 else around
            made = self._new(node, variable, partial, around, routes=routes)
            # the node is kept, so that no other object gets its identity
            self._known[key] = (node, made)
        return self._known[key][1]

    def _by(self, variable: str, partial: bool) -> Task:
        if (variable, partial) not in self._tasks:
            self._tasks[variable, partial] = Task(
                variable=variable, moving=frozenset([variable]), definitions={}
            )
        return self._tasks[variable, partial]

    def _new(
        self, node: Node, variable: str, partial: bool, around: int, *, routes: bool
    ) -> Worked:
        task = self._by(variable, partial)
        for rule in rules_for(node):
            applied = rule.apply(node, task)
            if applied is not None:
                break
        else:
            raise LookupError(f"no rule for {type(node).__name__}")
        below = self._below(applied, variable, partial, around, routes=routes)
        right = self._value(applied, [each.right for each in below])
        points = self._table.points
        found = Worked(right=right, one=Rows.none(points), two=Rows.none(points))
        self._with_mistakes_below(applied, below, found)
        self._with_mistakes_here(rule, applied, node, task, around, below, found, routes=routes)
        if routes:
            self._by_other_ways(rule, node, task, around, found, partial)
        found.one = _without(found.one, right)
        return found

    def _below(
        self,
        applied: Application,
        variable: str,
        partial: bool,
        around: int,
        *,
        routes: bool,
    ) -> list[Worked]:
        return [
            self._worked(
                part.operand,
                part.variable or variable,
                part.partial or partial,
                around,
                routes=routes,
            )
            for part in applied.parts
        ]

    def _value(self, applied: Application, derivatives: Sequence[Values]) -> Values:
        """What a rule makes of derivatives; of rows of them, rows."""
        names = [f"{HOLE}{i}" for i in range(len(derivatives))]
        made = applied.make([name(each) for each in names])
        return self._table(made, dict(zip(names, derivatives, strict=True)))

    def _rows(
        self, applied: Application, derivatives: Sequence[Values], causes: list[Causes]
    ) -> Rows:
        if not causes:
            return Rows.none(self._table.points)
        values = np.atleast_2d(self._value(applied, derivatives))
        if len(values) != len(causes):
            values = np.broadcast_to(values, (len(causes), self._table.points))
        return Rows(causes, values)

    # ---- mistakes below -------------------------------------------------------------------

    def _with_mistakes_below(
        self, applied: Application, below: Sequence[Worked], found: Worked
    ) -> None:
        right = [each.right for each in below]
        ones, twos = [], []
        for i, part in enumerate(below):
            ones.append(self._rows(applied, _put(right, i, part.one.values), part.one.causes))
            if self._pairs:
                twos.append(self._rows(applied, _put(right, i, part.two.values), part.two.causes))
        if self._pairs:
            for i, left in enumerate(below):
                twos += [
                    self._both(applied, right, i, left.one, j, below[j].one)
                    for j in range(i + 1, len(below))
                ]
        found.one = found.one.joined(ones, MOST_SINGLES)
        found.two = found.two.joined(twos, MOST_PAIRS)
        for part in below:
            for mutation, (count, first) in part.counts.items():
                so_far = found.counts.get(mutation, (0, first))
                found.counts[mutation] = (so_far[0] + count, so_far[1])
        for mutation in found.counts:
            found.everywhere[mutation] = self._value(
                applied, [each.everywhere.get(mutation, each.right) for each in below]
            )

    def _both(
        self,
        applied: Application,
        right: list[Values],
        i: int,
        left: Rows,
        j: int,
        other: Rows,
    ) -> Rows:
        """A mistake in one part and one in another."""
        left, other = _likeliest(left, 55), _likeliest(other, 55)
        if not left.causes or not other.causes:
            return Rows.none(self._table.points)
        first = np.repeat(left.values, len(other.causes), axis=0)
        second = np.tile(other.values, (len(left.causes), 1))
        causes = [a + b for a in left.causes for b in other.causes]
        return self._rows(applied, _put(_put(right, i, first), j, second), causes)

    # ---- mistakes here --------------------------------------------------------------------

    def _with_mistakes_here(
        self,
        rule: Rule,
        applied: Application,
        node: Node,
        task: Task,
        around: int,
        below: Sequence[Worked],
        found: Worked,
        *,
        routes: bool,
    ) -> None:
        ones, twos = [], []
        everywhere: dict[str, tuple[Values, Cause]] = {}
        outer = {each.rule for each in applied.outer}
        lost = Cause(_INNER_LOST, "chain", around)
        for cause, wrong in mutated(rule, applied, node, task, around):
            parts = self._parts_of(wrong, task, around, below, applied, routes=routes)
            right = [each.right for each in parts]
            ones.append(self._rows(wrong, right, [(cause,)]))
            if self._pairs:
                for i, part in enumerate(parts):
                    few = _likeliest(part.one, 60)
                    causes = [(cause, *each) for each in few.causes]
                    twos.append(self._rows(wrong, _put(right, i, few.values), causes))
                if cause.rule in outer and len(parts) == 1:
                    # who gets the outside wrong forgets the inside as well as anybody
                    still = self._rows(wrong, [np.ones_like(right[0])], [(cause, lost)])
                    twos.append(still)
            again = [each.everywhere.get(cause.mutation.id, each.right) for each in parts]
            everywhere.setdefault(cause.mutation.id, (self._value(wrong, again), cause))
        found.one = found.one.joined(ones, MOST_SINGLES)
        found.two = found.two.joined(twos, MOST_PAIRS)
        for mutation, (values, cause) in everywhere.items():
            count = found.counts.get(mutation, (0, cause))[0]
            found.counts[mutation] = (count + 1, cause)
            found.everywhere[mutation] = np.broadcast_to(values, (self._table.points,))

    def _parts_of(
        self,
        wrong: Application,
        task: Task,
        around: int,
        below: Sequence[Worked],
        applied: Application,
        *,
        routes: bool,
    ) -> list[Worked]:
        known = {
            (id(part.operand), part.variable, part.partial): each
            for part, each in zip(applied.parts, below, strict=True)
        }
        found = []
        for part in wrong.parts:
            same = known.get((id(part.operand), part.variable, part.partial))
            if same is None:
                partial = part.partial or self._tasks.get((task.variable, True)) is task
                same = self._worked(
                    part.operand,
                    part.variable or task.variable,
                    partial,
                    around,
                    routes=False,
                )
            found.append(same)
        return found

    def _by_other_ways(
        self, best: Rule, node: Node, task: Task, around: int, found: Worked, partial: bool
    ) -> None:
        """Mistakes made on the other ways to the same derivative; one at a time."""
        seen = {best.id}
        ones = []
        for rule in ROUTES:
            if rule.id in seen or rule.id in _TOO_CLEVER:
                continue
            applied = rule.apply(node, task)
            if applied is None:
                continue
            seen.add(rule.id)
            below = self._below(applied, task.variable, partial, around, routes=False)
            there = Worked(
                right=found.right,
                one=Rows.none(self._table.points),
                two=Rows.none(self._table.points),
            )
            pairs, self._pairs = self._pairs, False
            try:
                self._with_mistakes_below(applied, below, there)
                self._with_mistakes_here(
                    rule, applied, node, task, around, below, there, routes=False
                )
            finally:
                self._pairs = pairs
            if rule.id in _ASIDE:
                for i, causes in enumerate(there.one.causes):
                    there.one.causes[i] = tuple(replace(each, aside=True) for each in causes)
            ones.append(_without(there.one, found.right))
        found.one = found.one.joined(ones, MOST_SINGLES)


_INNER_LOST = next(each for each in ALL_RULES["chain"].mutations if each.id == "chain-inner-lost")

_ASIDE = frozenset({"definition", "quotient-as-product", "repeated-factor", "substitution"})
"""Ways that few people go: what the usual way explains is not laid to them."""

_TOO_CLEVER = frozenset({"logarithmic", "power-as-exponential"})
"""Ways that nobody goes without saying so: their mistakes are other people's by chance."""


def mutated(
    rule: Rule, applied: Application, node: Node, task: Task, around: int
) -> list[tuple[Cause, Application]]:
    """The mistakes that can be made with a part, each with what comes of it.

    Args:
        rule: The rule that is used there.
        applied: What rightly comes of it.
        node: The part.
        task: By what.
        around: The part of the formula that it is or belongs to.
    """
    found = []
    rules = [rule, *(ALL_RULES[outer.rule] for outer in applied.outer)]
    for each in dict.fromkeys(rules):
        for mutation in each.mutations:
            wrong = each.mutated(mutation, node, task)
            if wrong is not None:
                found.append((Cause(mutation, each.id, around), wrong))
    for mutation, owner, wrong in further_mistakes(rule, applied, node, task):
        found.append((Cause(mutation, owner, around), wrong))
    return found


def _put(values: Sequence[Values], i: int, by: Values) -> list[Values]:
    return [*values[:i], by, *values[i + 1 :]]


def _likeliest(rows: Rows, most: int) -> Rows:
    return Rows.none(rows.values.shape[-1]).joined([rows], most)


def _without(rows: Rows, right: Values) -> Rows:
    """Rows without those that come to the right derivative, and with each mistake once."""
    if not rows.causes:
        return rows
    with np.errstate(all="ignore"):
        close = np.abs(rows.values - right) <= 1e-9 * (1 + np.abs(right))
    wrong = ~np.all(close, axis=-1)
    kept, seen = [], set()
    for i, causes in enumerate(rows.causes):
        key = tuple((each.mutation.id, each.node, each.rule) for each in causes)
        if wrong[i] and (key, rows.values[i].tobytes()) not in seen:
            seen.add((key, rows.values[i].tobytes()))
            kept.append(i)
    return Rows([rows.causes[i] for i in kept], rows.values[kept])


def everywhere_rows(worked: Worked) -> Rows:
    """Derivatives with one mistake made wherever it can be made, at two places or more."""
    chosen = [
        (replace(first, everywhere=True), worked.everywhere[mutation])
        for mutation, (count, first) in worked.counts.items()
        if count > 1
    ]
    if not chosen:
        return Rows.none(worked.right.shape[-1])
    values = np.stack([np.broadcast_to(each, worked.right.shape) for _, each in chosen])
    return _without(Rows([(cause,) for cause, _ in chosen], values), worked.right)


__all__ = ["Cause", "Causes", "Rows", "Worked", "Workings", "everywhere_rows", "mutated", "weight"]
