"""The algebra after the calculus: named steps from what the rules leave to what a person writes.

Each step is one idea applied to the whole expression, and keeps its value wherever both exist (x²/x
and x differ at 0, where the first has none). What the learner wrote stays as it is unless it stands
in a product or sum that the derivation made; the condition of `where(c, x, y)` always stays.
"""

from collections.abc import Callable, Mapping

from chainrule.records.message import Message

from .build import multiply
from .derivation import Rewrite
from .fraction import factor_list
from .same import Keys
from .tidying.common_factor import common_factor
from .tidying.expansion import multiply_out
from .tidying.factors import (
    equal_factors,
    one_fraction,
    power_of_product,
    sign_and_size,
    simple_first,
    turned_difference,
)
from .tidying.fractions import cancel, common_denominator, one_line
from .tidying.idea import Idea
from .tidying.numbers import known_values, numbers, ones, zeros
from .tidying.powers import base_and_exponent
from .tidying.terms import like_terms, pythagoras
from .tree import (
    Call,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    with_children,
)

MOST_ROUNDS = 8
"""Rounds of all ideas: each can make work for another. Expressions met so far need four."""


def tidy(expression: Node) -> tuple[Rewrite, ...]:
    """The steps from an expression to a tidy one; none if it is tidy."""
    return applied(expression, TIDYING)


def factor(expression: Node) -> tuple[Rewrite, ...]:
    """The steps from a tidy expression to one with its common factors taken out."""
    return applied(expression, (*FACTORING, *TIDYING))


def applied(expression: Node, ideas: tuple[Idea, ...]) -> tuple[Rewrite, ...]:
    """The steps by some ideas, each applied wherever it can be, until none changes anything."""
    return _Work(expression).applied(ideas)


class _Work:
    """An expression that ideas are applied to, one after the other, until none changes it."""

    def __init__(self, expression: Node) -> None:
        self._expression = expression
        # equal for parts that differ only in the order of terms and factors
        self._keys = Keys(ordered=False)
        self._exact = Keys()
        self._settled: dict[str, dict[int, Node]] = {}
        self._orders: dict[bool, list[Node]] = {}

    def applied(self, ideas: tuple[Idea, ...]) -> tuple[Rewrite, ...]:
        found: list[Rewrite] = []
        seen = {self._exact(self._expression)}
        for _ in range(MOST_ROUNDS):
            before = len(found)
            for idea in ideas:
                changed = self._everywhere(idea)
                if changed is self._expression:
                    continue
                found.append(Rewrite(rule=idea.id, before=self._expression, after=changed))
                self._expression = changed
                self._orders = {}
                if self._exact(changed) in seen:
                    # two ideas that undo each other: what came last before that is the result
                    return _until_first(found, self._exact)
                seen.add(self._exact(changed))
            if len(found) == before:
                break
        return tuple(found)

    def _everywhere(self, idea: Idea) -> Node:
        """An idea applied to every part that the derivation made, the innermost first."""
        settled = self._settled.setdefault(idea.id, {})
        changed: dict[int, Node] = {}
        for node in self._order(idea.inside):
            rebuilt = _with_changed(node, changed, idea.inside) if changed else node
            if rebuilt is node and (id(node) in settled or not isinstance(node, idea.kinds)):
                continue
            result = idea.local(rebuilt, self._keys) if isinstance(rebuilt, idea.kinds) else rebuilt
            if result is not rebuilt and self._exact(result) == self._exact(rebuilt):
                result = rebuilt  # the same thing said again is no step
            if result is node:
                settled[id(node)] = node
            else:
                changed[id(node)] = result
        return changed.get(id(self._expression), self._expression)

    def _order(self, inside: bool) -> list[Node]:
        """The parts of the expression that the derivation made, each once, parts before wholes."""
        if inside not in self._orders:
            found: list[Node] = []
            seen: set[int] = set()
            stack: list[tuple[Node, bool]] = [(self._expression, False)]
            while stack:
                node, entered = stack.pop()
                if entered:
                    found.append(node)
                elif id(node) not in seen and node.id < 0:
                    seen.add(id(node))
                    stack.append((node, True))
                    stack.extend((child, False) for child in _open(node, inside))
            self._orders[inside] = found
        return self._orders[inside]


def _with_changed(node: Node, changed: Mapping[int, Node], inside: bool) -> Node:
    """A node with its parts as they are now."""
    if not any(id(child) in changed for child in _open(node, inside)):
        return node
    open_to = {id(child) for child in _open(node, inside)}
    parts = [changed.get(id(c), c) if id(c) in open_to else c for c in children(node)]
    if isinstance(node, Call) and node.function == "where":
        parts[0] = node.arguments[0]
    rebuilt = with_children(node, parts)
    if isinstance(rebuilt, Product):
        return multiply(*rebuilt.factors)  # what was 2·(x) is 2x
    return rebuilt


def _open(node: Node, inside: bool) -> tuple[Node, ...]:
    """The parts in which something may be changed: all but a condition."""
    if isinstance(node, Call):
        if node.function == "where":
            return node.arguments[1:]
        return node.arguments if inside else ()
    if isinstance(node, Power) and not inside:
        return (node.base,)
    return children(node)


def _until_first(found: list[Rewrite], keys: Keys) -> tuple[Rewrite, ...]:
    """The steps up to the first time that the last expression stood there."""
    last = keys(found[-1].after)
    for i, rewrite in enumerate(found):
        if keys(rewrite.before) == last:
            return tuple(found[:i])
    return tuple(found)


TIDYING = (
    Idea(
        id="zeros",
        kinds=(Product, Quotient, Unary, Sum, Call),
        name="what is multiplied by 0 vanishes, and + 0 changes nothing",
        local=zeros,
    ),
    Idea(
        id="simple-first", kinds=(Product,), name="short factors to the front", local=simple_first
    ),
    Idea(
        id="ones",
        kinds=(Product, Quotient, Power),
        name="a factor 1 and a power 1 change nothing",
        local=ones,
    ),
    Idea(id="known-values", kinds=(Call,), name="values that everybody knows", local=known_values),
    Idea(
        id="one-fraction",
        kinds=(Product, Quotient, Unary, Sum),
        name="signs sorted, one fraction line",
        local=one_fraction,
    ),
    Idea(
        id="power-of-product",
        kinds=(Power, Product, Quotient),
        name="a power goes to each factor",
        local=power_of_product,
    ),
    Idea(
        id="numbers",
        kinds=(Product, Quotient, Sum, Power),
        name="work out the numbers",
        local=numbers,
    ),
    Idea(
        id="turn-difference",
        kinds=(Unary, Product, Quotient),
        name="−(a − b) is b − a",
        local=turned_difference,
    ),
    Idea(
        id="equal-factors",
        kinds=(Product, Quotient, Power),
        name="put equal factors together",
        local=equal_factors,
    ),
    Idea(
        id="sign-and-size",
        kinds=(Product, Quotient, Power),
        name="u · sign(u) is |u|, and |u|² is u²",
        local=sign_and_size,
    ),
    Idea(id="like-terms", kinds=(Sum,), name="put like terms together", local=like_terms),
    Idea(
        id="pythagoras", kinds=(Sum,), name="sin² + cos² is 1, cosh² − sinh² is 1", local=pythagoras
    ),
    Idea(
        id="cancel",
        kinds=(Quotient,),
        name="what all terms share with the other side cancels",
        local=cancel,
    ),
    Idea(
        id="multiply-out", kinds=(Sum,), name="multiply out where that shortens", local=multiply_out
    ),
    Idea(
        id="one-line",
        kinds=(Product, Quotient),
        name="no fraction within a fraction",
        local=one_line,
    ),
)
"""In the order in which they are applied."""

FACTORING = (
    Idea(
        id="common-denominator",
        kinds=(Sum,),
        name="one denominator for all terms",
        local=common_denominator,
        inside=False,
    ),
    Idea(
        id="common-factor",
        kinds=(Sum,),
        name="take out the common factor",
        local=common_factor,
        inside=False,
    ),
)


def reason(step: Rewrite) -> str:
    """What a step did, as a person says it: nothing of signs where no sign was moved."""
    if step.rule == "one-line" and not _count(step.before, _nested_lines):
        return Message("multiply the brackets by the denominators in them")
    if step.rule != "one-fraction":
        return REWRITES[step.rule]
    signs = any(
        _count(step.before, measure) != _count(step.after, measure)
        for measure in (_minus_signs, _loose_signs)
    )
    lines = _count(step.before, _fraction_lines) != _count(step.after, _fraction_lines)
    if signs and lines:
        return REWRITES[step.rule]
    if signs:
        return Message("signs sorted")
    return Message("one fraction line") if lines else Message("brackets left out")


def _count(root: Node, of: Callable[[Node], int]) -> int:
    """How often something stands in an expression."""
    counts: dict[int, int] = {}
    for node in distinct(root):
        counts[id(node)] = of(node) + sum(counts[id(child)] for child in children(node))
    return counts[id(root)]


def _minus_signs(node: Node) -> int:
    if isinstance(node, Sum):
        return node.operators.count("-")
    return int(isinstance(node, Unary) and node.operator == "-")


def _loose_signs(node: Node) -> int:
    """Signs on factors, and on terms that have one already."""
    parts = children(node)
    if isinstance(node, Sum):
        parts = parts[1:]
    of_these = isinstance(node, Sum | Unary | Product | Quotient)
    return sum(isinstance(child, Unary) for child in parts) if of_these else 0


def _fraction_lines(node: Node) -> int:
    """Fractions that stand as factors beside others, or on a side of another fraction line."""
    if not isinstance(node, Product | Quotient):
        return 0
    return sum(isinstance(_unsigned(child), Quotient) for child in children(node))


def _nested_lines(node: Node) -> int:
    """Sums with a fraction in them on a side of a fraction line."""
    if not isinstance(node, Quotient):
        return 0
    found = factor_list(node)
    bases = (base_and_exponent(each)[0] for each in (*found.above, *found.below))
    return sum(
        any(isinstance(_unsigned(term), Quotient) for term in base.terms)
        for base in bases
        if isinstance(base, Sum)
    )


def _unsigned(node: Node) -> Node:
    while isinstance(node, Unary):
        node = node.operand
    return node


REWRITES: dict[str, str] = {idea.id: idea.name for idea in (*TIDYING, *FACTORING)}
"""What each step of algebra is called."""
