"""The tape of a step: its operations in order, and which of them something depends on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chainrule.objective.step import Operation

MOST_OPERATIONS = 50_000
"""Operations that one step may have: recording costs some 20 µs each, a second in all."""

MOST_WITHOUT_GRADIENT = 5_000
"""Operations without gradients: more are an evaluation between two steps, and it is left alone."""

_SWEEP = 2_000  # operations recorded before those that nothing can need any more are let go

Storage = Callable[[int], int | None]
"""The memory that a slot lies in."""


@dataclass(slots=True)
class Record:
    """An operation and what it has to do with others.

    Attributes:
        operation: It.
        reads: Slots among its arguments.
        changes: Storages that it changed in place.
        number: Its place in the step.
    """

    operation: Operation
    reads: list[int]
    changes: frozenset[int]
    number: int


class Tape:
    """Operations of one step.

    Attributes:
        count: How many ran, those that were let go included.
    """

    def __init__(self) -> None:
        self.count = 0
        self._records: list[Record] = []
        self._without_gradient = 0
        self._sweep_at = _SWEEP

    def add(self, operation: Operation, reads: list[int], changes: frozenset[int]) -> str | None:
        """Put an operation at the end; why there are too many by now, or None."""
        self._records.append(Record(operation, reads, changes, self.count))
        self.count += 1
        self._without_gradient += not operation.gradients
        if self._without_gradient > MOST_WITHOUT_GRADIENT:
            return (
                f"more than {MOST_WITHOUT_GRADIENT:,} operations without gradients ran before its "
                "loss, such as an evaluation between two steps"
            )
        if self.count > MOST_OPERATIONS:
            return f"it has more than {MOST_OPERATIONS:,} operations"
        return None

    def is_due(self) -> bool:
        """Whether it is long enough for `keep_only` to be worth its time."""
        return len(self._records) > self._sweep_at

    def needed(self, roots: Iterable[int], storage: Storage) -> tuple[list[Record], set[int]]:
        """The records behind some slots, and all slots among them.

        A change in place is needed if anything behind the slots shares the memory that it changed.
        """
        slots = set(roots)
        storages = {storage(s) for s in slots} - {None}
        records = []
        for record in reversed(self._records):
            if slots.isdisjoint(record.operation.results) and storages.isdisjoint(record.changes):
                continue
            records.append(record)
            slots.update(record.reads)
            slots.update(r for r in record.operation.results if r >= 0)
            storages |= {storage(s) for s in record.reads} - {None}
        return records[::-1], slots

    def keep_only(self, roots: Iterable[int], storage: Storage) -> set[int]:
        """Let go of what no root needs, such as an evaluation's; the slots that are needed."""
        self._records, needed = self.needed(roots, storage)
        self._sweep_at = 2 * len(self._records) + _SWEEP
        return needed

    def clear(self) -> None:
        """Let go of everything."""
        self._records.clear()
