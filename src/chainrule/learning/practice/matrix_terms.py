"""A sum differentiated by a vector or matrix, term by term: what is right is set aside.

Who gets all terms right but one is asked about that one alone: what is left of the answer is
compared with its derivative, as if it had been the question.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, Formula, FormulaError
from chainrule.calculus.build import add, negative, occurs
from chainrule.calculus.matrix import derive_matrix, mathematics
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Name, Node, Sum, Unary, distinct
from chainrule.records.message import Message, as_message

from .cause import Cause
from .explanations import Explanation
from .matrix_asked import MatrixAsked, derivative_at
from .matrix_values import Variants, same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MOST_TERMS = 6
"""Of an answer whose terms are set aside: 63 groups of them. Textbooks have up to four."""


def questions_of_terms(asked: MatrixAsked) -> list[MatrixAsked]:
    """A question for each term that moves; none where the formula is no sum of several.

    Args:
        asked: About the sum.
    """
    derivation = asked.derivation
    signed = [
        each
        for each in _signed_terms(derivation.formula.root)
        if occurs(each, (derivation.variable,))
    ]
    return [*_questions(asked, signed)] if len(signed) > 1 else []


def _questions(asked: MatrixAsked, terms: Sequence[Node]) -> Iterator[MatrixAsked]:
    derivation = asked.derivation
    for term in terms:
        used = {each.name for each in distinct(term) if isinstance(each, Name)}
        names = {each: shape for each, shape in derivation.names.items() if each in used}
        formula = Formula(text=derivation.formula.text, root=term)
        with suppress(DomainError, FormulaError, ValueError):
            of_term = derive_matrix(formula, derivation.variable, names)
            # an answer may hold names of the other terms
            of_term = replace(of_term, names=derivation.names)
            right = tuple(derivative_at(of_term, point) for point in asked.points)
            yield MatrixAsked(derivation=of_term, points=asked.points, right=right)


def left_over(
    asked: MatrixAsked, questions: Sequence[MatrixAsked], typed: Node, variants: Variants
) -> Iterator[tuple[MatrixAsked, Node]]:
    """A term with what an answer has for it, where all else in the answer is right.

    Args:
        asked: About the sum.
        questions: About its terms.
        typed: The answer as it was typed.
        variants: Where expressions are compared.
    """
    terms = _signed_terms(typed)
    if not 1 < len(terms) <= MOST_TERMS:
        return
    meant = [variants.meanings(each) for each in terms]
    values = [variants.values(each[0]) if each else None for each in meant]
    for question in questions:
        others = [all_ - own for all_, own in zip(asked.right, question.right, strict=True)]
        for count in range(1, len(terms)):
            for group in combinations(range(len(terms)), count):
                if _add_up([values[i] for i in group], others):
                    left = [each for i, each in enumerate(terms) if i not in group]
                    yield question, add(*left)


def _add_up(parts: "Sequence[list[Values] | None]", wanted: "Sequence[Values]") -> bool:
    known = [each for each in parts if each is not None]
    if len(known) < len(parts) or any(each[0].shape != wanted[0].shape for each in known):
        return False
    first = sum(each[0] for each in known)
    if not same([np.asarray(first)], wanted[:1]):
        return False
    return same([np.asarray(sum(at)) for at in zip(*known, strict=True)], wanted)


def _signed_terms(root: Node) -> list[Node]:
    match root:
        case Sum():
            signs = ("+", *root.operators)
            return [
                negative(term) if sign == "-" else term
                for each, sign in zip(root.terms, signs, strict=True)
                for term in _signed_terms(each)
            ]
        case Unary(operator="-"):
            return [negative(each) for each in _signed_terms(root.operand)]
        case Unary():
            return _signed_terms(root.operand)
        case _:
            return [root]


def about(question: MatrixAsked, found: Sequence[Explanation]) -> tuple[Explanation, ...]:
    """Explanations of what was answered to one term, that say of which.

    Args:
        question: About the term.
        found: Of what an answer has for it.
    """
    derivation = question.derivation
    term = mathematics(derivation.formula.root, Shapes(derivation.names))
    return tuple(
        replace(each, causes=tuple(_about(term, cause) for cause in each.causes)) for each in found
    )


def _about(term: str, cause: Cause) -> Cause:
    message = Message(
        "In the derivative of {term}: {message}",
        term=term,
        message=as_message(cause.mutation.message),
    )
    return replace(cause, mutation=replace(cause.mutation, message=message))
