"""What a rule of differentiation is."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from chainrule.calculus.build import template
from chainrule.calculus.derivation import Outer
from chainrule.calculus.tree import Name, Node, children

MOST_WAYS = 6
"""Ways of a total derivative: more do not fit on a line, and of the sum of a layer each of them
would differentiate all terms to find one that moves. There the sum and its terms come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part whose derivative a rule needs.

    Attributes:
        operand: The part.
        variable: By what; None for the variable of the whole.
        partial: Whether names with definitions are held, though their formulas hold the variable.
    """

    operand: Node
    variable: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A rule applied to a part.

    Attributes:
        parts: What is still to be differentiated, in reading order.
        make: From the derivatives of the parts to that of the whole.
        outer: Of a chain: the outer function by each argument that varies.
        remark: What else the reader should know about this place.
    """

    parts: tuple[Part, ...]
    make: Callable[[Sequence[Node]], Node]
    outer: tuple[Outer, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A mistake that people make with a rule.

    Attributes:
        id: Unique among all mutations.
        after: What they write instead, in the letters of the rule's statement.
        message: What to tell them, in one or two sentences.
    """

    id: str
    after: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is differentiated by what.

    Attributes:
        variable: The variable.
        moving: Names that vary with it: itself, and what is defined by formulas that hold it.
        definitions: Names that stand for other formulas.
        unknown: Names that vary with it in a way that only an equation says, and what the
            derivative of each is called: y and y′.
    """

    variable: str
    moving: Collection[str]
    definitions: Mapping[str, Node]
    unknown: Mapping[str, Node] = field(default_factory=dict)
    _known: dict[int, tuple[Node, bool]] = field(default_factory=dict, repr=False, compare=False)
    _names: dict[int, tuple[Node, tuple[str, ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def varies(self, node: Node) -> bool:
        """Whether the value of a part can change with the variable."""
        known = self._known.get(id(node))
        if known is None:
            varies = (
                node.name in self.moving
                if isinstance(node, Name)
                else any(map(self.varies, children(node)))
            )
            # the node is kept, so that no other object gets its identity
            known = self._known[id(node)] = (node, varies)
        return known[1]

    def defined_in(self, node: Node) -> tuple[str, ...]:
        """Names in a part that vary because the formulas that they stand for do."""
        if not self.definitions:
            return ()
        return tuple(each for each in self._standing(node) if each != self.variable)

    def _standing(self, node: Node) -> tuple[str, ...]:
        known = self._names.get(id(node))
        if known is None:
            if isinstance(node, Name):
                defined = node.name in self.definitions and self.varies(node)
                found: tuple[str, ...] = (node.name,) if defined else ()
            else:
                inside = (self._standing(part) for part in children(node))
                found = tuple(dict.fromkeys(each for names in inside for each in names))
            # kept for the same reason as in `varies`
            known = self._names[id(node)] = (node, found)
        return known[1]

    def between(self, node: Node) -> tuple[str, ...]:
        """Names through which the variable acts on a part, where a total derivative is taken.

        None where an equation has to say how some name moves: there is no partial derivative of
        an equation. None either where there are more than `MOST_WAYS`.
        """
        if self.unknown or isinstance(node, Name):
            return ()
        found = self.defined_in(node)
        return found if len(found) <= MOST_WAYS else ()

    def is_variable(self, node: Node) -> bool:
        """Whether a part is the variable itself."""
        return isinstance(node, Name) and node.name == self.variable


class Rule(ABC):
    """One rule: when it applies, what it makes, how it is stated, how it goes wrong.

    Attributes:
        id: Unique; lower case with hyphens.
        name: As a person says it.
        statement: The rule as an equation: what is differentiated and what comes of it, two
            formulas in letters. u, v, w vary, c and n do not; du is the derivative of u.
        why: The reason in a sentence.
        prerequisites: Rules that a learner knows before this one.
        mutations: How people get it wrong.
    """

    id: str
    name: str
    statement: tuple[str, str]
    why: str
    prerequisites: tuple[str, ...] = ()
    mutations: tuple[Mutation, ...] = ()

    @abstractmethod
    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The letters of the statement in a part; None if the rule does not apply to it."""

    def apply(self, node: Node, task: Task) -> Application | None:
        """Apply the rule to a part; None if it does not apply."""
        found = self.match(node, task)
        return None if found is None else self._stated(self.statement[1], found)

    def borders(self, node: Node) -> tuple[Node, ...]:
        """Parts that are 0 where the function that the rule is about has a kink or a jump."""
        return ()

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """What somebody who makes this mistake does with a part."""
        found = self.match(node, task)
        return None if found is None else self._stated(mutation.after, found)

    def _stated(self, after: str, letters: Mapping[str, Node]) -> Application:
        """A statement with its letters filled in."""
        places = {letter: _place(after, letter) for letter in letters}
        # in the order in which one reads them
        needed = sorted(
            (letter for letter in letters if places[letter] >= 0), key=places.__getitem__
        )

        def make(derivatives: Sequence[Node]) -> Node:
            known = dict(letters)
            for letter, derivative in zip(needed, derivatives, strict=True):
                known[f"d{letter}"] = derivative
            return template(after, known)

        parts = tuple(Part(operand=letters[letter]) for letter in needed)
        return Application(parts=parts, make=make)


def _place(after: str, letter: str) -> int:
    """Where the derivative of a letter first stands; −1 for nowhere."""
    found = re.search(rf"\bd{letter}\b", after)
    return found.start() if found else -1
