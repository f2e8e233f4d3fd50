"""Names for inner parts of a formula that is nested deep, as a person gives them: u1, u2 and so on.

Each step writes the part that it changes. Of a part inside a part inside a part, everything inside
would be written once more at each level, so that text and time grew with the square of the depth.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from chainrule.records.message import Message

from .problem import Problem, numbered_through
from .same import Key, Keys
from .tree import (
    Call,
    Constant,
    Formula,
    Name,
    Node,
    Number,
    children,
    distinct,
    with_children,
)

MOST_LEVELS = 24
"""Operations within one another that are told without names. The deepest formula of the lessons,
ten sigmoids, has 21 levels; 25 layers of tanh(w·x + b), which have 76, took 340 000 characters."""

LEVELS_OF_PART = 6
"""Operations within one another in a part that has a name: one layer of a network, w·tanh(x) + b in
a sigmoid, has five."""


def with_inner_parts(problem: Problem) -> Problem:
    """The problem with names for inner parts of those of its formulas that are nested deep.

    What stands in several places is one part, with one name.

    Args:
        problem: As it was typed.

    Returns:
        A problem of the same value whose `inner` are the names that are new: definitions of parts
        of at most `LEVELS_OF_PART` levels, each after those that it needs. The ids of all its
        parts together are unique; their places are those in the text that was typed. The same
        problem if no formula of it has more than `MOST_LEVELS` levels.
    """
    formulas = (problem.formula, *problem.defined.values())
    if all(_levels(each.root) <= MOST_LEVELS for each in formulas):
        return problem
    naming = _Naming({*problem.names, *problem.defined, problem.name})
    definitions: list[tuple[str, Formula]] = []
    for each, formula in problem.definitions:
        named = naming.named(formula)
        definitions += [*naming.new(formula.text), (each, named)]
    named = naming.named(problem.formula)
    definitions += naming.new(problem.formula.text)
    return numbered_through(
        replace(
            problem, formula=named, definitions=tuple(definitions), inner=tuple(naming.all_names)
        )
    )


def said_of_inner(names: tuple[str, ...]) -> Message:
    """What is said of names that are new."""
    # a formula of more than MOST_LEVELS levels has several such parts
    return Message(
        "{first} to {last} are names for inner parts of the formula, so that no line gets long.",
        first=names[0],
        last=names[-1],
    )


class _Naming:
    """Gives names to parts, each part one name.

    Args:
        taken: Names that stand for something else.
    """

    def __init__(self, taken: set[str]) -> None:
        self._free = _names(taken)
        self._keys = Keys()
        self._names: dict[Key, Name] = {}
        self._new: list[tuple[str, Node]] = []
        self.all_names: list[str] = []

    def named(self, formula: Formula) -> Formula:
        """The formula with names in it, if it is nested deep."""
        if _levels(formula.root) <= MOST_LEVELS:
            return formula
        chosen = self._chosen(formula.root)
        made: dict[int, Node] = {}
        for node in distinct(formula.root):
            changed = with_children(node, [made[id(child)] for child in children(node)])
            made[id(node)] = changed
            key = self._keys(node)
            if key in chosen:
                if key not in self._names:
                    self._names[key] = next(self._free)
                    self.all_names.append(self._names[key].name)
                    self._new.append((self._names[key].name, _without_parentheses(changed)))
                made[id(node)] = replace(self._names[key], span=node.span)
        return replace(formula, root=made[id(formula.root)])

    def new(self, text: str) -> list[tuple[str, Formula]]:
        """The parts that got a name since this was asked, each after those that it needs."""
        found = [(each, Formula(text=text, root=root)) for each, root in self._new]
        self._new = []
        return found

    def _chosen(self, root: Node) -> set[Key]:
        """The parts that get a name, so that no part between two names has too many levels."""
        chosen: set[Key] = set()
        left: dict[int, int] = {}
        for node in distinct(root):
            left[id(node)] = 1 + max((left[id(child)] for child in children(node)), default=0)
            for fits in (_is_whole, _is_operation):  # people name what they wrote as one
                if left[id(node)] <= LEVELS_OF_PART:
                    break
                for part in _to_name(node, left, fits):
                    chosen.add(self._keys(part))
                    left[id(part)] = 1
                for part in _between(node, left):
                    inside = (left[id(child)] for child in children(part))
                    left[id(part)] = 1 + max(inside, default=0)
        return chosen


def _to_name(root: Node, left: dict[int, int], fits: Callable[[Node], bool]) -> list[Node]:
    """The largest parts of some kind that are worth a name."""
    found: list[Node] = []
    waiting = [*children(root)]
    while waiting:
        node = waiting.pop()
        if left[id(node)] <= LEVELS_OF_PART // 2:
            continue
        if fits(node):
            found.append(node)
        else:
            waiting += children(node)
    return found


def _between(root: Node, left: dict[int, int]) -> list[Node]:
    """What is not named yet, children before parents."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += [child for child in children(node) if left[id(child)] > 1]
    return found[::-1]


def _is_whole(node: Node) -> bool:
    return isinstance(node, Call) or node.parentheses > 0


def _is_operation(node: Node) -> bool:
    return not isinstance(node, Name | Number | Constant)


def _without_parentheses(node: Node) -> Node:
    return replace(node, parentheses=0) if node.parentheses else node


def _levels(root: Node) -> int:
    levels: dict[int, int] = {}
    for node in distinct(root):
        levels[id(node)] = 1 + max((levels[id(child)] for child in children(node)), default=0)
    return levels[id(root)]


def _names(taken: set[str]) -> Iterator[Name]:
    number = 1
    while True:
        each = f"u{number}"
        if each not in taken:
            yield Name(name=each, text=each)
        number += 1
