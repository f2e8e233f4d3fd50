"""Calls that compare a prediction with a target: PyTorch's loss functions, and differences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

_REDUCTIONS = {0: "none", 1: "mean", 2: "sum"}

LOSSES: dict[str, int | None] = {
    "cross_entropy_loss": 3,
    "nll_loss_nd": 3,
    "nll_loss": 3,
    "nll_loss2d": 3,
    "mse_loss": 2,
    "l1_loss": 2,
    "smooth_l1_loss": 2,
    "huber_loss": 2,
    "binary_cross_entropy": 3,
    "binary_cross_entropy_with_logits": 4,
    "kl_div": 2,
    "ctc_loss": 5,
    "poisson_nll_loss": 5,
    "soft_margin_loss": 2,
    "multilabel_margin_loss": 2,
    "multi_margin_loss": 5,
    "hinge_embedding_loss": 3,
    "margin_ranking_loss": 4,
    "cosine_embedding_loss": 4,
}
"""Loss functions of PyTorch, and the position of their reduction."""

PAIRS = frozenset(["margin_ranking_loss", "cosine_embedding_loss"])
"""Loss functions of two inputs and a label, in this order."""

DIFFERENCES = frozenset(
    ["sub", "__sub__", "__rsub__", "rsub", "subtract", "sub_", "__isub__", "subtract_"]
)
"""A difference, by all the names under which it is called."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Attributes:
        prediction: What depends on weights.
        target: What it is compared with; of a pair that depends on weights both, its label.
        reduction: `mean`, `sum`, `none` or empty.
    """

    prediction: Tensor
    target: Tensor | None
    reduction: str


def compared_by_loss(
    name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Comparison | None:
    """What a loss function compares; None if nothing in it depends on weights."""
    tensors = [a for a in (*arguments, *keywords.values()) if isinstance(a, Tensor)]
    if not tensors:
        return None
    first, second = tensors[0], tensors[1] if len(tensors) > 1 else None
    if not first.requires_grad and second is not None and second.requires_grad:
        first, second = second, first
    if not first.requires_grad:
        return None
    if name in PAIRS and second is not None and second.requires_grad and len(tensors) > 2:
        second = tensors[2]
    at = LOSSES[name]
    given = keywords.get("reduction")
    if given is None and at is not None and at < len(arguments):
        given = arguments[at]
    if isinstance(given, str):
        reduction = given
    else:
        reduction = _REDUCTIONS.get(given, "") if isinstance(given, int) else ""
    return Comparison(first, second, reduction)


def compared_by_hand(arguments: tuple[Any, ...]) -> Comparison | None:
    """A difference between something trained and something that is not, of shapes that fit."""
    pair = [a for a in arguments[:2] if isinstance(a, Tensor)]
    if len(pair) != 2 or pair[0].requires_grad == pair[1].requires_grad:
        return None
    prediction, target = pair if pair[0].requires_grad else pair[::-1]
    if prediction.grad_fn is None or not target.dim():
        return None  # a weight, or a number
    return Comparison(prediction, target, "")
