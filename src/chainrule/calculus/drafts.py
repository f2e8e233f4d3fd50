"""Which lines a derivation is told in: their numbers, what each is called, what is told twice.

A derivation that was told once is referred to. Other ways are lines of their own, or named only.
Where many names have formulas, each of them is told by itself, after what needs it; and a partial
derivative that differs from one that was told in its names alone is referred to as well.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from .build import name, substitute
from .derivation import HOLE, Step
from .narration import Line
from .notations import Link
from .paper import Letters
from .same import Keys
from .tree import Name, distinct

BRIEF = frozenset({"constant", "held-constant", "variable", "implicit-variable"})
"""Rules that are told on the line of what needs them."""

_SAME_FUNCTION = frozenset({"substitution"})
"""Rules whose part is the same function, written otherwise."""


@dataclass(slots=True)
class Draft:
    """A line that is being made.

    Attributes:
        step: What it tells.
        id: Its number, `1.2`; another way of line 1 is `1a`.
        depth: How far in it stands.
        whole: What the part that is differentiated is called; empty for no letter.
        same_as: The number of the line that tells the same; empty if none does.
        renamed: Where it tells the same of other names: those here, each with that of there.
        told_in: Of a name that is told by itself, the number of the line that does it.
        first: Whether it is the first line of its rule.
        links: Of a chain, the letters of its insides.
        parts: The lines that it needs.
        routes: Other ways, each with its line if it is told in full.
        line: What is told, once it is written.
    """

    step: Step
    id: str
    depth: int
    whole: str
    same_as: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    told_in: str = ""
    first: bool = False
    links: tuple[Link, ...] = ()
    parts: list["Draft"] = field(default_factory=list)
    routes: list[tuple[Step, "Draft | None"]] = field(default_factory=list)
    line: Line | None = None

    @property
    def is_route(self) -> bool:
        """Whether it is another way itself."""
        return self.id[-1].isalpha()

    @property
    def in_route(self) -> bool:
        """Whether it is another way or part of one."""
        return not self.id.replace(".", "").isdecimal()


class Drafting:
    """Takes a derivation apart into lines.

    Args:
        letters: What wholes and insides are called.
        by_names: Whether each name that has a formula is told by itself.
    """

    def __init__(self, letters: Letters, *, by_names: bool = False) -> None:
        self._letters = letters
        self._by_names = by_names
        self._keys = Keys()
        self._told: dict[tuple[int, str, bool], str] = {}
        self._alike: dict[int, tuple[str, tuple[str, ...]]] = {}
        self._rules: set[str] = set()
        self._named = 1

    def drafts(self, root: Draft, routes: bool) -> Iterator[Draft]:
        """Drafts of all lines, each before its parts.

        Args:
            root: Of the whole.
            routes: Whether other ways are told in full.
        """
        left = deque([(root, routes)])
        while left:
            draft, routes = left.pop()
            step = draft.step
            key = (self._keys(step.operand), step.variable, step.partial)
            known = self._told.get(key)
            again = any(part.rule not in BRIEF for part in step.steps)
            if known and again and not draft.is_route:
                draft.same_as = known
            elif not (self._by_names and again and self._told_of_others(draft)):
                if not draft.in_route:
                    self._told.setdefault(key, draft.id)
                draft.first = step.rule not in self._rules
                self._rules.add(step.rule)
                self._take_apart(draft)
                if routes:
                    self._add_routes(draft)
                else:
                    draft.routes = [(each, None) for each in step.alternatives]
            yield draft
            if draft.told_in:
                left.extendleft((each, False) for each in draft.parts)
                continue
            below = [*draft.parts, *(each for _, each in draft.routes if each is not None)]
            left.extend((each, routes and not each.in_route) for each in reversed(below))

    def _told_of_others(self, draft: Draft) -> bool:
        """Whether a partial derivative was told of other names; it is noted in the draft.

        In a partial derivative a name is what it is: no formula of it matters.
        """
        step = draft.step
        if not step.partial:
            return False
        found = (each.name for each in distinct(step.operand) if isinstance(each, Name))
        names = tuple(dict.fromkeys((step.variable, *found)))
        numbered = {each: name(f"{HOLE}{i}") for i, each in enumerate(names)}
        key = self._keys(substitute(step.operand, numbered))
        there, others = self._alike.setdefault(key, (draft.id, names))
        if there == draft.id or len(others) != len(names):
            return False
        draft.same_as = there
        pairs = zip(names, others, strict=True)
        draft.renamed = tuple((here, other) for here, other in pairs if here != other)
        return True

    def _take_apart(self, draft: Draft) -> None:
        step = draft.step
        if step.outer:
            draft.whole = draft.whole or self._letters.whole()
            draft.links = self._letters.links(step)
        if self._by_names and step.rule == "dependent-variable":
            self._named += 1
            draft.told_in = str(self._named)
            whole = self._called(draft, 0)
            draft.parts.append(Draft(step.steps[0], draft.told_in, 0, whole))
            return
        for i, part in enumerate(step.steps):
            number = f"{draft.id}.{i + 1}"
            draft.parts.append(Draft(part, number, draft.depth + 1, self._called(draft, i)))

    def _called(self, draft: Draft, i: int) -> str:
        """What a part is called, if it has a letter."""
        step = draft.step
        if i < len(draft.links):
            return draft.links[i].letter
        if step.rule == "dependent-variable" and isinstance(step.operand, Name):
            return step.operand.name
        if step.rule == "total-derivative" and step.steps[i].operand is step.operand:
            return draft.whole
        return draft.whole if step.rule in _SAME_FUNCTION else ""

    def _add_routes(self, draft: Draft) -> None:
        for i, step in enumerate(draft.step.alternatives):
            number = f"{draft.id}{chr(ord('a') + i)}"
            draft.routes.append((step, Draft(step, number, draft.depth, draft.whole)))
