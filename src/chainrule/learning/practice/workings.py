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
from chainrule.calculus.rules import ALL_RULES, ROUTES, Application, Rule, Task, rules_for
from chainrule.calculus.tree import Node, walk

from .cause import Cause, Causes, mutated
from .rows import Rows
from .table import Table, Values

MOST_PAIRS = 3000
"""Rows of two mistakes that one part keeps, the likeliest first."""

MOST_SINGLES = 400
"""Rows of one mistake that one part keeps."""


@dataclass(slots=True)
class Worked:
    """The derivative of one part.

    Attributes:
        right: As it is.
        one: With one mistake.
        applied: What its rule made of it.
        below: The derivatives of its parts.
        mistaken: What its rule makes of it with a mistake, each with the derivatives of the parts.
        everywhere: By mutation: with that mistake at all places.
        counts: By mutation: at how many places, and the first of them.
    """

    right: Values
    one: Rows
    applied: Application
    below: "list[Worked]"
    mistaken: "list[tuple[Cause, Application, list[Worked]]]" = field(default_factory=list)
    everywhere: dict[str, Values] = field(default_factory=dict)
    counts: dict[str, tuple[int, Cause]] = field(default_factory=dict)


class Workings:
    """All derivatives of a formula with up to two mistakes, at the points of a table.

    Args:
        task: By what, and what moves with it.
        table: Where.
    """

    def __init__(self, task: Task, table: Table) -> None:
        self._task = task
        self._table = table
        self._known: dict[tuple[int, str, bool, bool], tuple[Node, Worked]] = {}
        self._alike: dict[tuple[Node, tuple[int, ...], str, bool, int, bool], Worked] = {}
        self._tasks = {(task.variable, False): task}
        self._made: dict[int, tuple[Application, Node]] = {}

    def of(self, node: Node, *, routes: bool = True) -> Worked:
        """The derivatives of the whole, on the other ways to it as well or only on the usual."""
        return self._worked(node, self._task.variable, False, node.id, routes=routes)

    def pairs_of(self, worked: Worked) -> Rows:
        """The derivatives of a part with two mistakes, made of those with one."""
        twos: dict[int, Rows] = {}
        waiting = [worked]
        while waiting:
            each = waiting[-1]
            missing = [part for part in each.below if id(part) not in twos]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if id(each) not in twos:
                below = self._pairs_below(each, [twos[id(part)] for part in each.below])
                twos[id(each)] = below.joined(self._pairs_here(each), MOST_PAIRS)
        return twos[id(worked)]

    def _worked(
        self, node: Node, variable: str, partial: bool, around: int, *, routes: bool
    ) -> Worked:
        partial = partial or variable != self._task.variable
        key = (id(node), variable, partial, routes)
        if key not in self._known:
            around = node.id if node.id >= 0 else around
            if node.id < 0:
                made = self._of_made(node, variable, partial, around, routes=routes)
            else:
                made = self._new(node, variable, partial, around, routes=routes)
            # the node is kept, so that no other object gets its identity
            self._known[key] = (node, made)
        return self._known[key][1]

    def _of_made(
        self, node: Node, variable: str, partial: bool, around: int, *, routes: bool
    ) -> Worked:
        """Of a part that rules made: several ways lead to the same one, each to its own object."""
        places = tuple(each.id for each in walk(node))
        alike = (node, places, variable, partial, around, routes)
        if alike not in self._alike:
            self._alike[alike] = self._new(node, variable, partial, around, routes=routes)
        return self._alike[alike]

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
        found = Worked(right=right, one=Rows.none(self._table.points), applied=applied, below=below)
        self._with_mistakes_below(found)
        self._with_mistakes_here(rule, node, task, around, found)
        if routes:
            self._by_other_ways(rule, node, task, around, found, partial)
        found.one = found.one.without(right)
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
        if id(applied) not in self._made:
            made = applied.make([name(each) for each in names])
            # the application is kept, so that no other object gets its identity
            self._made[id(applied)] = (applied, made)
        return self._table(self._made[id(applied)][1], dict(zip(names, derivatives, strict=True)))

    def _rows(
        self,
        applied: Application,
        derivatives: Sequence[Values],
        causes: list[Causes],
        weights: Values | None = None,
    ) -> Rows:
        if not causes:
            return Rows.none(self._table.points)
        return Rows(causes, self._stacked(applied, derivatives, len(causes)), weights)

    def _stacked(self, applied: Application, derivatives: Sequence[Values], rows: int) -> Values:
        """So many rows of what a rule makes of derivatives, also where it does not use them."""
        values = np.atleast_2d(self._value(applied, derivatives))
        if len(values) != rows:
            values = np.broadcast_to(values, (rows, self._table.points))
        return values

    # ---- mistakes below -------------------------------------------------------------------

    def _with_mistakes_below(self, found: Worked) -> None:
        applied, below = found.applied, found.below
        right = [each.right for each in below]
        ones = [
            self._rows(applied, _put(right, i, part.one.values), part.one.causes)
            for i, part in enumerate(below)
        ]
        found.one = found.one.joined(ones, MOST_SINGLES)
        for part in below:
            for mutation, (count, first) in part.counts.items():
                so_far = found.counts.get(mutation, (0, first))
                found.counts[mutation] = (so_far[0] + count, so_far[1])
        if found.counts:
            made = [
                np.stack([part.everywhere.get(each, part.right) for each in found.counts])
                for part in below
            ]
            rows = self._stacked(applied, made, len(found.counts))
            found.everywhere = dict(zip(found.counts, rows, strict=True))

    def _pairs_below(self, worked: Worked, twos: Sequence[Rows]) -> Rows:
        applied, below = worked.applied, worked.below
        right = [each.right for each in below]
        found = [
            self._rows(applied, _put(right, i, two.values), two.causes, two.weights)
            for i, two in enumerate(twos)
        ]
        for i, left in enumerate(below):
            found += [
                self._both(applied, right, i, left.one, j, below[j].one)
                for j in range(i + 1, len(below))
            ]
        return Rows.none(self._table.points).joined(found, MOST_PAIRS)

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
        left, other = left.likeliest(55), other.likeliest(55)
        if not left.causes or not other.causes:
            return Rows.none(self._table.points)
        first = np.repeat(left.values, len(other.causes), axis=0)
        second = np.tile(other.values, (len(left.causes), 1))
        causes = [a + b for a in left.causes for b in other.causes]
        weights = np.outer(left.weighed(), other.weighed()).ravel()
        return self._rows(applied, _put(_put(right, i, first), j, second), causes, weights)

    # ---- mistakes here --------------------------------------------------------------------

    def _with_mistakes_here(
        self, rule: Rule, node: Node, task: Task, around: int, found: Worked
    ) -> None:
        ones = []
        everywhere: dict[str, tuple[Values, Cause]] = {}
        for cause, wrong in mutated(rule, found.applied, node, task, around):
            parts = self._parts_of(wrong, task, around, found)
            found.mistaken.append((cause, wrong, parts))
            made = [
                np.stack([part.right, part.everywhere.get(cause.mutation.id, part.right)])
                for part in parts
            ]
            here, again = self._stacked(wrong, made, 2)
            ones.append(Rows([(cause,)], here[None, :]))
            everywhere.setdefault(cause.mutation.id, (again, cause))
        found.one = found.one.joined(ones, MOST_SINGLES)
        for mutation, (values, cause) in everywhere.items():
            count = found.counts.get(mutation, (0, cause))[0]
            found.counts[mutation] = (count + 1, cause)
            found.everywhere[mutation] = values

    def _pairs_here(self, worked: Worked) -> list[Rows]:
        found = []
        outer = {each.rule for each in worked.applied.outer}
        for cause, wrong, parts in worked.mistaken:
            right = [each.right for each in parts]
            for i, part in enumerate(parts):
                few = part.one.likeliest(60)
                causes = [(cause, *each) for each in few.causes]
                found.append(self._rows(wrong, _put(right, i, few.values), causes))
            if cause.rule in outer and len(parts) == 1:
                # who gets the outside wrong forgets the inside as well as anybody
                lost = Cause(_INNER_LOST, "chain", cause.node)
                found.append(self._rows(wrong, [np.ones_like(right[0])], [(cause, lost)]))
        return found

    def _parts_of(
        self, wrong: Application, task: Task, around: int, worked: Worked
    ) -> list[Worked]:
        known = {
            (id(part.operand), part.variable, part.partial): each
            for part, each in zip(worked.applied.parts, worked.below, strict=True)
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
                applied=applied,
                below=below,
            )
            self._with_mistakes_below(there)
            self._with_mistakes_here(rule, node, task, around, there)
            if rule.id in _ASIDE:
                for i, causes in enumerate(there.one.causes):
                    there.one.causes[i] = tuple(replace(each, aside=True) for each in causes)
            ones.append(there.one.without(found.right))
        found.one = found.one.joined(ones, MOST_SINGLES)


_INNER_LOST = next(each for each in ALL_RULES["chain"].mutations if each.id == "chain-inner-lost")

_ASIDE = frozenset({"definition", "quotient-as-product", "repeated-factor", "substitution"})
"""Ways that few people go: what the usual way explains is not laid to them."""

_TOO_CLEVER = frozenset({"logarithmic", "power-as-exponential"})
"""Ways that nobody goes without saying so: their mistakes are other people's by chance."""


def _put(values: Sequence[Values], i: int, by: Values) -> list[Values]:
    return [*values[:i], by, *values[i + 1 :]]


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
    return Rows([(cause,) for cause, _ in chosen], values).without(worked.right)
