"""L(θ) of a PyTorch module on one batch: the same function of θ at every call.

The module itself is never changed. For the time of a call `torch.func.functional_call` puts θ in
the place of its parameters and copies in the place of its buffers, and takes them out again.
"""

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from operator import methodcaller
from types import MethodType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.func import functional_call

from .errors import ObjectiveError
from .function import check_depends
from .objective import Evaluate, Objective, Point
from .random_streams import RandomStreams

T = TypeVar("T")


def from_module(model: nn.Module, loss: Callable[..., Tensor], batch: Any) -> Objective:
    """The objective of a module on one batch; see `Objective.from_module`.

    θ are the parameters that require a gradient; of tied parameters there is one. What else the
    loss depends on is copied now and never changes: the other parameters, the buffers, the batch,
    the random streams, whether autocast is on. So dropout uses the same mask at every θ, and batch
    norm in training mode the statistics of this batch.

    Args:
        model: In the mode (`train` or `eval`) in which its loss is meant.
        loss: `loss(output, target)`.
        batch: `(inputs, target)`, or a mapping of keyword arguments.

    Raises:
        ObjectiveError: If no parameter requires a gradient, the batch has another form, or the
            loss is not one number that depends on the parameters.
    """
    if not isinstance(model, nn.Module):
        raise ObjectiveError(
            f"Expected a torch.nn.Module, found {type(model).__name__}: for a function of tensors "
            "take Objective.from_callable."
        )
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not parameters:
        raise ObjectiveError(
            f"Expected a module with parameters that require a gradient, and {type(model).__name__}"
            " has none: call .requires_grad_() on those that L is to be a function of."
        )
    objective = _objective_of(
        _ModuleLoss(model, loss, batch),
        {name: p.detach() for name, p in parameters.items()},
        f"{type(model).__name__} on one batch",
    )
    try:
        check_depends(objective, "loss")
    except ObjectiveError:
        raise
    except Exception as error:  # of the model's own layers, or of the loss
        first = (str(error).strip().splitlines() or [""])[0]
        raise ObjectiveError(
            f"Expected a batch that {type(model).__name__} and its loss can take, found one of "
            f"{_shapes(batch)}, at which they stop with {type(error).__name__}: {first}. Give the "
            "batch that model(inputs) and loss(output, target) are called with."
        ) from error
    return objective


def _objective_of(loss: "_ModuleLoss", parameters: Point, description: str) -> Objective:
    def replicate() -> Objective | None:
        twin = loss.replica()
        return None if twin is None else _objective_of(twin, parameters, description)

    return Objective(
        loss,
        parameters,
        source="module",
        description=description,
        repeated=loss.at,
        replicate=replicate,
    )


def _shapes(batch: Any) -> str:
    """`shapes (32, 64), (32)`."""
    found = [str(tuple(tensor.shape)) for tensor in _tensors(batch)]
    if not found:
        return "no tensors"
    return f"shape{'s' if len(found) > 1 else ''} {', '.join(found[:4])}"


class _Stage(nn.Module):
    """Calls a function while `functional_call` holds other tensors in the model's place.

    So one swap serves many evaluations, and only public functions of PyTorch are used.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, body: Callable[[], Any]) -> Any:
        return body()


class _ModuleLoss:
    """The loss as a function of the trainable parameters alone."""

    def __init__(self, model: nn.Module, loss: Callable[..., Tensor], batch: Any) -> None:
        _check_batch(batch)
        self._stage = _Stage(model)
        self._batch = _copied(batch)
        self._loss = loss
        self._call = _caller(model, loss, batch)
        parameters = dict(model.named_parameters())
        self._frozen = {n: p.detach().clone() for n, p in parameters.items() if not p.requires_grad}
        buffers = dict(model.named_buffers())
        self._buffers = {name: buffer.detach().clone() for name, buffer in buffers.items()}
        # every place in the model, with the name of what is there: ties have several places.
        # functional_call can find ties itself, but does so anew at every call
        first = {id(tensor): name for name, tensor in (parameters | buffers).items()}
        self._places = [
            (f"model.{place}", first[id(tensor)])
            for named in (model.named_parameters, model.named_buffers)
            for place, tensor in named(remove_duplicate=False)
        ]
        held = (*parameters.values(), *buffers.values(), *_tensors(self._batch))
        devices = list(dict.fromkeys(tensor.device for tensor in held))
        self._streams = RandomStreams(devices)
        self._autocast = [
            (kind, torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind))
            for kind in dict.fromkeys(device.type for device in devices)
            if kind != "meta"
        ]
        self._changes_batch: bool | None = None  # not known before the first evaluation
        self._replaces_buffers = False

    def __call__(self, point: Point) -> Tensor:
        return self._streams.hold(lambda: self._swapped(point, self._fresh_buffers(), self._once))

    def at(self, point: Point, body: Callable[[Evaluate], T]) -> T:
        """See `Objective.at`."""
        if self._replaces_buffers or self._changes_batch is None:
            return body(lambda: self(point))
        buffers = self._fresh_buffers()
        versions = {name: buffer._version for name, buffer in buffers.items()}
        rewind, once = self._streams.rewind, self._once
        if not self._changes_batch and not self._casts():  # by the shortest way
            once = functools.partial(self._call, self._batch)

        def restore() -> None:
            for name, buffer in buffers.items():
                if buffer._version != versions[name]:  # batch norm updates its statistics
                    buffer.copy_(self._buffers[name])
                    versions[name] = buffer._version

        def evaluate() -> Tensor:
            rewind()
            if buffers:
                restore()
            return once()

        with self._streams.untouched():
            return self._swapped(point, buffers, lambda: body(evaluate))

    def replica(self) -> "_ModuleLoss | None":
        """The same loss of modules of its own; None if evaluations could disturb each other.

        Such as by hooks: what one notes for the loss is often kept outside of the model.
        """
        if self._replaces_buffers or self._changes_batch is not False:
            return None
        if _hooked(self._stage.model):
            return None
        try:
            modules = _replicated(self._stage.model)
        except Exception:  # a module that is no plain Python object
            return None
        model, loss = modules[self._stage.model], self._loss
        if isinstance(loss, MethodType) and loss.__self__ in modules:
            loss = MethodType(loss.__func__, modules[loss.__self__])
        twin = copy.copy(self)
        twin._stage = _Stage(model)
        twin._call = _caller(model, loss, self._batch)
        twin._streams = RandomStreams.none()
        return twin

    def _fresh_buffers(self) -> dict[str, Tensor]:
        return {name: buffer.clone() for name, buffer in self._buffers.items()}

    def _swapped(self, point: Point, buffers: Mapping[str, Tensor], body: Callable[[], T]) -> T:
        """`body()` while the model holds θ and the buffers given."""
        held = {**point, **self._frozen, **buffers}
        in_place = {place: held[name] for place, name in self._places}
        result: T = functional_call(self._stage, in_place, (body,), tie_weights=False)
        return result

    def _once(self) -> Tensor:
        """One forward pass; the model holds θ already."""
        if self._changes_batch is None:
            return self._first()
        batch = _copied(self._batch) if self._changes_batch else self._batch
        return self._forward(batch)

    def _first(self) -> Tensor:
        """The first pass, in which is seen what the model changes besides its result."""
        batch = _copied(self._batch)
        versions = [tensor._version for tensor in _tensors(batch)]
        before = [id(buffer) for buffer in self._stage.buffers()]
        value = self._forward(batch)
        self._changes_batch = versions != [tensor._version for tensor in _tensors(batch)]
        self._replaces_buffers = before != [id(buffer) for buffer in self._stage.buffers()]
        return value

    def _forward(self, batch: Any) -> Tensor:
        if not self._casts():
            return self._call(batch)
        with ExitStack() as stack:
            for kind, enabled, dtype in self._autocast:
                stack.enter_context(torch.autocast(kind, enabled=enabled, dtype=dtype))
            return self._call(batch)

    def _casts(self) -> bool:
        """True if autocast was on, or is now where it was not."""
        return any(
            enabled or torch.is_autocast_enabled(kind) for kind, enabled, _ in self._autocast
        )


def _replicated(model: nn.Module) -> dict[nn.Module, nn.Module]:
    """Modules of their own that hold the same tensors, made as for `torch.nn.DataParallel`.

    What else a module has is shared, but for its own tensors, lists and mappings: it may keep there
    what one evaluation hands to the next line of itself.
    """
    replicate = methodcaller("_replicate_for_data_parallel")  # recurrent layers have their own
    twins: dict[nn.Module, nn.Module] = {each: replicate(each) for each in model.modules()}
    plain = vars(nn.Module())
    for module, twin in twins.items():
        for name, value in vars(module).items():
            if name not in plain:
                vars(twin)[name] = _own(value)
        twin._parameters = module._parameters.copy()
        twin._modules = {n: c if c is None else twins[c] for n, c in module._modules.items()}
    return twins


def _own(value: Any) -> Any:
    """What a replica has in the place of an attribute that is no parameter, buffer or module."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    return copy.copy(value) if isinstance(value, dict | list | set) else value


def _hooked(model: nn.Module) -> bool:
    return any(each._forward_hooks or each._forward_pre_hooks for each in model.modules())


def _caller(model: nn.Module, loss: Callable[..., Tensor], batch: Any) -> Callable[[Any], Tensor]:
    """The loss of any batch of the form of `batch`; the form is looked at once."""
    if isinstance(batch, Mapping):
        return lambda given: loss(model(**given), given)
    inputs = batch[0]
    if isinstance(inputs, Mapping):
        return lambda given: loss(model(**given[0]), given[1])
    if isinstance(inputs, tuple | list):
        return lambda given: loss(model(*given[0]), given[1])
    return lambda given: loss(model(given[0]), given[1])


def _check_batch(batch: Any) -> None:
    if isinstance(batch, Mapping) or (isinstance(batch, tuple | list) and len(batch) == 2):
        return
    length = f" of {len(batch)}" if isinstance(batch, tuple | list) else ""
    raise ObjectiveError(
        f"Expected a batch (inputs, target), or a mapping of the model's keyword arguments, found "
        f"{type(batch).__name__}{length}: several inputs go into a tuple of their own, "
        "((a, b), target)."
    )


def _copied(tree: Any) -> Any:
    """A copy of every tensor in nested lists, tuples and mappings; anything else as it is."""
    if isinstance(tree, Tensor):
        return tree.detach().clone()
    if isinstance(tree, Mapping):
        return {key: _copied(value) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_copied(value) for value in tree))
    if isinstance(tree, tuple | list):
        return type(tree)(_copied(value) for value in tree)
    return tree


def _tensors(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from _tensors(value)
    elif isinstance(tree, tuple | list):
        for value in tree:
            yield from _tensors(value)
