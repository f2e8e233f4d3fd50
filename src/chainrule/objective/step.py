"""L(θ) of a captured training step: the operations of the step done again, with other weights.

A step is a list of calls of PyTorch functions, in the order in which they ran. Their arguments are
plain values and places for tensors. What depends on the weights is computed again; everything else
is data and kept as it was. No line of the user's program runs, except in an `autograd.Function`.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

from .errors import ObjectiveError
from .objective import Objective, Point
from .random_streams import RandomStreams

Stream = tuple[torch.device, Tensor]
"""A device and the state of its random stream."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a tensor among the arguments of an operation."""

    number: int


@dataclass(frozen=True, slots=True)
class OwnGenerator:
    """A random generator of the script's, in the state in which it was."""

    device: torch.device
    state: Tensor

    def make(self) -> torch.Generator:
        """A generator in that state; the script's own is left alone."""
        generator = torch.Generator(self.device)
        generator.set_state(self.state)
        return generator


@dataclass(frozen=True, slots=True)
class Autocast:
    """A stretch of operations under one autocast context.

    Attributes:
        kinds: `(device type, dtype)` of those that were on.
        stretch: Number of the stretch. Weights are cast once in each.
    """

    kinds: tuple[tuple[str, torch.dtype], ...]
    stretch: int


@dataclass(slots=True)
class Operation:
    """One call.

    Attributes:
        function: What was called.
        arguments: Its arguments, with `Slot` in the place of tensors.
        keywords: Its keyword arguments.
        results: For each tensor of the result the slot that it goes to; -1 if none does.
        gradients: Whether autograd recorded it.
        autocast: The autocast contexts it ran in.
        streams: Where the random streams were, if it drew from them.
        applied: True for `autograd.Function.apply`, whose results count by position.
        last_of: Slots that nothing needs afterwards.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    results: list[int]
    gradients: bool
    autocast: Autocast | None = None
    streams: tuple[Stream, ...] = ()
    applied: bool = False
    last_of: tuple[int, ...] = ()


@dataclass(slots=True)
class Datum:
    """A tensor that does not depend on θ.

    Attributes:
        tensor: A copy; or the script's own, if it was too large to copy.
        requires_grad: True for a leaf of the graph that is no parameter of this objective.
        changes: True if the step changes it in place, so that each evaluation needs a fresh copy.
        version: Version counter of the script's own tensor; None for a copy.
    """

    tensor: Tensor
    requires_grad: bool = False
    changes: bool = False
    version: int | None = None

    def fresh(self) -> Tensor:
        """The tensor for one evaluation."""
        if self.version is not None and version(self.tensor) != self.version:
            raise ObjectiveError(
                "Expected the data of the captured step as it was, found that the script has "
                f"changed a tensor of shape {tuple(self.tensor.shape)} in place since, which was "
                "too large to copy: ask before the next step, or let the script make a new tensor."
            )
        tensor = self.tensor.clone() if self.changes else self.tensor
        return tensor.detach().requires_grad_() if self.requires_grad else tensor


@dataclass(slots=True)
class Term:
    """What one backward pass adds to the loss: Σ ⟨seed, root⟩ / scale.

    Attributes:
        roots: Slots that the pass started from.
        seeds: Their gradients; None stands for 1.
        scale: What a GradScaler had multiplied the loss by.
        values: What the roots were in the step.
    """

    roots: tuple[int, ...]
    seeds: tuple[Tensor | None, ...]
    scale: float
    values: tuple[Tensor, ...]

    def total(self, roots: Sequence[Tensor]) -> Tensor:
        """The term from the values of its roots."""
        pieces = [
            root if seed is None else (root * seed).sum()
            for root, seed in zip(roots, self.seeds, strict=True)
        ]
        total = pieces[0]
        for piece in pieces[1:]:
            total = total + piece
        total = total.real if total.is_complex() else total
        return total / self.scale if self.scale != 1.0 else total


@dataclass(slots=True)
class Program:
    """The operations of a step, ready to be done again.

    Attributes:
        operations: In the order in which they ran.
        data: Tensors that do not depend on θ, by slot.
        leaves: Name in θ of each slot that holds a parameter.
        complex_names: Parameters that are complex: in θ they are real, with a last axis of 2.
        terms: What the loss consists of.
        needs_graph: True if L itself takes a gradient, or if other kernels run without autograd.
    """

    operations: list[Operation]
    data: dict[int, Datum]
    leaves: dict[int, str]
    complex_names: frozenset[str]
    terms: list[Term]
    needs_graph: bool = False
    _streams: RandomStreams | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        kept = {slot for term in self.terms for slot in term.roots}
        for operation in reversed(self.operations):
            seen = {s for s in operation.results if s >= 0}
            seen.update(slots_in((operation.arguments, operation.keywords)))
            operation.last_of = tuple(seen - kept)
            kept |= seen
        devices = {datum.tensor.device for datum in self.data.values()}
        devices |= {device for op in self.operations for device, _ in op.streams}
        if any(op.streams or op.applied for op in self.operations):
            self._streams = RandomStreams(devices)

    def loss(self, point: Point) -> Tensor:
        """L(θ)."""
        # autograd records only what comes from a tensor that requires a gradient: that it is on
        # does not suffice
        recorded = torch.is_grad_enabled() and any(t.requires_grad for t in point.values())
        if recorded or not self.needs_graph:
            return self._loss(point)
        with torch.enable_grad():
            leaves = {name: t.detach().requires_grad_() for name, t in point.items()}
            return self._loss(leaves).detach()

    def _loss(self, point: Point) -> Tensor:
        return self.total(self.run(point))

    def total(self, values: Sequence[Sequence[Tensor]]) -> Tensor:
        """L from the values of all roots."""
        parts = [term.total(roots) for term, roots in zip(self.terms, values, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total.reshape(())

    def run(self, point: Point) -> list[list[Tensor]]:
        """The roots of each term at θ."""
        places: dict[int, Tensor] = {slot: datum.fresh() for slot, datum in self.data.items()}
        views = {name: self._leaf(name, tensor) for name, tensor in point.items()}
        places.update({slot: views[name] for slot, name in self.leaves.items()})
        with ExitStack() as stack:
            stack.enter_context(_undisturbed())
            if self._streams is not None:
                stack.enter_context(self._streams.untouched())
            self._do(places, graph=torch.is_grad_enabled())
        return [[places[slot] for slot in term.roots] for term in self.terms]

    def _leaf(self, name: str, tensor: Tensor) -> Tensor:
        return torch.view_as_complex(tensor) if name in self.complex_names else tensor

    def _do(self, places: dict[int, Tensor], *, graph: bool) -> None:
        def filled(value: Any) -> Any:
            if type(value) is Slot:
                return places[value.number]
            if type(value) is OwnGenerator:
                return value.make()
            return value

        now: Autocast | None = None
        with ExitStack() as outer:
            casting = outer.enter_context(ExitStack())
            outer.enter_context(torch.set_grad_enabled(graph))
            for operation in self.operations:
                if operation.autocast != now:
                    casting.close()
                    now = operation.autocast
                    for kind, dtype in now.kinds if now is not None else ():
                        casting.enter_context(torch.autocast(kind, dtype=dtype))
                torch._C._set_grad_enabled(graph and operation.gradients)
                for device, state in operation.streams:
                    set_stream(device, state)
                result = operation.function(
                    *replaced(operation.arguments, filled),
                    **{key: replaced(v, filled) for key, v in operation.keywords.items()},
                )
                made = zip(operation.results, results_of(result, operation.applied), strict=False)
                places.update({slot: t for slot, t in made if slot >= 0 and t is not None})
                del result, made
                for slot in operation.last_of:
                    places.pop(slot, None)


def objective_of_step(
    program: Program, parameters: Mapping[str, Tensor], *, description: str
) -> Objective:
    """The objective of a captured step.

    Args:
        program: Its operations.
        parameters: θ before the step; complex ones as `real_view` gives them.
        description: For titles.
    """
    return Objective(program.loss, parameters, source="step", description=description)


# ---- what a recorder and a replay have in common ----------------------------------------------


def real_view(tensor: Tensor) -> Tensor:
    """A complex tensor as a real one with a last axis of 2; a real one as it is."""
    if not tensor.is_complex():
        return tensor
    return torch.view_as_real(tensor.resolve_conj())


def version(tensor: Tensor) -> int:
    """Counts the changes in place of a tensor; 0 where PyTorch does not count."""
    return 0 if tensor.is_inference() else tensor._version


def replaced(value: Any, by: Callable[[Any], Any]) -> Any:
    """A copy of nested lists, tuples, dictionaries and slices, `by` applied to each leaf."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([replaced(item, by) for item in value])
    if kind is dict:
        return {key: replaced(item, by) for key, item in value.items()}
    if kind is slice:
        return slice(*(replaced(v, by) for v in (value.start, value.stop, value.step)))
    return by(value)


def leaves_of(value: Any, kind: type, found: list[Any]) -> list[Any]:
    """Append to `found` the leaves of one type in nested lists, tuples and so on."""
    if isinstance(value, kind):
        found.append(value)
    elif isinstance(value, tuple | list):
        for item in value:
            leaves_of(item, kind, found)
    elif type(value) is dict:
        for item in value.values():
            leaves_of(item, kind, found)
    elif type(value) is slice:
        for item in (value.start, value.stop, value.step):
            leaves_of(item, kind, found)
    return found


def slots_in(value: Any) -> list[int]:
    """Numbers of the slots in the arguments of an operation."""
    return [slot.number for slot in leaves_of(value, Slot, [])]


def results_of(result: Any, applied: bool = False) -> list[Tensor | None]:
    """The tensors of a result, in order; of an applied function one entry a position."""
    if applied:
        pieces = result if isinstance(result, tuple) else (result,)
        return [piece if isinstance(piece, Tensor) else None for piece in pieces]
    if isinstance(result, Tensor):
        return [result]
    return leaves_of(result, Tensor, [])


def stream(device: torch.device) -> Tensor:
    """The state of a device's random stream."""
    if device.type == "cpu":
        return torch.default_generator.get_state()
    state: Tensor = torch.get_device_module(device).get_rng_state(device)
    return state


def set_stream(device: torch.device, state: Tensor) -> None:
    """Put a device's random stream to a state."""
    if device.type == "cpu":
        torch.default_generator.set_state(state)
    else:
        torch.get_device_module(device).set_rng_state(state, device)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nothing of the script's reaches us, nothing of ours reaches it.

    Its modes, an autocast context or anomaly mode around the whole loop, and warnings, which it
    has had already when the step ran. Filters are not touched: that would make Python forget
    which warnings it has shown.
    """
    shown: Any = getattr(warnings, "_showwarnmsg", None)
    with ExitStack() as stack:
        if torch._C._len_torch_dispatch_stack():
            stack.enter_context(_disable_current_modes())
        if torch._C._len_torch_function_stack():
            stack.enter_context(torch._C.DisableTorchFunction())
        if torch._C._is_any_autocast_enabled():
            for kind in autocast_kinds():
                stack.enter_context(torch.autocast(kind, enabled=False))
        anomaly = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
        if shown is not None:
            warnings._showwarnmsg = lambda message: None  # type: ignore[attr-defined]
        if anomaly[0]:
            torch.set_anomaly_enabled(False)
        try:
            yield
        finally:
            if anomaly[0]:
                torch.set_anomaly_enabled(*anomaly)
            if shown is not None:
                warnings._showwarnmsg = shown  # type: ignore[attr-defined]


def autocast_kinds() -> tuple[str, ...]:
    """Device types for which autocast is on."""
    kinds = ["cpu"]
    accelerator = sys.modules.get("torch.accelerator")
    if accelerator is not None and accelerator.is_available():
        kinds.append(accelerator.current_accelerator().type)
    return tuple(kind for kind in kinds if torch.is_autocast_enabled(kind))
