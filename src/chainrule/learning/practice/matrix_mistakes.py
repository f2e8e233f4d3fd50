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

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.build import call
from chainrule.calculus.matrix import derive_matrix, mathematics
from chainrule.calculus.matrix.fit import Shape, shape_text
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.rules import Mutation
from chainrule.calculus.tree import Call, MatrixProduct, Name, Node, distinct, walk
from chainrule.records.exercise import Diagnosis
from chainrule.records.message import Message

from .cause import Cause, Causes, weight
from .explanations import Explanation, ranked, together, with_slip
from .layouts import TRANSPOSED_JACOBIAN, transposed_gradient
from .matrix_asked import MatrixAsked, derivative_at
from .matrix_edits import moved, turned, turned_together, turned_twice, unturned
from .matrix_expected import expected
from .matrix_function_mistakes import TWO_LOST
from .matrix_held_mistakes import LEFT_OUT
from .matrix_slips import LostFactors, matrix_slip
from .matrix_values import Replacing, Variants, same
from .slips import Slip
from .whole_mistakes import ALL_VARIABLES, NOT_DIFFERENTIATED, OTHER_VARIABLE

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
    """

    def __init__(self, asked: MatrixAsked, typed: Node, variants: Variants) -> None:
        self._asked = asked
        self._typed = typed
        self._variants = variants
        self._expected = expected(asked)
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
        if not found or found[0].causes[0].mutation.id == "symmetric-assumed":
            possible += self._expected.of_rules.likelihood
            values = self._variants.values(root)
            found += [_explanation((cause,)) for cause in self._of_rules(root, values)]
            if values is not None:
                found += [_explanation((cause,)) for cause in _other_names(values, self._asked)]
        misfits = self._variants.shape(root) != self._asked.shape
        if not found and (self._turned_together or (misfits and self._turned_twice)):
            found = [_explanation((_MISSING,))]
        slip = self._slip(root, self._expected.terms, self._lost)
        left_out = next((each for each in found if _has_left_out(each)), None)
        if slip is None and left_out is not None:
            held = LostFactors(self._typed, self._expected.held_factors, self._variants)
            slip = self._slip(root, self._expected.held_terms, held)
        if slip is not None and left_out is not None:
            # who copies without it and who takes the derivative 0 for it write the same
            found = with_slip(found, slip, left_out.weight)
        elif slip is not None:
            found = with_slip(found, slip, slip.probability * possible)
        return ranked(found)

    def _slip(self, root: Node, terms: Sequence[Node], lost: LostFactors) -> Slip | None:
        return matrix_slip(root, self._asked, terms, self._variants, lost)

    def _of_rules(self, root: Node, values: "list[Values] | None") -> list[Cause]:
        """The mistakes of rules that give an answer; where it has no value, at positive ones.

        Where there are none, a link of the chain may be missing in a Jacobian.
        """
        if values is not None:
            links = self._expected.of_links
            return self._expected.of_rules.at(values) or [
                cause for cause, made in links if same(values, made)
            ]
        if self._variants.shape(root) is None or self._expected.of_rules_if_positive is None:
            return []
        asked, rules = self._expected.of_rules_if_positive
        values = Variants(asked).values(root)
        return [] if values is None else rules.at(values)

    def of_another_name(self, root: Node) -> tuple[Explanation, ...]:
        """That an answer is the derivative by another name, whose shape it has.

        Args:
            root: The answer as it was read.
        """
        values = self._variants.values(root)
        causes = () if values is None else _other_names(values, self._asked)
        return ranked([_explanation((cause,)) for cause in causes])

    def pairs(self, root: Node) -> tuple[Explanation, ...]:
        """Two mistakes that together give an answer which one alone or a slip does not.

        Args:
            root: The answer as it was read.
        """
        if not any(isinstance(each, Name) for each in distinct(root)):
            return ()
        edits = [*_edits(root, self._asked.derivation.names)]
        pairs = (_explanation(each) for each in self._pairs(root, edits))
        return ranked([each for each in pairs if together(each.causes)])

    def _singles(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        for factor, cause in _FACTORS:
            if self._variants.is_right(root, factor):
                yield (cause,)
        yield from ((cause,) for cause in self._others(root, edits, 1.0))

    def _pairs(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        (_, sign), *numbers = _FACTORS
        for factor, cause in numbers:
            if self._variants.is_right(root, -factor):
                yield cause, sign
        for factor, cause in _FACTORS:
            for other in self._others(root, edits, factor):
                yield other, cause
        yield from self._pairs_with_rules(root, edits)

    def _pairs_with_rules(self, root: Node, edits: "Edits") -> Iterator[Causes]:
        """A mistake of a rule, and a factor, a transpose, the order or a matrix that is symmetric.

        What was edited is compared with the wrong gradients instead of with the right one.
        """
        values = self._variants.values(root)
        if values is not None:
            for factor, cause in _FACTORS:
                scaled = [factor * each for each in values]
                yield from ((rule, cause) for rule in self._expected.of_rules.at(scaled))
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
                yield from ((cause, rule) for rule in self._expected.of_rules.at(values))
        if self._symmetric is not None:
            variants, cause = self._symmetric
            values = variants.values(root)
            rules = self._expected.of_rules_if_symmetric
            if values is not None and rules is not None:
                yield from ((cause, rule) for rule in rules.at(values))

    def _possible(self, edits: "Edits") -> float:
        """How much weight all mistakes have together that can be looked for in an answer."""
        weights = [cause.likelihood for _, cause in (*edits, *_FACTORS)]
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
            for quantity, found in self._expected.on_the_way if _shows_work(root) else ():
                if same(scaled, found):
                    message = Message(
                        "That is the derivative by `{part}`, a part on the way. It still has to be "
                        "taken back to {variable}.",
                        part=mathematics(quantity.node),
                        variable=asked.derivation.variable,
                    )
                    yield _cause("matrix-stopped-early", message)
                    break
            if self._symmetric is not None and self._symmetric[0].is_right(root, factor):
                yield self._symmetric[1]
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


Edits = Sequence[tuple[Node, Cause]]
"""Answers that were changed in one place, and what was wrong if one of them is right."""


def _has_left_out(found: Explanation) -> bool:
    return any(each.mutation.id in LEFT_OUT for each in found.causes)


def _explanation(causes: Causes) -> Explanation:
    return Explanation(causes=causes, weight=weight(causes))


def _cause(id: str, message: Message) -> Cause:
    return Cause(Mutation(id=id, after="", message=message), "", -1)


def _other_names(values: "list[Values]", asked: MatrixAsked) -> Iterator[Cause]:
    """That it is the derivative by another name, which has to have the shape of the answer."""
    derivation = asked.derivation
    total: list[Values] = [*asked.right]
    for other, shape in derivation.names.items():
        if other == derivation.variable or shape != values[0].shape or not derivation.is_number:
            continue
        try:
            by_other = derive_matrix(derivation.formula, other, derivation.names)
            found = [derivative_at(by_other, point) for point in asked.points]
        except (DomainError, FormulaError):
            continue
        if same(values, found):
            yield _filled_other(other, derivation.variable)
        if shape != derivation.variable_shape:
            continue
        total = [one + more for one, more in zip(total, found, strict=True)]
        if same(values, total) and all(map(np.any, total)):  # 0 says nothing
            message = Message(ALL_VARIABLES.message, variable=derivation.variable)
            yield _cause(ALL_VARIABLES.id, message)


def _filled_other(other: str, variable: str) -> Cause:
    message = Message(OTHER_VARIABLE.message, other=other, variable=variable)
    return _cause(OTHER_VARIABLE.id, message)


def _shows_work(root: Node) -> bool:
    """Whether more was written down than one letter, which anybody may write for any reason."""
    parts = [*walk(root)]
    functions = [each for each in parts if isinstance(each, Call) and each.function != "transpose"]
    return bool(functions) or sum(isinstance(each, Name) for each in parts) > 1


def _transposed(asked: MatrixAsked) -> Cause:
    derivation = asked.derivation
    message = (
        transposed_gradient(derivation.variable) if derivation.is_number else TRANSPOSED_JACOBIAN
    )
    return _cause("gradient-transposed", message)


_FACTORS: tuple[tuple[float, Cause], ...] = (
    (
        -1.0,
        _cause("sign-of-whole", Message("Everything is right but the sign of the whole.")),
    ),
    (
        2.0,
        Cause(TWO_LOST, "", -1),
    ),
    (
        0.5,
        _cause(
            "two-too-many",
            Message(
                "There is a factor 2 too much: half of a square loses it when it is differentiated."
            ),
        ),
    ),
)
"""What an answer has to be multiplied by to be right, and what was done."""


def of_shape(found: Shape, asked: MatrixAsked) -> Diagnosis | None:
    """That a shape is another than that of the derivative; None if it is the same."""
    if found == asked.shape:
        return None
    fields = {
        "found": shape_text(found),
        "expected": shape_text(asked.shape),
        "variable": asked.derivation.variable,
    }
    message = (
        Message(
            "Your answer is {found}, but what is asked for is {expected}: a gradient has the shape "
            "of {variable}.",
            **fields,
        )
        if asked.derivation.is_number
        else Message(
            "Your answer is {found}, but what is asked for is {expected}: a Jacobian has the axes "
            "of the result first, then those of {variable}.",
            **fields,
        )
    )
    return Diagnosis(mutation="gradient-shape", rule="", node=-1, message=message)


def misfit(reason: str) -> Diagnosis:
    """That the parts of an answer do not fit each other."""
    return Diagnosis(
        mutation="matrix-misfit",
        rule="",
        node=-1,
        message=Message(
            "The parts of your answer do not fit: {reason} Look for a transpose or another order.",
            reason=reason if reason.endswith(".") else f"{reason}.",
        ),
    )


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
_TOO_MANY = _cause("transpose-too-many", Message("There is a transpose too many."))
_ORDER = _cause(
    "order-of-factors",
    Message("Two factors stand in the wrong order: matrices do not commute."),
)
