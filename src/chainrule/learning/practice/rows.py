"""Derivatives with mistakes as rows of a table: a row a set of mistakes, a column a point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .cause import Causes, weight
from .table import Values


@dataclass(slots=True)
class Rows:
    """Derivatives with mistakes.

    Attributes:
        causes: Which mistakes a row has.
        values: A row each.
        weights: How likely each row is; None until it matters.
    """

    causes: list[Causes]
    values: Values
    weights: Values | None = None

    @classmethod
    def none(cls, points: int) -> "Rows":
        """No rows."""
        return cls([], np.empty((0, points)))

    def weighed(self) -> Values:
        """The weight of each row."""
        if self.weights is None:
            self.weights = np.array([*map(weight, self.causes)])
        return self.weights

    def joined(self, others: Sequence["Rows"], most: int) -> "Rows":
        """These and others, the likeliest of them if they are too many."""
        parts = [part for part in (self, *others) if part.causes]
        if not parts:
            return self
        causes = [each for part in parts for each in part.causes]
        values = np.concatenate([part.values for part in parts])
        if len(causes) > most:
            weights = np.concatenate([part.weighed() for part in parts])
            kept = np.sort(np.argsort(-weights, kind="stable")[:most])
            return Rows([causes[i] for i in kept], values[kept], weights[kept])
        if all(part.weights is not None for part in parts):
            return Rows(causes, values, np.concatenate([part.weighed() for part in parts]))
        return Rows(causes, values)

    def likeliest(self, most: int) -> "Rows":
        """So many of these at most."""
        return Rows.none(self.values.shape[-1]).joined([self], most)

    def without(self, right: Values) -> "Rows":
        """Those that do not come to the right derivative, each mistake once."""
        if not self.causes:
            return self
        with np.errstate(all="ignore"):
            close = np.abs(self.values - right) <= 1e-9 * (1 + np.abs(right))
        wrong = ~np.all(close, axis=-1)
        kept, seen = [], set()
        for i, causes in enumerate(self.causes):
            key = tuple((each.mutation.id, each.node, each.rule) for each in causes)
            if wrong[i] and (key, self.values[i].tobytes()) not in seen:
                seen.add((key, self.values[i].tobytes()))
                kept.append(i)
        return Rows([self.causes[i] for i in kept], self.values[kept])
