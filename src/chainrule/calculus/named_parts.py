"""Names for what stands several times in long expressions: `where s₁ = …`, as people write them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from .build import multiply, substitute
from .same import Key, Keys
from .tree import (
    Call,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    SumOperator,
    children,
    distinct,
    with_children,
)

MOST_NAMED = 8
"""Names that are given: with more of them a reader looks for definitions instead of reading."""

WORTH = 12
"""Characters that a name has to save."""

Writer = Callable[[Node], str]


@dataclass(frozen=True, slots=True)
class NamedParts:
    """Expressions in which parts have names.

    Attributes:
        roots: The expressions, in their order.
        parts: What each name stands for, in an order in which each comes after those it needs.
    """

    roots: tuple[Node, ...]
    parts: tuple[tuple[Name, Node], ...]


def with_named(roots: Sequence[Node], names: Mapping[Key, Node], keys: Keys) -> tuple[Node, ...]:
    """Expressions with some parts replaced by names.

    Args:
        roots: The expressions.
        names: By the key of the part; a name, or something short that holds one.
        keys: That gave the keys.
    """
    return tuple(_replaced(root, names, keys) for root in roots)


def named_parts(
    roots: Sequence[Node],
    write: Writer,
    most: int,
    taken: Collection[str] = (),
    letter: str = "s",
) -> NamedParts:
    """Name what stands several times, until the expressions are short enough.

    Args:
        roots: The expressions.
        write: How an expression looks.
        most: Characters of each that need no names.
        taken: Names that stand for something else.
        letter: Of the names: s₁, s₂, …
    """
    keys = Keys(ordered=False)
    now = tuple(roots)
    parts: list[tuple[Name, Node]] = []
    number = 0
    while len(parts) < MOST_NAMED and any(len(write(root)) > most for root in now):
        best = _best((*now, *(part for _, part in parts)), keys, write)
        if best is None:
            break
        number += 1
        while f"{letter}_{number}" in taken:
            number += 1
        name = Name(name=f"{letter}_{number}", text=letter + str(number).translate(_BELOW))
        known = {keys(best): name}
        now = with_named(now, known, keys)
        earlier = [(each, _replaced(part, known, keys)) for each, part in parts]
        parts = [(name, best), *earlier]
    return _renumbered(NamedParts(now, _in_order(parts[::-1])), taken, letter)


def _renumbered(found: NamedParts, taken: Collection[str], letter: str) -> NamedParts:
    """Names that are numbered in the order in which they are defined."""
    numbers = (n for n in range(1, len(found.parts) + len(taken) + 1))
    free = (n for n in numbers if f"{letter}_{n}" not in taken)
    names: dict[str, Node] = {
        old.name: Name(name=f"{letter}_{n}", text=letter + str(n).translate(_BELOW))
        for (old, _), n in zip(found.parts, free, strict=False)
    }
    parts: list[tuple[Name, Node]] = []
    for old, part in found.parts:
        new = names[old.name]
        assert isinstance(new, Name)
        parts.append((new, substitute(part, names)))
    return NamedParts(tuple(substitute(root, names) for root in found.roots), tuple(parts))


def flat(root: Node) -> Node:
    """The tree with sums in sums and products in products written as one, as a person reads it."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        changed = with_children(node, [made[id(child)] for child in children(node)])
        if isinstance(changed, Sum):
            changed = _flat_sum(changed)
        elif isinstance(changed, Product) and any(isinstance(f, Product) for f in changed.factors):
            factors = [part for f in changed.factors for part in _factors(f)]
            changed = multiply(*factors)
        made[id(node)] = replace(changed, parentheses=0) if changed.parentheses else changed
    return made[id(root)]


def _flat_sum(node: Sum) -> Sum:
    """With the sums in it that are added; what is subtracted as a whole stays one."""
    terms: list[Node] = []
    operators: list[SumOperator] = []
    for operator, term in zip(("+", *node.operators), node.terms, strict=True):
        inner = term if isinstance(term, Sum) and operator == "+" else None
        operators += [operator, *(inner.operators if inner else ())]
        terms += inner.terms if inner else (term,)
    if len(terms) == len(node.terms):
        return node
    return replace(node, id=-1, terms=tuple(terms), operators=tuple(operators[1:]))


def _factors(node: Node) -> tuple[Node, ...]:
    return node.factors if isinstance(node, Product) else (node,)


_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _best(roots: Sequence[Node], keys: Keys, write: Writer) -> Node | None:
    """The part that saves most characters if it has a name."""
    times, parts = _occurrences(roots, keys)
    best, most = None, WORTH - 1
    for key, node in parts.items():
        if times[key] < 2 or not isinstance(node, Call | Power | Product | Quotient | Sum):
            continue
        saved = (times[key] - 1) * (len(write(node)) - 2)
        if saved > most:
            best, most = node, saved
    return best


def _occurrences(roots: Sequence[Node], keys: Keys) -> tuple[dict[Key, int], dict[Key, Node]]:
    """How often each part stands in all expressions together, as they are written."""
    times: dict[Key, int] = {}
    parts: dict[Key, Node] = {}
    order: list[Key] = []
    for root in roots:
        for node in distinct(root):
            key = keys(node)
            if key not in parts:
                parts[key] = node
                order.append(key)
    for root in roots:
        times[keys(root)] = times.get(keys(root), 0) + 1
    for key in reversed(order):
        for child in children(parts[key]):
            times[keys(child)] = times.get(keys(child), 0) + times.get(key, 0)
    return times, parts


def _replaced(root: Node, names: Mapping[Key, Node], keys: Keys) -> Node:
    made: dict[int, Node] = {}
    for node in distinct(root):
        name = names.get(keys(node))
        if name is not None and not isinstance(node, Name):
            made[id(node)] = name
            continue
        changed = with_children(node, [made[id(child)] for child in children(node)])
        if changed is not node and changed.parentheses:
            changed = replace(changed, parentheses=0)
        made[id(node)] = changed
    return made[id(root)]


def _in_order(parts: Sequence[tuple[Name, Node]]) -> tuple[tuple[Name, Node], ...]:
    """Each after those that it needs."""
    left = list(parts)
    found: list[tuple[Name, Node]] = []
    while left:
        waiting = {name.name for name, _ in left}
        ready = [
            (name, part)
            for name, part in left
            if not any(isinstance(n, Name) and n.name in waiting for n in distinct(part))
        ]
        found += ready
        left = [each for each in left if each not in ready]
    return tuple(found)
