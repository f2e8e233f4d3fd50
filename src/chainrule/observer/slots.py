"""Which tensors of a step are which: those that depend on θ, its leaves, its data.

A tensor is known by identity while it lives, and nothing here keeps it alive. A leaf or a datum is
known at one version: changed in place, it is another one.
"""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from chainrule.objective.step import Datum, version

from .modes import unseen
from .stack import place


@dataclass(slots=True)
class Leaf:
    """A leaf of the graph at one moment.

    Attributes:
        tensor: It.
        version: Its version counter then.
        value: A copy, once it was taken.
        changes: True if it was changed in place after that moment.
    """

    tensor: "weakref.ref[Tensor]"
    version: int
    value: Tensor | None = None
    changes: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """A tensor that has a slot."""

    tensor: "weakref.ref[Tensor]"
    slot: int
    version: int = -1  # of leaves and data

    def is_of(self, t: Tensor) -> bool:
        return self.tensor() is t and (self.version < 0 or self.version == version(t))


class Slots:
    """The tensors of one window.

    Args:
        is_parameter: True for tensors that an optimizer or module holds.
        most_bytes: What copies of data may take; larger ones are not copied, but watched.

    Attributes:
        data: By slot.
        leaves: By slot.
        unknown: Why the tensor of a slot cannot be made again.
        first_uses: For each slot of data the number of operations before it, and its identity.
        bytes: What the copies take.
    """

    def __init__(self, is_parameter: Callable[[Tensor], bool], most_bytes: int) -> None:
        self.data: dict[int, Datum] = {}
        self.leaves: dict[int, Leaf] = {}
        self.unknown: dict[int, str] = {}
        self.first_uses: dict[int, tuple[int, int]] = {}
        self.bytes = 0
        self._is_parameter = is_parameter
        self._most_bytes = most_bytes
        self._next = 0
        self._made: dict[int, _Known] = {}
        self._read: dict[int, _Known] = {}
        self._leaf: dict[int, _Known] = {}
        self._storage_of: dict[int, int | None] = {}
        self._storages: dict[int, tuple[StorageWeakRef, int]] = {}
        self._storage_count = 0
        self._leaf_storages: dict[int, list[int]] = {}
        self._filled: set[int] = set()
        self._began = torch._C._autograd._get_sequence_nr()

    # ---- tensors and slots ------------------------------------------------------------------

    def depends(self, t: Tensor) -> bool:
        """True if a tensor depends on θ or on another leaf."""
        if t.requires_grad:
            return True
        known = self._made.get(id(t))
        return known is not None and known.is_of(t)

    def is_earlier(self, t: Tensor) -> bool:
        """True if a tensor was made with a graph before the step began: this θ is not in it."""
        known = self._made.get(id(t))
        if t.grad_fn is None or (known is not None and known.is_of(t)):
            return False
        number = getattr(t.grad_fn, "_sequence_nr", None)  # those of autograd.Function have none
        return number is not None and number() < self._began

    def of(self, t: Tensor, number: int) -> int:
        """The slot of a tensor; a new one if it was not met before.

        Args:
            t: The tensor.
            number: Operations recorded so far.
        """
        known = self._made.get(id(t))
        if known is not None and known.is_of(t):
            return known.slot
        if not t.requires_grad:
            return self._datum(t, number)
        if t.is_leaf:
            return self._leaf_at_present(t)
        slot = self.new(t)
        self.unknown[slot] = (
            f"a tensor used at {place()} was made before the step began, or by an operation that "
            f"cannot be seen ({type(t.grad_fn).__name__})"
        )
        return slot

    def new(self, t: Tensor) -> int:
        """A slot for what an operation has made."""
        slot = self._take()
        self._made[id(t)] = _Known(weakref.ref(t), slot)
        self._storage_of[slot] = self._storage(t)
        return slot

    def storage(self, slot: int) -> int | None:
        """A number for the memory behind a slot, which views share."""
        return self._storage_of.get(slot)

    def alive(self) -> set[int]:
        """Slots of operations' results that the script still holds."""
        return {known.slot for known in self._made.values() if known.tensor() is not None}

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    def _leaf_at_present(self, t: Tensor) -> int:
        known = self._leaf.get(id(t))
        if known is not None and known.is_of(t):
            return known.slot
        slot, now = self._take(), version(t)
        leaf = self.leaves[slot] = Leaf(weakref.ref(t), now)
        if not self._is_parameter(t):  # nobody else keeps it
            leaf.value = self.copy(t)
        self._leaf[id(t)] = _Known(weakref.ref(t), slot, now)
        storage = self._storage_of[slot] = self._storage(t)
        if storage is not None:
            self._leaf_storages.setdefault(storage, []).append(slot)
        return slot

    def _datum(self, t: Tensor, number: int) -> int:
        known = self._read.get(id(t))
        if known is not None and known.is_of(t):
            return known.slot
        slot, now = self._take(), version(t)
        if self._filled and (text := self.stale_view([t])) is not None:
            self.unknown[slot] = text
        size = t.numel() * t.element_size()
        if self.bytes + size > self._most_bytes and not t.is_inference():
            self.data[slot] = Datum(t.detach(), version=now)
        else:
            self.bytes += size
            self.data[slot] = Datum(self.copy(t))
        self.first_uses[slot] = (number, id(t))
        self._read[id(t)] = _Known(weakref.ref(t), slot, now)
        self._storage_of[slot] = self._storage(t)
        return slot

    @staticmethod
    def copy(t: Tensor) -> Tensor:
        """A copy with the same strides, so that the same kernels run on it."""
        with unseen(), torch.no_grad():
            return _copied(t)

    # ---- memory -----------------------------------------------------------------------------

    def _storage(self, t: Tensor) -> int | None:
        try:
            storage = t.untyped_storage()
        except (NotImplementedError, RuntimeError):  # sparse
            return None
        known = self._storages.get(storage._cdata)
        if known is not None:
            return known[1]
        self._storage_count += 1
        # the weak reference keeps the address from being used again
        weak = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
        self._storages[storage._cdata] = (weak, self._storage_count)
        return self._storage_count

    def stale_view(self, tensors: Iterable[Tensor]) -> str | None:
        """Why not, if a tensor shares memory that was filled after the tensor was made from it."""
        if not self._filled:
            return None
        for t in tensors:
            known = self._read.get(id(t))
            if (known is None or not known.is_of(t)) and self._storage(t) in self._filled:
                return (
                    f"a view used at {place()} was made before its tensor was filled with numbers "
                    "that depend on θ"
                )
        return None

    def changed(self, tensors: list[Tensor]) -> frozenset[int]:
        """An operation has changed tensors in place.

        Returns:
            Their storages.
        """
        storages = frozenset(s for t in tensors if (s := self._storage(t)) is not None)
        for t in tensors:
            self._data_changed(t)
            storage = self._storage(t)
            if storage in self._leaf_storages:
                self._leaves_changed(self._leaf_storages.pop(storage))
                # who uses it from now on sees the leaf anew, and none of the changes before
                self._storage_count += 1
                key = t.untyped_storage()._cdata
                self._storages[key] = (self._storages[key][0], self._storage_count)
        return storages

    def _data_changed(self, t: Tensor) -> None:
        known = self._read.pop(id(t), None)
        if known is None or known.tensor() is not t:
            return
        datum = self.data[known.slot]
        if datum.version is not None:
            self.unknown[known.slot] = (
                f"{place()} changes a tensor in place that is too large to copy "
                f"(shape {tuple(t.shape)})"
            )
        datum.changes = True
        self._made[id(t)] = _Known(weakref.ref(t), known.slot)
        if (storage := self._storage(t)) is not None:
            self._filled.add(storage)

    def _leaves_changed(self, slots: list[int]) -> None:
        for slot in slots:
            if (leaf := self.leaves.get(slot)) is None:
                continue
            if leaf.value is None:
                self.unknown[slot] = f"weights are changed in place at {place()}"
            leaf.changes = True
            if (tensor := leaf.tensor()) is not None:
                self._leaf.pop(id(tensor), None)

    def replaced(self, t: Tensor, number: int) -> None:
        """`t.data = ...`: what t was is lost."""
        slot = self.of(t, number)
        leaf = self.leaves.get(slot)
        if leaf is None or leaf.value is None:
            self.unknown[slot] = f"{place()} puts another tensor into .data"
        self._leaf.pop(id(t), None)

    # ---- keeping and letting go -------------------------------------------------------------

    def freeze(self, only: set[int] | None = None) -> None:
        """Keep the values of leaves before they are changed.

        Args:
            only: Identities of the tensors; all if None.
        """
        for slot, leaf in self.leaves.items():
            tensor = leaf.tensor()
            if leaf.value is not None or tensor is None or slot in self.unknown:
                continue
            if only is not None and id(tensor) not in only:
                continue
            if version(tensor) != leaf.version:
                self.unknown[slot] = "weights are changed between its forward pass and its update"
            else:
                leaf.value = self.copy(tensor)

    def let_go(self, needed: set[int]) -> None:
        """Forget data that no slot of `needed` is, and tensors that are gone."""
        self._made = {k: v for k, v in self._made.items() if v.tensor() is not None}
        self._read = {k: v for k, v in self._read.items() if v.slot in needed}
        for slot in [s for s in self.data if s not in needed]:
            datum = self.data.pop(slot)
            if datum.version is None:
                self.bytes -= datum.tensor.numel() * datum.tensor.element_size()
        self._storages = {
            key: (weak, number)
            for key, (weak, number) in self._storages.items()
            if not weak.expired()  # type: ignore[no-untyped-call]
        }


def _copied(t: Tensor) -> Tensor:
    value = t.detach()
    if value.layout is not torch.strided or value.numel() == 0:
        return value.clone()
    copy = value.clone()
    if copy.stride() == value.stride():
        return copy
    extent = 1 + sum((n - 1) * s for n, s in zip(value.shape, value.stride(), strict=True))
    if extent > 4 * value.numel():  # a thin slice of something large
        return copy
    memory = value.as_strided((extent,), (1,)).clone()
    return memory.as_strided(value.shape, value.stride())
