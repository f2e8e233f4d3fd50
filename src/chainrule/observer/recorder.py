"""Recording a training step: the operations that lead from the weights to the loss.

A tensor depends on θ if it is a leaf that requires a gradient or comes from one that does. Of every
call with such an argument the function, its arguments, the grad and autocast modes and, where it
drew random numbers, the random state are kept. Everything else is data: copied at its first use,
so that nothing the script does later changes it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import BackwardCFunction
from torch.nn.parameter import Buffer
from torch.utils.checkpoint import CheckpointFunction

from chainrule import _guard
from chainrule.objective.step import (
    Autocast,
    Datum,
    Operation,
    OwnGenerator,
    Slot,
    autocast_kinds,
    leaves_of,
    replaced,
    results_of,
    stream,
    version,
)

from . import calls
from .cuda_graphs import is_recording
from .purity import side_effect
from .reads import MOST_NOTES, Reads
from .slots import Leaf, Slots
from .stack import caller, is_running, place
from .tape import Tape

_PLAIN = (Tensor, nn.Parameter, Buffer)


@dataclass(slots=True)
class _Pending:
    """A call that has begun.

    Attributes:
        operation: What it will be, but for its results.
        name: Of the function.
        tensors: Its tensors and their versions before it.
        reads: Their slots.
        unknown: Why its results cannot be made again.
        guards: True if its result only says whether numbers are finite.
    """

    operation: Operation
    name: str
    tensors: list[tuple[Tensor, int]]
    reads: list[int]
    unknown: str | None
    guards: bool


@dataclass(slots=True)
class Recorded:
    """What a loss was computed by.

    Attributes:
        operations: In order.
        data: By slot.
        leaves: By slot.
        reason: Why it cannot be done again; None if it can.
        notes: Numbers that the script read or drew on the way and that are kept as they were.
    """

    operations: list[Operation]
    data: dict[int, Datum]
    leaves: dict[int, Leaf]
    reason: str | None
    notes: tuple[str, ...]


class Recorder:
    """Records calls; see `interception.Listener`.

    Args:
        is_parameter: True for tensors that an optimizer or module holds.
        most_bytes: What the data may take; more is not copied.

    Attributes:
        reason: Why nothing more is recorded; None as long as it is.
        own_s: Seconds spent in here.
        returned: What `torch.autograd.grad` returned for parameters, by identity; one entry a call.
    """

    def __init__(self, is_parameter: Callable[[Tensor], bool], most_bytes: int) -> None:
        self.reason: str | None = None
        self.own_s = 0.0
        self.returned: list[dict[int, Tensor | None]] = []
        self._is_parameter = is_parameter
        self._slots = Slots(is_parameter, most_bytes)
        self._reads = Reads()
        self._draws: list[tuple[int, str]] = []
        self._tape = Tape()
        self._stretch = 0
        self._pending: _Pending | None = None
        self._guards: set[int] = set()
        self._pinned: set[int] = set()
        self._open: list[tuple[FrameType, bool]] = []
        self._applied: dict[int, Operation] = {}
        self._interrupt: BaseException | None = None

    # ---- called for each operation ----------------------------------------------------------

    def before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        """A function is about to be called."""
        began = time.perf_counter()
        try:
            self._pending = None
            if self.reason is None:
                self._before(function, arguments, keywords)
        except BaseException as error:  # ctypes would turn it into an ArgumentError
            self._fails(error)
        self.own_s += time.perf_counter() - began

    def after(self, result: Any) -> None:
        """It has returned."""
        began = time.perf_counter()
        if self._interrupt is not None:  # Ctrl-C, or a signal handler of the script's
            interrupt, self._interrupt = self._interrupt, None
            raise interrupt
        pending, self._pending = self._pending, None
        if pending is not None:
            try:
                self._after(pending, result)
            except Exception as error:
                self._fails(error)
        self.own_s += time.perf_counter() - began

    def _fails(self, error: BaseException) -> None:
        self._pending = None
        if not isinstance(error, Exception):
            self._interrupt = error
            return
        self.give_up(f"chainrule failed to record it ({type(error).__name__}: {error})")
        try:
            _guard.report("recording an operation", error)
        except Exception as raised:
            self._interrupt = raised

    def _before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        tensors: list[Tensor] = leaves_of(arguments, Tensor, [])
        if keywords:
            leaves_of(dict(keywords), Tensor, tensors)
        if not tensors:
            return
        if any(t.is_cuda for t in tensors) and is_recording():
            self.give_up("a CUDA graph was being recorded")
            return
        self._close_applied()
        name = calls.name_of(function)
        if not any(self._slots.depends(t) for t in tensors):
            if (text := self._slots.stale_view(tensors)) is None:
                return
            operation = Operation(function, (), {}, [], gradients=True)
            self._pending = _Pending(operation, name, [], [], text, guards=False)
        elif name == "detach" and self._slots.is_earlier(tensors[0]):
            return  # the state that an earlier step left: data of this one
        elif calls.replaces_data(function, name):
            self._slots.replaced(tensors[0], self._tape.count)
        elif not calls.looks_only(function, name):
            self._pending = self._begin(function, name, arguments, keywords, tensors)

    def _begin(
        self,
        function: Callable[..., Any],
        name: str,
        arguments: tuple[Any, ...],
        keywords: Mapping[str, Any],
        tensors: list[Tensor],
    ) -> _Pending:
        reads: list[int] = []
        unknown: list[str] = []

        def kept(value: Any) -> Any:
            if isinstance(value, Tensor):
                reads.append(self._slot(value))
                return Slot(reads[-1])
            if isinstance(value, torch.Generator):
                return OwnGenerator(value.device, value.get_state())
            if isinstance(value, tuple | dict) and leaves_of(value, Tensor, []):
                unknown.append(f"{name} at {place()} takes tensors in a {type(value).__name__}")
            return value

        operation = Operation(
            function,
            replaced(tuple(arguments), kept),
            {key: replaced(value, kept) for key, value in keywords.items()},
            [],
            torch.is_grad_enabled() or self._is_checkpointed(),
            self._autocast(),
        )
        if name in calls.SPARSE:
            _ask_for_dense(operation, calls.SPARSE[name])
        unknown += [self._slots.unknown[s] for s in reads if s in self._slots.unknown]
        unknown += [
            f"{name} at {place()} takes a {type(t).__name__}, which is no plain tensor"
            for t in tensors
            if type(t) not in _PLAIN
        ]
        if calls.is_gradient(function, name):
            unknown.append("a gradient (.grad) was used as a number, which a replay does not have")
        if not unknown and tensors[0].device.type != "meta":
            operation.streams = ((tensors[0].device, stream(tensors[0].device)),)
        return _Pending(
            operation,
            name,
            [(t, version(t)) for t in tensors],
            reads,
            unknown[0] if unknown else None,
            name in calls.FINITENESS
            or (name in calls.KEEPS_FINITENESS and self._guards.issuperset(reads)),
        )

    def _after(self, pending: _Pending, result: Any) -> None:
        operation = pending.operation
        if pending.name in calls.READS:
            if pending.unknown is None and not self._guards.issuperset(pending.reads):
                numel = max(t.numel() for t, _ in pending.tensors)
                self._reads.add(self._tape.count, pending.name, numel, caller())
            return
        found = [t for t in results_of(result) if t is not None]
        changed = [t for t, before in pending.tensors if version(t) != before]
        if pending.unknown is not None:
            for t in (*found, *changed):
                self._slots.unknown[self._slots.new(t)] = pending.unknown
            return
        if not found and not changed:
            return
        if operation.function is torch.autograd.grad:
            self._note_gradients(operation, result)
        changes = self._slots.changed(changed)
        operation.streams = tuple(
            (device, state)
            for device, state in operation.streams
            if not torch.equal(state, stream(device))
        )
        if operation.streams and not changed and not self._carries_gradient(found):
            # drawn with chances that depend on θ: no gradient goes through, so they are data
            self._draws.append((self._tape.count, f"{place()} ({pending.name})"))
            return
        operation.results = [self._slots.new(t) for t in found]
        if pending.guards:
            self._guards.update(operation.results)
        self._add(operation, pending.reads, changes)

    def _is_checkpointed(self) -> bool:
        """True if what runs without gradients now runs again, with them, in the backward pass."""
        return any(through for _, through in self._open)

    def _carries_gradient(self, results: list[Tensor]) -> bool:
        return self._is_checkpointed() or any(t.requires_grad for t in results)

    def _note_gradients(self, operation: Operation, result: Any) -> None:
        given = operation.keywords.get("inputs") or operation.arguments[1]
        found: dict[int, Tensor | None] = {}
        for slot, gradient in zip(leaves_of(given, Slot, []), result, strict=False):
            leaf = self._slots.leaves.get(slot.number)
            tensor = leaf.tensor() if leaf is not None else None
            if tensor is not None and self._is_parameter(tensor):
                found[id(tensor)] = None if gradient is None else self._slots.copy(gradient)
        if found and not operation.keywords.get("create_graph"):
            self.returned.append(found)

    def _add(self, operation: Operation, reads: list[int], changes: frozenset[int]) -> None:
        too_many = self._tape.add(operation, reads, changes)
        if too_many is not None:
            self.give_up(too_many)
        elif self._tape.is_due():
            alive = self._slots.alive() | self._pinned
            alive |= {s for op in self._applied.values() for s in op.results if s >= 0}
            self._slots.let_go(self._tape.keep_only(alive, self._slots.storage))

    def _autocast(self) -> Autocast | None:
        if not torch._C._is_any_autocast_enabled():
            return None
        kinds = tuple((kind, torch.get_autocast_dtype(kind)) for kind in autocast_kinds())
        return Autocast(kinds, self._stretch) if kinds else None

    def _slot(self, t: Tensor) -> int:
        node: Any = t.grad_fn
        if self._applied and isinstance(node, BackwardCFunction):
            slot = self._applied_result(t, node)
            if slot is not None:
                return slot
        return self._slots.of(t, self._tape.count)

    # ---- autograd.Function ------------------------------------------------------------------

    def applied(
        self, cls: type, arguments: tuple[Any, ...], keywords: Any, frame: FrameType
    ) -> None:
        """An `autograd.Function` is about to run; its results are found by their graph node."""
        began = time.perf_counter()
        try:
            if self.reason is None:
                self._close_applied()
                through = cls is CheckpointFunction  # the operations inside are as good as itself
                tensors: list[Tensor] = leaves_of(arguments, Tensor, [])
                if not through and any(self._slots.depends(t) for t in tensors):
                    self._apply(cls, arguments, keywords, tensors)
                self._open.append((frame, through))
        except Exception as error:
            self._fails(error)
        self.own_s += time.perf_counter() - began

    def _apply(self, cls: Any, arguments: Any, keywords: Any, tensors: list[Tensor]) -> None:
        if (effect := side_effect(cls)) is not None:
            self.give_up(f"{effect}: doing it again would be noticed")
            return
        pending = self._begin(cls.apply, cls.__name__, arguments, keywords, tensors)
        if pending.unknown is not None:
            return  # its results are found to be of unknown origin
        pending.operation.applied = True
        self._add(pending.operation, pending.reads, frozenset())
        # the graph node that is made next belongs to this call
        self._applied[torch._C._autograd._get_sequence_nr()] = pending.operation

    def _applied_result(self, t: Tensor, node: Any) -> int | None:
        operation = self._applied.get(node._sequence_nr())
        if operation is None:
            return None
        results, position = operation.results, t.output_nr
        results.extend([-1] * (position + 1 - len(results)))
        if results[position] < 0:
            results[position] = self._slots.new(t)
        return results[position]

    def _close_applied(self) -> None:
        while self._open and not is_running(self._open[-1][0]):
            self._open.pop()

    # ---- what a loss needs ------------------------------------------------------------------

    def pin(self, t: Tensor) -> int | None:
        """The slot of a loss, kept from now on; None if it does not depend on θ."""
        self._close_applied()
        if not self._slots.depends(t):
            return None
        slot = self._slot(t)
        self._pinned.add(slot)
        return slot

    def next_stretch(self) -> None:
        """A backward pass lies between what came and what comes: weights are cast anew."""
        self._stretch += 1

    def freeze(self, only: set[int] | None = None) -> None:
        """Keep the values of leaves before they are changed; see `Slots.freeze`."""
        self._slots.freeze(only)

    def recorded(self, roots: Iterable[int]) -> Recorded:
        """The operations that some slots need."""
        slots = self._slots
        records, needed = self._tape.needed(roots, slots.storage)
        data = {s: slots.data[s] for s in sorted(needed) if s in slots.data}
        unknown = sorted(s for s in needed if s in slots.unknown)
        last = max((r.number for r in records), default=-1)
        reason, notes = self._reads.judge(last, [slots.first_uses[s] for s in data])
        drawn = dict.fromkeys(where for number, where in self._draws if number <= last)
        notes += tuple(f"what was drawn at {where} is kept as it was" for where in drawn)
        return Recorded(
            [record.operation for record in records],
            data,
            {s: slots.leaves[s] for s in sorted(needed) if s in slots.leaves},
            slots.unknown[unknown[0]] if unknown else reason,
            notes[:MOST_NOTES],
        )

    # ---- letting go -------------------------------------------------------------------------

    def give_up(self, reason: str) -> None:
        """Record no further, and let go of everything."""
        self.reason = self.reason or reason
        self.forget()

    def forget(self) -> None:
        """Let go of everything that was recorded."""
        self._slots = Slots(self._is_parameter, 0)
        self._tape.clear()
        self._applied.clear()
        self.returned.clear()
        self._reads.clear()
        self._draws.clear()
        self.pause()

    def pause(self) -> None:
        """Hold on to no tensor of the script's while nothing is recorded."""
        self._pending = None
        self._open.clear()


def _ask_for_dense(operation: Operation, position: int) -> None:
    """A replay has dense gradients, as every instrument expects them."""
    if "sparse" in operation.keywords:
        operation.keywords["sparse"] = False
    operation.arguments = tuple(
        False if i == position else value for i, value in enumerate(operation.arguments)
    )
