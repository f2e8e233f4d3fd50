"""What is asked: a loss, tensors to differentiate it by, an entry; and what is wrong with them."""

import operator
from collections.abc import Sequence

from torch import Tensor

from .errors import ExplanationError
from .operations.rule import Index


def tensors_asked(wrt: object) -> list[Tensor]:
    """The tensors to differentiate by.

    Raises:
        ExplanationError: If they are none.
    """
    tensors = [wrt] if isinstance(wrt, Tensor) else list(wrt) if _is_list(wrt) else []  # type: ignore[call-overload]
    if not tensors or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise ExplanationError(
            "Expected wrt to be a tensor that the loss depends on, or a list of them, such as "
            f"model.fc1.weight; found {_kind_of(wrt)}."
        )
    if len({id(tensor) for tensor in tensors}) < len(tensors):
        raise ExplanationError("wrt names a tensor twice; name each once.")
    return tensors


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _kind_of(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return f"the text {value!r}"
    return f"{type(value).__name__}" if not _is_list(value) else "a list with something else in it"


def check(loss: object, tensors: Sequence[Tensor], labels: Sequence[str]) -> None:
    """Refuse what has no gradient.

    Raises:
        ExplanationError: If the loss is no number with a graph, or a tensor requires no gradient.
    """
    if not isinstance(loss, Tensor):
        raise ExplanationError(f"Expected the loss to be a tensor, found {type(loss).__name__}.")
    if loss.numel() != 1:
        raise ExplanationError(
            f"Expected a loss of one number, found a tensor of shape {tuple(loss.shape)}: a "
            "gradient belongs to one number. Take loss.mean() or loss.sum(), or one entry of it."
        )
    if loss.is_complex() or any(tensor.is_complex() for tensor in tensors):
        raise ExplanationError(
            "Expected real numbers, found complex ones; their gradients follow other rules "
            "(Wirtinger derivatives), which are not explained here. Explain a loss of real and "
            "imaginary parts that are tensors of their own."
        )
    if loss.grad_fn is None:
        raise ExplanationError(
            "The loss has no graph (its grad_fn is None): it was computed under torch.no_grad() or "
            "inference_mode, detached, made from .item(), or from tensors none of which requires "
            "a gradient. Compute it again without these."
        )
    for tensor, label in zip(tensors, labels, strict=True):
        if tensor is loss:
            raise ExplanationError("wrt is the loss itself; its derivative by itself is 1.")
        if tensor.numel() == 0:
            raise ExplanationError(f"{label} has no entries: there is nothing to differentiate by.")
        if not tensor.requires_grad:
            raise ExplanationError(
                f"{label} does not require a gradient, so autograd did not record how the loss "
                "depends on it. Call requires_grad_() on it before the forward pass; for a "
                "parameter, pass the parameter itself, not its .data or a detached copy."
            )


def entry_asked(entry: int | Sequence[int], tensor: Tensor, label: str) -> Index:
    """The entry to work out, counted from the front.

    Raises:
        ExplanationError: If the tensor has no such entry.
    """
    shape = tuple(tensor.shape)
    given: Sequence[object] = list(entry) if isinstance(entry, Sequence) else [entry]
    try:
        index = [operator.index(i) for i in given]  # type: ignore[arg-type]
    except TypeError:
        index = []
    if len(index) != len(shape) or len(index) != len(given):
        example = tuple(0 for _ in shape)
        raise ExplanationError(
            f"Expected one whole number for each axis of {label}, whose shape is {shape}, such as "
            f"entry={example}; found {entry!r}."
        )
    for axis, (i, size) in enumerate(zip(index, shape, strict=True)):
        if not -size <= i < size:
            raise ExplanationError(
                f"The entry {tuple(index)} is outside {label}: axis {axis} has the size {size}, so "
                f"its entries are 0 to {size - 1}."
            )
    return tuple(i % size for i, size in zip(index, shape, strict=True))
