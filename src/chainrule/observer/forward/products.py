"""Products with a weight, as PyTorch's functions take them: which argument is which."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

Arguments = tuple[Any, ...]
Keywords = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Product:
    """A call that multiplies with a weight.

    Attributes:
        given: What is multiplied.
        weight: The weight, or a view of it.
        fan_in: How many inputs each output sums over.
        channels_first: True if features lie along the second axis of what was given.
    """

    given: Tensor
    weight: Tensor
    fan_in: int
    channels_first: bool = False


def _argument(arguments: Arguments, keywords: Keywords, position: int, *names: str) -> Any:
    if position < len(arguments):
        return arguments[position]
    return next((keywords[name] for name in names if name in keywords), None)


def _pair(given: Any, weight: Any) -> bool:
    return isinstance(given, Tensor) and isinstance(weight, Tensor)


def _linear(arguments: Arguments, keywords: Keywords) -> Product | None:
    given = _argument(arguments, keywords, 0, "input")
    weight = _argument(arguments, keywords, 1, "weight")
    if not _pair(given, weight) or not weight.dim():
        return None
    return Product(given, weight, weight.shape[-1])


def _bilinear(arguments: Arguments, keywords: Keywords) -> Product | None:
    given = _argument(arguments, keywords, 0, "input1")
    weight = _argument(arguments, keywords, 2, "weight")
    if not _pair(given, weight) or weight.dim() != 3:
        return None
    return Product(given, weight, weight.shape[1] * weight.shape[2])


def _embedding(arguments: Arguments, keywords: Keywords) -> Product | None:
    weight = _argument(arguments, keywords, 0, "weight")
    given = _argument(arguments, keywords, 1, "indices", "input")
    return Product(given, weight, 1) if _pair(given, weight) else None


def _convolution(transposed: bool) -> Callable[[Arguments, Keywords], Product | None]:
    def product(arguments: Arguments, keywords: Keywords) -> Product | None:
        given = _argument(arguments, keywords, 0, "input")
        weight = _argument(arguments, keywords, 1, "weight")
        if not _pair(given, weight) or weight.dim() < 3:
            return None
        groups = _argument(arguments, keywords, 6, "groups") if transposed else 1
        channels = weight.shape[0] // (groups or 1) if transposed else weight.shape[1]
        batched = given.dim() == weight.dim()
        return Product(given, weight, channels * math.prod(weight.shape[2:]), batched)

    return product


def _matmul(first: int) -> Callable[[Arguments, Keywords], Product | None]:
    """A product of two matrices, the first of which is at this position."""

    def product(arguments: Arguments, keywords: Keywords) -> Product | None:
        left = _argument(arguments, keywords, first, "input", "mat1", "batch1")
        right = _argument(
            arguments, keywords, first + 1, "other", "mat2", "vec", "batch2", "tensor"
        )
        if not _pair(left, right) or not left.dim() or not right.dim():
            return None
        if _is_weight(right) or not _is_weight(left):
            return Product(left, right, left.shape[-1])
        return Product(right, left, left.shape[-1])

    return product


def _is_weight(t: Tensor) -> bool:
    """True for a leaf that is trained, and for what may be a view of one."""
    if not t.requires_grad:
        return False
    node: Any = t.grad_fn
    while node is not None and len(node.next_functions) == 1:
        node = node.next_functions[0][0]
    return t.grad_fn is None or (node is not None and node.name().endswith("AccumulateGrad"))


def _reversed_matmul(arguments: Arguments, keywords: Keywords) -> Product | None:
    return _matmul(0)(arguments[::-1], keywords)


def _einsum(arguments: Arguments, keywords: Keywords) -> Product | None:
    equation, *operands = arguments
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = list(operands[0])
    if not isinstance(equation, str) or len(operands) != 2 or "." in equation:
        return None
    inputs, _, made = equation.replace(" ", "").partition("->")
    letters = inputs.split(",")
    at = next((i for i in (1, 0) if _is_weight(operands[i])), None)
    if at is None or len(letters) != 2 or not made:
        return None
    summed = [
        size
        for letter, size in zip(letters[at], operands[at].shape, strict=False)
        if letter not in made
    ]
    return Product(operands[1 - at], operands[at], math.prod(summed))


def _recurrent(arguments: Arguments, keywords: Keywords) -> Product | None:
    """`lstm(input, hx, weights, …)`, or `lstm(data, batch_sizes, hx, weights, …)`."""
    lists = [a for a in arguments if isinstance(a, list | tuple)]
    weights = next(
        (a for a in reversed(lists) if a and all(isinstance(w, nn.Parameter) for w in a)), None
    )
    if weights is None or not isinstance(arguments[0], Tensor):
        return None
    return Product(arguments[0], weights[0], weights[0].shape[-1])


def _cell(arguments: Arguments, keywords: Keywords) -> Product | None:
    if len(arguments) < 3 or not _pair(arguments[0], arguments[2]):
        return None
    return Product(arguments[0], arguments[2], arguments[2].shape[-1])


PRODUCTS: dict[str, Callable[[Arguments, Keywords], Product | None]] = {
    "linear": _linear,
    "bilinear": _bilinear,
    "embedding": _embedding,
    "embedding_bag": _embedding,
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), _convolution(transposed=False)),
    **dict.fromkeys(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        _convolution(transposed=True),
    ),
    **dict.fromkeys(("matmul", "__matmul__", "mm", "bmm", "mv", "dot"), _matmul(0)),
    "__rmatmul__": _reversed_matmul,
    **dict.fromkeys(("addmm", "baddbmm", "addmv", "addbmm"), _matmul(1)),
    "einsum": _einsum,
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), _recurrent),
    **dict.fromkeys(("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"), _cell),
}
"""By the name of the function."""
