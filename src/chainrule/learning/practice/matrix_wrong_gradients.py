"""All gradients by a vector or matrix that one mistake leads to, to compare answers with."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from chainrule.calculus import DomainError, FormulaError
from chainrule.calculus.matrix import MatrixDerivation
from chainrule.calculus.matrix.fit import Shape

from .cause import Cause
from .matrix_asked import MatrixAsked
from .matrix_held_mistakes import held_mistakes
from .matrix_inside_mistakes import inside_mistakes
from .matrix_skipped_parts import skipped_parts
from .matrix_sum_mistakes import sum_mistakes
from .matrix_values import CLOSE, same
from .matrix_walks import Pulls, Walk, Wrong, WrongGradient
from .matrix_workings import mistakes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class WrongGradients:
    """Each mistake with the gradient that it leads to, at the points of what is asked.

    Those that have no value, or come to the right gradient or to that of a likelier mistake, are
    left out. All of one shape are compared with an answer at once.

    Args:
        asked: What is asked; of a vector the rows of its Jacobian are walked to one by one.
    """

    def __init__(self, asked: MatrixAsked) -> None:
        self._found: list[tuple[Cause, WrongGradient]] = []
        self._firsts: dict[Shape, _Firsts] = {}
        try:
            walks = [Walk(asked.derivation, point) for point in asked.points]
        except (DomainError, FormulaError, ValueError):
            return
        made = sorted(_all_mistakes(asked.derivation), key=lambda each: _rarity(each[0]))
        for cause, wrong in made:
            self._add(cause, WrongGradient(walks, wrong), asked)

    def _add(self, cause: Cause, found: WrongGradient, asked: MatrixAsked) -> None:
        first = found.first
        if first is None or not np.all(np.isfinite(first)):
            return
        if same([first], asked.right[:1]) and found.is_at(asked.right):
            return
        firsts = self._firsts.setdefault(first.shape, _Firsts(first.size))
        if any(found.is_as(self._found[i][1]) for i in firsts.close_to(first)):
            return
        firsts.add(first, len(self._found))
        self._found.append((cause, found))

    @property
    def likelihood(self) -> float:
        """Of all mistakes together; those of one kind at one place are one."""
        each = {(one.mutation.id, one.node): one.likelihood for one, _ in reversed(self._found)}
        return sum(each.values())

    def at(self, values: "Sequence[Values]") -> list[Cause]:
        """The mistakes that lead to these values, the likeliest first."""
        found = [self._found[i] for i in self._beginning(values[0])]
        return [cause for cause, made in found if made.is_at(values)]

    def begins_at(self, first: "Values") -> bool:
        """Whether one has this value at the first point."""
        return any(True for _ in self._beginning(first))

    def _beginning(self, first: "Values") -> Iterator[int]:
        firsts = self._firsts.get(first.shape)
        return firsts.close_to(first) if firsts is not None else iter(())


def _rarity(cause: Cause) -> tuple[float, bool]:
    """Of two that lead to one gradient the likelier is told, one within a term before its sign."""
    return -cause.likelihood, cause.rule == "sum"


class _Firsts:
    """Values at the first point, all of one shape."""

    def __init__(self, size: int) -> None:
        self._values = np.empty((0, size))
        self._indices: list[int] = []

    def add(self, value: "Values", index: int) -> None:
        self._values = np.concatenate([self._values, value.reshape(1, -1)])
        self._indices.append(index)

    def close_to(self, value: "Values") -> Iterator[int]:
        flat = value.reshape(1, -1)
        # as in `same`
        near = np.abs(self._values - flat) <= CLOSE * (1e-3 + np.abs(flat).max())
        return (self._indices[i] for i in np.flatnonzero(near.all(axis=1)))


def _all_mistakes(derivation: MatrixDerivation) -> Iterator[tuple[Cause, Wrong]]:
    """Every mistake on the way back; that of the result first."""
    at: dict[str, list[tuple[str, Cause, Pulls]]] = {}
    for quantity in reversed(derivation.quantities):
        if quantity.name == derivation.variable:
            continue
        for cause, pulls in mistakes(quantity, derivation):
            at.setdefault(cause.mutation.id, []).append((quantity.name, cause, pulls))
            yield cause, Wrong(pulls={quantity.name: pulls})
    for places in at.values():
        every = {where: pulls for where, _, pulls in places}
        if 1 < len(every) == len(places):
            cause = places[0][1]
            everywhere = Cause(cause.mutation, cause.rule, cause.node, everywhere=True)
            yield everywhere, Wrong(pulls=every)
    yield from sum_mistakes(derivation)
    yield from held_mistakes(derivation)
    yield from inside_mistakes(derivation)
    yield from skipped_parts(derivation)
