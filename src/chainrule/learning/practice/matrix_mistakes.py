"""What people get wrong with derivatives by vectors and matrices, and what gives an answer.

A transpose, the order of factors, a number, a step too few, a matrix taken for symmetric: each is
looked for by editing the answer until it is right, or by the values that it leads to. Slips are
weighed against them, and two mistakes are looked for where neither one nor a slip gives the answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import FormulaError
from chainrule.calculus.build import call
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Call, MatrixProduct, Name, Node, Power, distinct, walk
from chainrule.records.message import Message

from .as_slips import ALONE, is_as_a_slip, slip_throughout
from .cause import Cause, Causes, weight
from .explanations import FACTS, Explanation, ranked, together, with_slip
from .layouts import TRANSPOSED_JACOBIAN, transposed_gradient
from .matrix_asked import MatrixAsked
from .matrix_edits import moved, turned, turned_together, turned_twice, unturned
from .matrix_expected import Expected, expected
from .matrix_facts import other_names
from .matrix_held_mistakes import factor_lost
from .matrix_inside_mistakes import OF_FUNCTIONS, has_function
from .matrix_lost_factors import LostFactors
from .matrix_scales import scales
from .matrix_slips import SlipSearch
from .matrix_terms import about, left_over
from .matrix_values import Replacing, Variants, same
from .slips import SLIPS
from .whole_mistakes import NOT_DIFFERENTIATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class MatrixSearch:
    """What gives a wrong answer: one mistake or one slip, else two mistakes.

    An answer may be read in several ways. What does not depend on them is worked out once, and only
    when it is needed.

    Args:
        asked: What is asked.
        typed: The answer before it was read what its products mean.
        variants: Where expressions are compared.
        known: What belongs to the question, if it is known already.
    """

    def __init__(
        self,
        asked: MatrixAsked,
        typed: Node,
        variants: Variants,
        known: Expected | None = None,
    ) -> None:
        self._asked = asked
        self._typed = typed
        self._variants = variants
        self._expected = known or expected(asked)
        self._factors = scales(asked)
        self._lost = LostFactors(typed, self._expected.factors, variants)

    def explanations(self, root: Node) -> tuple[Explanation, ...]:
        """One mistake or one slip, the likeliest first; none if nothing explains it for sure.

        Args:
            root: The answer as it was read; its parts need not fit each other.
        """
        if not any(isinstance(each, Name) for each in distinct(root)):
            return ()  # a number may be anything
        edits = [*_edits(root, self._asked.derivation.names)]
        found = [_explanation(each) for each in self._singles(root, edits)]
        possible = self._possible(edits)
        if not found or found[0].causes[0].mutation.id in _ALSO_BY_RULES:
            possible += self._expected.of_rules.likelihood
            values = self._variants.values(root)
            found += [_explanation((cause,)) for cause in self._of_rules(root, values)]
            if values is not None:
                found += [_explanation((cause,)) for cause in self._other_names(values)]
        misfits = self._variants.shape(root) != self._asked.shape
        if not found and (self._turned_together or (misfits and self._turned_twice)):
            found = [_explanation((_MISSING,))]
        search = SlipSearch(root, self._asked, self._variants)
        slip = search.slip(self._expected.terms, self._lost)
        if not found and slip is not None and self._variants.shape(root) is not None and misfits:
            found = [_explanation((cause,)) for cause in self._lost_by_shape]
        as_slip = next((each for each in found if is_as_a_slip(each)), None)
        if slip is None and as_slip is not None:
            held = LostFactors(self._typed, self._expected.held_factors, self._variants)
            slip = search.slip(self._expected.held_terms, held) or slip_throughout(as_slip)
        if slip is not None and as_slip is not None:
            found = with_slip(found, slip, as_slip.weight)
        elif slip is not None:
            found = with_slip(found, slip, slip.probability * possible)
        told = ranked(found)
        if _accuses(told):
            return told
        of_term = self._of_one_term
        # a slip in the whole is one in the term, too; only a fact about that says more
        return of_term if of_term and (not told or _is_fact(of_term)) else told

    @cached_property
    def _of_one_term(self) -> tuple[Explanation, ...]:
        """Of a sum all of whose terms are right in the answer but one: what is wrong with that."""
        known = self._expected.of_terms
        for question, left in left_over(self._asked, [*known], self._typed, self._variants):
            variants = Variants(question)
            read = variants.meanings(left)
            fitting = [each for each in read if variants.shape(each) == question.shape]
            search = MatrixSearch(question, left, variants, known[question])
            for root in fitting or read or [left]:
                found = search.explanations(root)
                if _accuses(found):
                    return about(question, found)
        return ()

    @cached_property
    def _lost_by_shape(self) -> list[Cause]:
        """A factor that does not move, with which an answer of another shape would be right."""
        for factor in self._expected.held_factors:
            if LostFactors(self._typed, [factor], self._variants).hits:
                return [
                    Cause(factor_lost(factor, Shapes(self._asked.derivation.names)), "product", -1)
                ]
        return []

    def _of_rules(self, root: Node, values: "list[Values] | None") -> list[Cause]:
        """The mistakes of rules that give an answer; where it has no value, at positive ones.

        Where there are none, a link of the chain may be missing in a Jacobian.
        """
        if values is not None:
            links = self._expected.of_links
            found = self._at(root, values)
            return found or [cause for cause, made in links if same(values, made)]
        if self._variants.shape(root) is None or self._expected.of_rules_if_positive is None:
            return []
        asked, rules = self._expected.of_rules_if_positive
        values = Variants(asked).values(root)
        return [] if values is None else rules.at(values)

    def _at(self, root: Node, values: "list[Values]") -> list[Cause]:
        """The mistakes of rules that lead to some values, as far as an answer shows them.

        The logarithm of eˣ is x: that it was kept is true of an answer with a logarithm.
        """
        found = self._expected.of_rules.at(values)
        if any(each.mutation.id in OF_FUNCTIONS for each in found) and not any(
            map(has_function, distinct(root))
        ):
            return [each for each in found if each.mutation.id not in OF_FUNCTIONS]
        return found

    def of_another_name(self, root: Node) -> tuple[Explanation, ...]:
        """That an answer is the derivative by another name, whose shape it has.

        Args:
            root: The answer as it was read.
        """
        values = self._variants.values(root)
        causes = () if values is None else self._other_names(values)
        return ranked([_explanation((cause,)) for cause in causes])

    def _other_names(self, values: "list[Values]") -> Iterator[Cause]:
        return other_names(values, self._asked, self._expected.by_name)

    def pairs(self, root: Node) -> tuple[Explanation, ...]:
        """Two mistakes that together give an answer which one alone or a slip does not.

        Args:
            root: The answer as it was read.
        """
        if not any(isinstance(each, Name) for each in distinct(root)):
            return ()
        edits = [*_edits(root, self._asked.derivation.names)]
        pairs = [_explanation(each) for each in self._pairs(root, edits)]
        shown = [each for each in pairs if not any(c.mutation.id in ALONE for c in each.causes)]
        return ranked([each for each in shown if together(each.causes)])

    def _singles(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        for factor, cause in self._factors:
            if self._variants.is_right(root, factor):
                yield (cause,)
        yield from ((cause,) for cause in self._others(root, edits, 1.0))

    def _pairs(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        (_, sign), *numbers = self._factors
        for factor, cause in numbers:
            if self._variants.is_right(root, -factor):
                yield cause, sign
        for factor, cause in self._factors:
            for other in self._others(root, edits, factor):
                yield other, cause
        values = self._variants.values(root)
        if values is not None and values[0].ndim == 2:
            turned = [each.T for each in values]
            for cause, made in self._expected.facts:
                if same(turned, made):
                    yield cause, TURNED
        yield from self._pairs_with_rules(root, edits)

    def _pairs_with_rules(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        """A mistake of a rule, and a factor, a transpose, the order or a matrix that is symmetric.

        What was edited is compared with the wrong gradients instead of with the right one.
        """
        values = self._variants.values(root)
        if values is not None:
            for factor, cause in self._factors:
                scaled = [factor * each for each in values]
                yield from ((rule, cause) for rule in self._at(root, scaled))
            if len(self._asked.shape) == 2:
                rules = self._at(root, [each.T for each in values])
                yield from ((_transposed(self._asked), rule) for rule in rules)
        typed = [
            (meaning, cause)
            for ways, cause in self._ways
            for each in ways
            for meaning in self._variants.meanings(each)
        ]
        for each, cause in (*edits, *typed):
            if self._variants.shape(each) != self._asked.shape:
                continue
            first = self._variants.first_value(each)
            if first is None or not self._expected.of_rules.begins_at(first):
                continue
            values = self._variants.values(each)
            if values is not None:
                yield from ((cause, rule) for rule in self._at(each, values))
        if self._symmetric is not None:
            variants, cause = self._symmetric
            values = variants.values(root)
            made = self._expected.of_rules_if_symmetric
            if values is not None and made is not None:
                yield from ((cause, rule) for rule in made.at(values))

    def _possible(self, edits: "Edits") -> float:
        """How much weight all mistakes have together that can be looked for in an answer."""
        weights = [cause.likelihood for _, cause in (*edits, *self._factors)]
        return sum(weights) + len(self._asked.derivation.quantities)

    def _others(self, root: Node, edits: "Edits", factor: float) -> Iterator[Cause]:
        """All mistakes but those of a factor that a number times an answer may be made by."""
        asked, variants = self._asked, self._variants
        values = variants.values(root)
        if values is not None:
            if same(values, variants.values(asked.derivation.formula.root) or ()):
                yield Cause(NOT_DIFFERENTIATED, "", -1)
                return
            scaled = [factor * each for each in values]
            if len(asked.shape) == 2 and same([each.T for each in scaled], asked.right):
                yield _transposed(asked)
            for cause, found in self._expected.facts if _shows_work(root) else ():
                if same(scaled, found):
                    yield cause
                    break
            if self._symmetric is not None and self._symmetric[0].is_right(root, factor):
                alone = self._expected.one_symmetric
                fits = (c for each, c in alone if Variants(each).is_right(root, factor))
                yield next(fits, self._symmetric[1])
                return
        # one is enough: A(Ax − b) lacks a transpose, and so its factors stand in another order
        fitting = [cause for each, cause in edits if variants.is_right(each, factor)]
        yield from (fitting or [*self._as_typed(factor)])[:1]

    def _as_typed(self, factor: float) -> Iterator[Cause]:
        """The first edit of what was typed that makes it right; in the order of `_edits`."""
        for edits, cause in self._ways:
            if any(self._variants.reads_right(each, factor) for each in edits):
                yield cause
                return

    @cached_property
    def _ways(self) -> list[tuple[list[Node], Cause]]:
        turn, move, unturn = ((turned, _MISSING), (moved, _ORDER), (unturned, _TOO_MANY))
        transposed = next(unturned(self._typed), None) is not None
        ways = (move, unturn, turn) if transposed else (turn, move, unturn)
        return [([*edits(self._typed)], cause) for edits, cause in ways]

    @cached_property
    def _turned_together(self) -> bool:
        return any(map(self._variants.reads_right, turned_together(self._typed)))

    @cached_property
    def _turned_twice(self) -> bool:
        return any(map(self._variants.reads_right, turned_twice(self._typed)))

    @cached_property
    def _symmetric(self) -> tuple[Variants, Cause] | None:
        found = self._expected.symmetric
        return None if found is None else (Variants(found[0]), found[1])


_ALSO_BY_RULES = frozenset({"symmetric-assumed", "two-lost", "two-too-many"})
"""What a mistake of a rule may give as well, of which more can be said then."""


Edits = Sequence[tuple[Node, Cause]]
"""Answers that were changed in one place, and what was wrong if one of them is right."""


def _accuses(found: Sequence[Explanation]) -> bool:
    return any(each.mutation not in SLIPS for one in found for each in one.causes)


def _is_fact(found: Sequence[Explanation]) -> bool:
    ids = {each.mutation.id for one in found for each in one.causes}
    return ids <= FACTS | {NOT_DIFFERENTIATED.id}


def _explanation(causes: Causes) -> Explanation:
    return Explanation(causes=causes, weight=weight(causes))


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)


def _shows_work(root: Node) -> bool:
    """Whether more was written down than one letter, which anybody may write for any reason."""
    parts = [*walk(root)]
    functions = [
        each
        for each in parts
        if isinstance(each, Power) or (isinstance(each, Call) and each.function != "transpose")
    ]
    return bool(functions) or sum(isinstance(each, Name) for each in parts) > 1


def _transposed(asked: MatrixAsked) -> Cause:
    derivation = asked.derivation
    message = (
        transposed_gradient(derivation.variable) if derivation.is_number else TRANSPOSED_JACOBIAN
    )
    return _cause("gradient-transposed", message)


def _edits(root: Node, names: Mapping[str, Shape]) -> Iterator[tuple[Node, Cause]]:
    """The answer with one transpose more or less, or two factors in the other order.

    Who has written a transpose is told of the order first, who has written none of the transpose.
    """
    shapes = Shapes(names)
    replacing = Replacing(root)
    transposed = [each for each in replacing.parts if isinstance(each, Call)]
    transposed = [each for each in transposed if each.function == "transpose"]
    within = {id(each.arguments[0]) for each in transposed}
    missing = [
        (replacing(each, call("transpose", each)), _MISSING)
        for each in replacing.parts
        if isinstance(each, Name) and len(names[each.name]) == 2 and id(each) not in within
    ]
    order = [
        (replacing(each, replace(each, left=each.right, right=each.left)), _ORDER)
        for each in replacing.parts
        if isinstance(each, MatrixProduct) and not _is_row(each.right, each.left, shapes)
    ]
    yield from (*order, *missing) if transposed else (*missing, *order)
    for each in transposed:
        yield replacing(each, each.arguments[0]), _TOO_MANY


def _is_row(left: Node, right: Node, shapes: Shapes) -> bool:
    """Whether a vector would stand before a matrix, which only a transpose lets it do."""
    try:
        return len(shapes(left)) == 1 and len(shapes(right)) == 2
    except FormulaError:
        return False


_MISSING = _cause(
    "transpose-missing",
    Message(
        "A transpose is missing. On the way back rows and columns change places, and only so do "
        "the shapes fit."
    ),
)
TURNED = _cause(
    "gradient-transposed", Message("And its rows and columns are exchanged: it is transposed.")
)
_TOO_MANY = _cause("transpose-too-many", Message("There is a transpose too many."))
_ORDER = _cause(
    "order-of-factors",
    Message("Two factors stand in the wrong order: matrices do not commute."),
)
