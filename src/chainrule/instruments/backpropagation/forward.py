"""The forward pass as far as it can still be read: what tensors are called, and their values.

PyTorch keeps only what its own backward formulas need. A value is looked for, in this order: in the
tensor itself (a leaf, the loss, a variable of the caller's), in what its own operation saved, in
what an operation that uses it saved, and by doing the operation again where all its inputs are
known. Else it is unknown, and said to be.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from .errors import UnreadableError
from .figures import figure, subscript
from .naming import Names
from .operations import rule_for
from .operations.rule import Rule, Shape
from .saved import exact, saved, saved_tensor, through_hooks
from .walk import Recorded, Walk

Found = TypeVar("Found")

MOST_REDONE = 1 << 24
"""Entries of a tensor up to which an operation is done again to see its value."""


class Forward:
    """The operations of a walk with their labels and values.

    Args:
        walked: The operations.
        names: What the caller calls tensors.
        loss: The output's own tensor.

    Attributes:
        labels: Of each operation and leaf.
        worked_back: Constants that were not kept, and follow from what was.
        numbers: Constants that are written as numbers.
    """

    def __init__(self, walked: Walk, names: Names, loss: Tensor) -> None:
        self.walk = walked
        self.names = names
        self.rules = [rule_for(recorded.name, recorded.kind) for recorded in walked.operations]
        self.operations = [Operation(self, i) for i in range(len(walked.operations))]
        self.labels: list[str] = []
        self.worked_back: set[str] = set()
        self.numbers: set[str] = set()
        self._loss = loss
        self._values: dict[tuple[int, int], Tensor | None] = {}
        self._constants: dict[tuple[int, int], tuple[str, Tensor | None]] = {}
        self._taken: set[str] = set()
        self._counts = {"u": 0, "c": 0, "leaf": 0}
        self._label_all()

    def value(self, index: int, slot: int = 0) -> Tensor | None:
        """The value of what an operation made; None if it cannot be known."""
        key = (index, slot)
        if key not in self._values:
            self._values[key] = None  # while it is looked for
            found = self._find(index, slot)
            shape = self.walk.operations[index].shapes[slot]
            if found is not None and tuple(found.shape) == shape:
                self._values[key] = found.detach()
        return self._values[key]

    def constant(self, index: int, argument: int) -> tuple[str, Tensor | None]:
        """Name and value of an input that has no gradient."""
        key = (index, argument)
        if key not in self._constants:
            self._constants[key] = self._find_constant(index, argument)
        return self._constants[key]

    def packed(self) -> list[int]:
        """Operations on a way that saved something through hooks."""
        return [
            i
            for i, recorded in enumerate(self.walk.operations)
            if recorded.on_way
            and any(
                through_hooks(recorded.node, name.removeprefix("_raw_saved_"))
                for name in dir(recorded.node)
                if name.startswith("_raw_saved_")
            )
        ]

    # ---- labels ------------------------------------------------------------------------------

    def _label_all(self) -> None:
        for i, recorded in enumerate(self.walk.operations):
            if i == self.walk.output:
                self.labels.append("")  # last of all, for the name L may be taken
            elif recorded.leaf is not None:
                self.labels.append(self._unique(self.names.leaf(recorded.leaf), "leaf"))
            else:
                known = self.names.made_by(recorded.node)
                name = known[0] if known else self._transposed(recorded)
                self.labels.append(self._unique(name, "u"))
        self.labels[self.walk.output] = next(
            label for label in ("L", "loss", "L(θ)") if label not in self._taken
        )
        self._taken.add(self.labels[self.walk.output])

    def _transposed(self, recorded: Recorded) -> str | None:
        """`fc1.weightᵀ`, which is what a linear layer multiplies by."""
        if recorded.kind != "T":
            return None
        leaf = getattr(recorded.node.next_functions[0][0], "variable", None)
        name = None if leaf is None else self.names.leaf(leaf)
        return None if name is None else f"{name}ᵀ"

    def _unique(self, name: str | None, kind: str) -> str:
        if name is not None and name not in self._taken:
            self._taken.add(name)
            return name
        while True:
            self._counts[kind] += 1
            number = self._counts[kind]
            label = f"leaf {number - 1}" if kind == "leaf" else f"{kind}{subscript(number)}"
            if label not in self._taken:
                self._taken.add(label)
                return label

    # ---- values ------------------------------------------------------------------------------

    def _find(self, index: int, slot: int) -> Tensor | None:
        recorded = self.walk.operations[index]
        if index == self.walk.output:
            return self._loss
        if recorded.leaf is not None:
            return recorded.leaf
        known = self.names.made_by(recorded.node, slot)
        if known is not None:
            return known[1]
        rule = self.rules[index]
        if slot == 0 and rule is not None and rule.result:
            found = _or_none(partial(saved_tensor, recorded.node, rule.result))
            if found is not None:
                return found
        for user, argument in self.walk.every_consumer[index]:
            if user.next_functions[argument][1] == slot:
                found = _kept_input(user, argument)
                if found is not None:
                    return found
        if slot == 0 and rule is not None:
            return self._done_again(index, rule)
        return None

    def _done_again(self, index: int, rule: Rule) -> Tensor | None:
        recorded = self.walk.operations[index]
        small = math.prod(recorded.shapes[0]) <= MOST_REDONE
        if rule.forward is None or not small or not recorded.inputs:
            return None
        forward = rule.forward
        with torch.no_grad():
            made = _or_none(partial(forward, self.operations[index]))
        return None if made is None else made.to(recorded.node._input_metadata[0].dtype)

    def _find_constant(self, index: int, argument: int) -> tuple[str, Tensor | None]:
        recorded, rule = self.walk.operations[index], self.rules[index]
        value: object = None
        for attribute, place in (rule.saves if rule is not None else {}).items():
            if place == argument:
                value = _or_none(partial(saved, recorded.node, attribute))
        if isinstance(value, bool | int | float):
            self.numbers.add(figure(float(value)))
            return figure(float(value)), torch.tensor(float(value), dtype=torch.float64)
        if isinstance(value, Tensor):
            name = self.names.constant(value)
            if name is None and value.dim() == 0:
                self.numbers.add(figure(float(value)))
                return figure(float(value)), value.detach()
            if name is not None and name not in self._taken:
                return name, value.detach()
            if name is not None and self._same_memory(name, value):
                return name, value.detach()
            return self._unique(None, "c"), value.detach()
        label, worked_back = self._unique(None, "c"), self._worked_back(index, argument)
        if worked_back is not None:
            self.worked_back.add(label)
        return label, worked_back

    def _same_memory(self, name: str, value: Tensor) -> bool:
        """Whether a name in use is that of this very tensor, met before as a constant."""
        return any(
            label == name and known is not None and known.data_ptr() == value.data_ptr()
            for label, known in self._constants.values()
        ) or any(
            recorded.leaf is not None and recorded.leaf.data_ptr() == value.data_ptr()
            for recorded in self.walk.operations
        )

    def _worked_back(self, index: int, argument: int) -> Tensor | None:
        """A number that was added or subtracted is the difference between result and input."""
        recorded = self.walk.operations[index]
        if recorded.kind not in ("Add", "Sub", "Rsub") or math.prod(recorded.shapes[0]) != 1:
            return None
        others = [j for j, source in enumerate(recorded.inputs) if source is not None]
        if len(recorded.inputs) != 2 or len(others) != 1:
            return None
        source = recorded.inputs[others[0]]
        result = self._value_kept(index)
        other = None if source is None else self.value(source, recorded.slots[others[0]])
        if result is None or other is None:
            return None
        try:
            alpha = float(saved(recorded.node, "alpha"))
        except UnreadableError:
            alpha = 1.0
        y, x = float(exact(result)), float(exact(other))
        scales = {"Add": (1.0, alpha), "Sub": (1.0, -alpha), "Rsub": (-alpha, 1.0)}[recorded.kind]
        back = (y - scales[others[0]] * x) / scales[argument]
        # as many digits as the numbers have that it comes from
        digits = 6 if result.dtype == torch.float32 else 3 if result.element_size() < 4 else 15
        size = max(abs(y), abs(x), 1e-300)
        rounded = round(back, max(0, digits - math.ceil(math.log10(size))))
        return torch.tensor(rounded, dtype=torch.float64)

    def _value_kept(self, index: int) -> Tensor | None:
        """A value that was kept: to do the operation again would need the constant asked for."""
        known = self._values.get((index, 0))
        if known is not None:
            return known
        recorded = self.walk.operations[index]
        if index == self.walk.output:
            return self._loss.detach()
        held = self.names.made_by(recorded.node)
        if held is not None:
            return held[1].detach()
        for user, argument in self.walk.every_consumer[index]:
            found = _kept_input(user, argument)
            if found is not None:
                return found
        return None


class Operation:
    """One operation as the rules see it; see `operations.rule.Applied`."""

    def __init__(self, forward: Forward, index: int) -> None:
        self._forward = forward
        self._index = index
        self._recorded: Recorded = forward.walk.operations[index]
        self.name = self._recorded.name
        self.kind = self._recorded.kind

    @property
    def shape(self) -> Shape:
        """Of its first output that is used."""
        return self._recorded.shapes[0]

    @property
    def count(self) -> int:
        """Of its inputs, with or without a gradient."""
        rule = self._forward.rules[self._index]
        saves = max(rule.saves.values(), default=-1) + 1 if rule is not None else 0
        return max(len(self._recorded.inputs), saves)

    def label(self, argument: int) -> str:
        """What an input is called."""
        source = self._source(argument)
        if source is None:
            return self._forward.constant(self._index, argument)[0]
        label = self._forward.labels[source]
        slot = self._recorded.slots[argument]
        return label if slot == 0 else f"{label}.{slot}"

    def input_shape(self, argument: int) -> Shape:
        """Of an input."""
        source = self._source(argument)
        if source is not None:
            return self._forward.walk.operations[source].shapes[self._recorded.slots[argument]]
        value = self._forward.constant(self._index, argument)[1]
        return self.shape if value is None else tuple(value.shape)

    def input(self, argument: int) -> Tensor:
        """The value of an input."""
        kept = self._kept(argument)
        if kept is not None:
            return kept
        source = self._source(argument)
        if source is None:
            value = self._forward.constant(self._index, argument)[1]
        else:
            value = self._forward.value(source, self._recorded.slots[argument])
        if value is None:
            raise UnreadableError(f"the value of {self.label(argument)} was not kept by PyTorch")
        return value

    def saved(self, attribute: str) -> Any:
        """A number or shape that autograd keeps."""
        return saved(self._recorded.node, attribute)

    def tensor(self, attribute: str) -> Tensor:
        """A tensor that autograd keeps."""
        return saved_tensor(self._recorded.node, attribute)

    def _source(self, argument: int) -> int | None:
        inputs = self._recorded.inputs
        return inputs[argument] if argument < len(inputs) else None

    def _kept(self, argument: int) -> Tensor | None:
        rule = self._forward.rules[self._index]
        for attribute, place in (rule.saves if rule is not None else {}).items():
            if place == argument:
                value = _or_none(partial(saved, self._recorded.node, attribute))
                if isinstance(value, Tensor):
                    return value.detach()
                if isinstance(value, int | float):
                    return torch.tensor(float(value), dtype=torch.float64)
        return None


def _kept_input(node: Any, argument: int) -> Tensor | None:
    """An input as the operation that uses it saved it."""
    name = node.name()
    rule = rule_for(name, name.rsplit("::", 1)[-1].partition("Backward")[0])
    for attribute, place in (rule.saves if rule is not None else {}).items():
        if place == argument:
            return _or_none(partial(saved_tensor, node, attribute))
    return None


def _or_none(read: Callable[[], Found]) -> Found | None:
    try:
        return read()
    except (UnreadableError, RuntimeError, IndexError, TypeError):
        return None  # not kept, changed since, or of a kind that cannot be done again
