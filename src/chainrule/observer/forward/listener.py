"""Listens to the calls of a captured step, and keeps what is asked of a forward pass.

Nothing of the script's is kept: numbers are taken at once, and an operation is known again in the
graph of a backward pass by its sequence number.
"""

import math
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from chainrule import _guard
from chainrule.objective.step import leaves_of, results_of
from chainrule.observer import calls
from chainrule.observer.modes import unseen
from chainrule.observer.names import Names
from chainrule.observer.stack import is_running
from chainrule.records import (
    Cut,
    FeatureScales,
    LayerCall,
    LossCall,
    NormalizationCall,
    Place,
    Values,
    draws,
    operation,
)

from .behind import Reached, operations_after_layer, parameters_behind, weight_index
from .comparisons import DIFFERENCES, LOSSES, Comparison, compared_by_hand, compared_by_loss
from .cuts import Cuts
from .normalization import UNKNOWN, against_running
from .products import PRODUCTS
from .site import here
from .values import MOST_FEATURES, can_be_read, scales_of, values_of

MOST_CALLS = 50_000
"""Calls looked at in one step: each costs some 10 µs, half a second in all."""

MOST_KEPT = 1_000
"""Layers, losses and normalisations kept of one step: numbers of each cost some 0.2 ms."""

_SMALL = 64  # features whose E[x xᵀ] is taken apart in every captured step; of more, once a run

_FROM_PYTHON = frozenset(["tensor", "as_tensor", "from_numpy", "asarray"])
_ONLY_SHAPE = ("_like", "new_")  # zeros_like, new_zeros: the numbers have no part in it
_SIDE_BY_SIDE = frozenset(["broadcast_tensors", "meshgrid", "split", "atleast_1d", "atleast_2d"])
_STEPS = frozenset(["round", "floor", "ceil", "trunc", "fix", "sign", "heaviside"])
"""Functions that keep the way to the weights, and let nothing through: their derivative is 0."""


@dataclass(slots=True)
class _Pending:
    """A call that has begun."""

    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    tensors: list[Tensor]
    cuts: frozenset[int]
    gradients: bool
    apart: tuple[float, float] = UNKNOWN


class ForwardListener:
    """Keeps what is asked of the forward passes of one step; see `interception.Listener`.

    Args:
        names: Names of modules and parameters.

    Attributes:
        own_s: Seconds spent in here.
    """

    def __init__(self, names: Names) -> None:
        self.own_s = 0.0
        self._names = names
        self._cuts = Cuts()
        self._layers: list[tuple[int, LayerCall]] = []
        self._losses: list[tuple[int, LossCall]] = []
        self._normalizations: list[tuple[int | None, NormalizationCall]] = []
        self._conditions: dict[int, float] = {}
        self._before_broadcast: dict[int, tuple[weakref.ref[Tensor], tuple[int, ...]]] = {}
        self._pending: _Pending | None = None
        self._open: list[FrameType] = []
        self._count = 0
        self._failed = False
        self._interrupt: BaseException | None = None

    # ---- called for each operation ----------------------------------------------------------

    def before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        """A function is about to be called."""
        began = time.perf_counter()
        self._pending = None
        if not self._failed and self._count < MOST_CALLS:
            try:
                self._pending = self._begin(function, arguments, keywords)
            except BaseException as error:  # ctypes would turn it into an ArgumentError
                self._fails(error)
        self.own_s += time.perf_counter() - began

    def after(self, result: Any) -> None:
        """It has returned."""
        if self._interrupt is not None:  # Ctrl-C, or a signal handler of the script's
            interrupt, self._interrupt = self._interrupt, None
            raise interrupt
        pending, self._pending = self._pending, None
        if pending is None:
            return
        began = time.perf_counter()
        try:
            with unseen(), torch.no_grad():
                self._end(pending, result)
        except Exception as error:
            self._fails(error)
        self.own_s += time.perf_counter() - began

    def applied(self, frame: FrameType) -> None:
        """An `autograd.Function` is about to run: what is called in it is part of its one node."""
        self._open.append(frame)

    def _fails(self, error: BaseException) -> None:
        if not isinstance(error, Exception):
            self._interrupt = error
            return
        self._failed = True
        self.forget()
        try:
            _guard.report("looking at a forward pass", error)
        except Exception as raised:
            self._interrupt = raised

    def _begin(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> _Pending | None:
        name = calls.name_of(function)
        if name in _FROM_PYTHON:
            return _Pending(name, arguments, keywords, [], frozenset(), torch.is_grad_enabled())
        if calls.looks_only(function, name) or getattr(function, "__name__", "") == "__set__":
            return None
        if calls.is_gradient(function, name):
            return None  # of a weight, not made of it
        tensors: list[Tensor] = leaves_of(arguments, Tensor, [])
        if keywords:
            leaves_of(dict(keywords), Tensor, tensors)
        cuts = self._cuts.behind(tensors)
        if not cuts and name != "batch_norm" and not any(t.requires_grad for t in tensors):
            return None
        if self._inside_function() or _is_foreign():
            return None
        self._count += 1
        pending = _Pending(name, arguments, keywords, tensors, cuts, torch.is_grad_enabled())
        if name == "batch_norm":
            with unseen(), torch.no_grad():
                pending.apart = against_running(arguments)
        return pending

    def _inside_function(self) -> bool:
        while self._open and not is_running(self._open[-1]):
            self._open.pop()
        return bool(self._open)

    def _end(self, pending: _Pending, result: Any) -> None:
        name = pending.name
        made = [t for t in results_of(result) if t is not None]
        if name in _FROM_PYTHON:
            if pending.arguments and made:
                found = self._cuts.behind_value(pending.arguments[0], made[0])
                self._cuts.made(made[:1], found)
            return
        if name == "broadcast_tensors":  # as losses call it before they compare
            for t, given in zip(made, pending.tensors, strict=False):
                self._before_broadcast[id(t)] = (weakref.ref(t), tuple(given.shape))
        trained = next((t for t in made if t.requires_grad), None)
        if pending.gradients and trained is not None and trained.grad_fn is not None:
            self._look_at(pending, trained, int(trained.grad_fn._sequence_nr()))
            if name.strip("_") in _STEPS or draws(name):  # neither lets anything through
                cut = self._cut(pending, frozenset())
                self._cuts.level(int(trained.grad_fn._sequence_nr()), cut)
        elif name == "batch_norm" and pending.gradients and made:
            self._normalization(pending, None, None)
        self._follow(pending, made, result)

    # ---- layers, losses, normalisations -----------------------------------------------------

    def _look_at(self, pending: _Pending, made: Tensor, number: int) -> None:
        name = pending.name
        if len(self._layers) + len(self._losses) + len(self._normalizations) > MOST_KEPT:
            return
        if name in PRODUCTS:
            self._layer(pending, made, number)
        elif name in LOSSES:
            found = compared_by_loss(name, pending.arguments, pending.keywords)
            if found is not None:
                self._loss(name, found, made, number)
        elif name in DIFFERENCES:
            found = compared_by_hand(pending.arguments)
            if found is not None and can_be_read(made):
                self._loss("sub", found, made, number)
        elif name == "batch_norm":
            self._normalization(pending, made, number)

    def _place(self, made: Tensor | None, name: str) -> Place:
        module, source = here(self._names)
        kind = name
        if made is not None and made.grad_fn is not None:
            kind = operation(made.grad_fn.name())
        return Place(module, kind, source)

    def _is_trained(self, t: Tensor) -> bool:
        """True if a tensor depends on a weight, and not on data alone that require a gradient."""
        return t.requires_grad and (t.grad_fn is not None or self._names.index(t) is not None)

    def _layer(self, pending: _Pending, made: Tensor, number: int) -> None:
        product = PRODUCTS[pending.name](pending.arguments, pending.keywords)
        if product is None:
            return
        parameter = weight_index(product.weight, self._names.index)
        if parameter is None:
            return
        trained = self._is_trained(product.given)
        scales = None
        if not trained and not self._cuts.behind([product.given]):
            scales = self._scales(product.given, parameter, product.channels_first)
        call = LayerCall(
            place=self._place(made, pending.name),
            function=pending.name.strip("_"),
            parameter=parameter,
            fan_in=product.fan_in,
            given=values_of(product.given, trained=trained),
            made=values_of(made, trained=True),
            scales=scales,
        )
        self._layers.append((number, call))

    def _scales(self, given: Tensor, parameter: int, channels_first: bool) -> FeatureScales | None:
        features = given.shape[1 if channels_first else -1] if given.dim() > 1 else 0
        known = self._conditions.get(parameter)
        small = features <= _SMALL
        found = scales_of(given, channels_first=channels_first, condition=small or known is None)
        if found is None or small or features > MOST_FEATURES:
            return found
        if known is None:
            self._conditions[parameter] = found.condition
            return found
        return replace(found, condition=known)

    def _loss(self, function: str, found: Comparison, made: Tensor, number: int) -> None:
        target = found.target
        call = LossCall(
            place=self._place(made, function),
            function=function,
            reduction=found.reduction,
            prediction=self._given(found.prediction),
            target=None if target is None else self._given(target),
            made=values_of(made, trained=True),
            after=operations_after_layer(found.prediction),
        )
        self._losses.append((number, call))

    def _given(self, t: Tensor) -> Values:
        """A tensor in numbers, with the shape that it had before it was broadcast."""
        found = values_of(t, trained=self._is_trained(t))
        known = self._before_broadcast.get(id(t))
        if known is None or known[0]() is not t or known[1] == found.shape:
            return found
        return replace(found, shape=known[1], sum_last=(math.nan, math.nan))

    def _normalization(self, pending: _Pending, made: Tensor | None, number: int | None) -> None:
        given, training = pending.arguments[0], bool(pending.arguments[5])
        if not isinstance(given, Tensor) or given.dim() < 2 or not given.shape[1]:
            return
        call = NormalizationCall(
            place=self._place(made, pending.name),
            training=training,
            values=given.numel() // given.shape[1],
            examples=given.shape[0],
            gap=pending.apart[0],
            deviation_ratio=pending.apart[1],
        )
        self._normalizations.append((number, call))

    # ---- cuts -------------------------------------------------------------------------------

    def _follow(self, pending: _Pending, made: list[Tensor], result: Any) -> None:
        """Follow what has no gradient any more, and note where it lost it."""
        name, cuts = pending.name, pending.cuts
        own = {id(t) for t in pending.tensors}
        untrained = [t for t in made if not _has_way(t, pending, own)]
        fresh = [t for t in made if t.requires_grad and id(t) not in own]
        if cuts and fresh and pending.gradients:
            self._cuts.meet(cuts, lambda: self._behind_the_trained(pending))
        reads = name in calls.READS
        if not untrained and not reads:
            return
        if len(untrained) < len(made):  # the places of a maximum, beside its value
            untrained = [t for t in untrained if not t.is_floating_point()]
        if name in _SIDE_BY_SIDE:
            return
        if not name.endswith(_ONLY_SHAPE[0]) and not name.startswith(_ONLY_SHAPE[1]):
            cuts = cuts | self._cut(pending, cuts)
        if reads:
            numel = max((t.numel() for t in pending.tensors), default=0)
            inside = bool(cuts) and bool(here(self._names)[0])
            self._cuts.read(result, numel, cuts, inside=inside)
        self._cuts.made(untrained, cuts)

    def _behind_the_trained(self, pending: _Pending) -> list[int]:
        """The parameters behind what a call was given that no cut had given back."""
        found: list[int] = []
        for t in pending.tensors:
            if t.requires_grad and not self._cuts.behind([t]):
                found += parameters_behind(t, self._names.index)
        return found

    def _cut(self, pending: _Pending, cuts: frozenset[int]) -> frozenset[int]:
        """The cut that a call made; empty if nothing trained went into it."""
        given = [t for t in pending.tensors if t.requires_grad]
        if not given:
            return frozenset()
        index = self._names.index
        parameters: dict[int, None] = {}
        for t in given:
            parameters.update(dict.fromkeys(parameters_behind(t, index)))
        if not pending.gradients:
            parameters.update(dict.fromkeys(self._cuts.parameters(cuts)))
        if not parameters:
            return frozenset()
        return self._cuts.add(
            pending.name.strip("_") if pending.gradients else "no_grad",
            self._place(None, pending.name),
            tuple(pending.tensors[0].shape),
            tuple(parameters)[:64],
        )

    # ---- what is asked of it ----------------------------------------------------------------

    def begins(self, roots: list[Tensor]) -> None:
        """A backward pass begins from these tensors."""
        self._pending = None
        self._cuts.use(self._cuts.behind(roots))

    def layers(self, reached: Reached) -> tuple[LayerCall, ...]:
        """The layers that backward passes have reached."""
        return tuple(call for number, call in self._layers if number in reached.calls)

    def losses(self, reached: Reached) -> tuple[LossCall, ...]:
        """The losses that backward passes have started from."""
        found = [(n, c) for n, c in self._losses if n in reached.near]
        named = tuple(call for _, call in found if call.function != "sub")
        return named or tuple(call for _, call in found[-1:])

    def normalizations(self, reached: Reached) -> tuple[NormalizationCall, ...]:
        """The batch normalisations that backward passes have reached."""
        return tuple(c for n, c in self._normalizations if n is None or n in reached.calls)

    def cuts(self, reached: Reached) -> tuple[Cut, ...]:
        """The cuts of the present step."""
        return self._cuts.records(reached.calls)

    def next_update(self, reached: Reached) -> None:
        """An optimizer has stepped: what led to it is told, and the rest is waited for."""
        self._layers = [(n, c) for n, c in self._layers if n not in reached.calls]
        self._losses = [(n, c) for n, c in self._losses if n not in reached.calls]
        self._normalizations = [
            (n, c) for n, c in self._normalizations if n is not None and n not in reached.calls
        ]

    def forget(self) -> None:
        """The step is over."""
        self._pending = None
        self._open.clear()
        self._layers.clear()
        self._losses.clear()
        self._normalizations.clear()
        self._cuts.forget()
        self._before_broadcast.clear()
        self._count = 0

    def start(self) -> None:
        """A step begins."""
        self.forget()
        self._failed = False


def _has_way(made: Tensor, pending: _Pending, own: set[int]) -> bool:
    """True if a gradient finds its way from what a call made to what it was given.

    A view that is taken where gradients are switched off says that it requires one, and has none.
    """
    if not made.requires_grad:
        return False
    if made.grad_fn is None and not pending.gradients:
        return id(made) in own
    return not draws(pending.name)


def _is_foreign() -> bool:
    """True where a call is not what it seems: inside torch.func, under a profiler."""
    return (
        torch._C._functorch.peek_interpreter_stack() is not None
        or torch._C._autograd._profiler_enabled()
    )
