"""One run of autograd that leaves no trace: what each operation received, and what it sent.

`torch.autograd.grad` computes the gradients; a hook on each operation keeps what passes by. The
`.grad` of every tensor, the graph and the random streams are as before.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from chainrule.objective.random_streams import RandomStreams

from .errors import ExplanationError
from .walk import Walk


@dataclass(slots=True)
class Measured:
    """The gradients of one backward pass.

    Attributes:
        gradients: ∂L/∂w of each tensor asked about, as `torch.autograd.grad` returns it.
        received: ∂L/∂(output) of each operation on a way, one for each of its outputs.
        sent: What each sends to an input, by (operation, input); None is a gradient of zero.
        visits: Operations in the order in which autograd ran them.
        hooked: Tensors of the user's own with hooks, which the run has called.
    """

    gradients: list[Tensor] = field(default_factory=list)
    received: dict[int, tuple[Tensor | None, ...]] = field(default_factory=dict)
    sent: dict[tuple[int, int], Tensor | None] = field(default_factory=dict)
    visits: list[int] = field(default_factory=list)
    hooked: int = 0


def measure(loss: Tensor, wrt: Sequence[Tensor], names: Sequence[str], walked: Walk) -> Measured:
    """Run autograd once and keep what every operation on a way received and sent.

    Raises:
        ExplanationError: If autograd cannot run: the graph is freed, or an operation refuses.
    """
    measured = Measured()
    handles = []
    devices = {tensor.device for tensor in (loss, *wrt)}
    for i, recorded in enumerate(walked.operations):
        if recorded.on_way and recorded.leaf is None:
            handles.append(recorded.node.register_hook(_Keeper(measured, i)))
    try:
        with RandomStreams(devices).untouched(), _retained(walked, measured):
            found = torch.autograd.grad(loss, list(wrt), retain_graph=True, allow_unused=True)
    except RuntimeError as error:
        raise ExplanationError(_refused(str(error))) from error
    finally:
        for handle in handles:
            handle.remove()
    for tensor, gradient, name in zip(wrt, found, names, strict=True):
        if gradient is None:
            raise ExplanationError(
                f"Autograd sends no gradient to {name}, though operations lead there: a backward "
                "on the way returned None for it. See what that operation's backward returns."
            )
        measured.gradients.append(_dense(gradient.detach()))
        if gradient.shape != tensor.shape:
            raise ExplanationError(
                f"The gradient of {name} has the shape {tuple(gradient.shape)}, the tensor "
                f"{tuple(tensor.shape)}: it was resized after the loss was computed. Compute the "
                "loss again."
            )
    return measured


class _Keeper:
    """A hook that keeps what one operation receives and sends."""

    def __init__(self, measured: Measured, index: int) -> None:
        self._measured, self._index = measured, index

    def __call__(self, sent: tuple[Any, ...], received: tuple[Any, ...]) -> None:
        measured, i = self._measured, self._index
        measured.visits.append(i)
        measured.received[i] = tuple(None if g is None else _dense(g.detach()) for g in received)
        for j, g in enumerate(sent):
            measured.sent[i, j] = None if g is None else _dense(g.detach())


def _dense(gradient: Tensor) -> Tensor:
    return gradient.to_dense() if gradient.layout != torch.strided else gradient


@contextmanager
def _retained(walked: Walk, measured: Measured) -> Iterator[None]:
    """Put `.grad` of inner tensors back: after `retain_grad()`, any run of autograd adds to it."""
    nodes = {recorded.node for recorded in walked.operations if recorded.on_way}
    kept: list[tuple[Tensor, Tensor | None]] = []
    kinds = _kinds_of(Tensor)
    for thing in [each for each in gc.get_objects() if type(each) in kinds]:
        if not thing.requires_grad:
            continue
        if not thing.is_leaf and thing.retains_grad:
            kept.append((thing, thing.grad))
        if thing._backward_hooks and thing.grad_fn in nodes:
            measured.hooked += 1
    try:
        yield
    finally:
        for tensor, gradient in kept:
            if tensor.grad is not gradient:
                tensor.grad = gradient


def _kinds_of(kind: type) -> set[type]:
    """A class and all below it; looking a type up in a set is the fastest way through a heap."""
    found = {kind}
    below: type
    for below in kind.__subclasses__():
        found |= _kinds_of(below)
    return found


def _refused(message: str) -> str:
    first = message.strip().split("\n")[0]
    if "second time" in message or "already been freed" in message:
        return (
            "The graph of this loss has been freed by an earlier backward(). Explain the loss "
            "before calling backward(), or call backward(retain_graph=True)."
        )
    if "inplace" in message or "in-place" in message:
        return (
            "A tensor that the backward pass needs was changed in place after the loss was "
            f"computed, so its gradient is lost. Compute the loss again and explain it first. "
            f"PyTorch says: {first}"
        )
    if "use_reentrant" in message:
        return (
            "A part of the forward pass is checkpointed with use_reentrant=True, which allows no "
            "gradient but by backward(). Checkpoint with use_reentrant=False."
        )
    if "donated" in message:
        return (
            "The model is compiled so that its graph can be used only once. Compute the loss "
            "with the model as it was before torch.compile, or under "
            'torch.compiler.set_stance("force_eager").'
        )
    return f"Autograd could not run backward from this loss. PyTorch says: {first}"
