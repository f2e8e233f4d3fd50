"""What a training's loss is made of, so that the same loss is known again in an evaluation.

A loss function of PyTorch leaves a node of its kind in the graph. A loss written by hand, such as
`((model(x) - y) ** 2).mean()`, is known by its last three operations: mean, of a power, of a
difference. An accuracy is a mean as well, but of something else.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from chainrule.records import kind_of, operation

from .structure import Structure, is_leaf

NODES: dict[str, tuple[str, ...]] = {
    "cross_entropy": ("NllLoss", "NllLoss2D", "LogSoftmax", "CrossEntropyLoss"),
    "nll_loss": ("NllLoss", "NllLoss2D"),
    "mse_loss": ("MseLoss",),
    "l1_loss": ("L1Loss", "Abs"),
    "smooth_l1_loss": ("SmoothL1Loss",),
    "huber_loss": ("HuberLoss",),
    "binary_cross_entropy": ("BinaryCrossEntropy",),
    "binary_cross_entropy_with_logits": ("BinaryCrossEntropyWithLogits",),
}
"""The nodes that each loss function of `torch.nn.functional` leaves in a graph."""

_ALIKE = {
    "truediv": "div",
    "true_divide": "div",
    "divide": "div",
    "square": "pow",
    "radd": "add",
    "rmul": "mul",
    "multiply": "mul",
    "subtract": "sub",
    "absolute": "abs",
    "negative": "neg",
}
"""Names of functions whose node is named after another one."""

_REARRANGE = frozenset(
    {"view", "reshape", "squeeze", "unsqueeze", "flatten", "permute", "transpose", "t", "expand"}
    | {"expand_as", "contiguous", "clone", "detach", "to", "float", "double", "getitem", "select"}
    | {"narrow", "index_select", "get"}
)
"""Functions that leave no node, or one that only rearranges; `get` reads an attribute."""

LONGEST = 3
"""Operations by which a loss written by hand is known."""


class LossSignature:
    """What is known of the loss that a run trains.

    Attributes:
        functions: Names of the loss functions in it.
        endings: The last operations of losses written by hand, the last one last.
    """

    def __init__(self) -> None:
        self.functions: frozenset[str] = frozenset()
        self.endings: frozenset[tuple[str, ...]] = frozenset()
        self._met: set[tuple[str, ...]] = set()

    def __bool__(self) -> bool:
        return bool(self.functions or self.endings)

    def learn(self, structure: Structure) -> None:
        """A backward pass with this structure starts from a loss."""
        if structure.names in self._met:
            return
        self._met.add(structure.names)
        names = {operation(name) for name in structure.names}
        found = {name for name, nodes in NODES.items() if names.intersection(nodes)}
        if found and found != {"l1_loss"}:  # its node, Abs, may be anything's
            self.functions |= found
            return
        ending = _ending(structure)
        if len(ending) > 1:
            self.endings |= {ending}
        self.functions |= found

    def ends(self, calls: tuple[str, ...]) -> bool:
        """True if these calls, the latest last, end as a loss written by hand does."""
        return any(calls[-len(ending) :] == ending for ending in self.endings)


def called(function: Callable[..., Any]) -> str | None:
    """What a call is named in a signature; None if it only rearranges."""
    return _plain(getattr(function, "__name__", ""))


@cache
def _plain(name: str) -> str | None:
    name = name.strip("_").lower()
    return None if name in _REARRANGE else _ALIKE.get(name, name)


def _ending(structure: Structure) -> tuple[str, ...]:
    """The operations nearest to the loss along first inputs, the last one last."""
    first = {source: target for source, target, _, _ in reversed(structure.edges)}
    node: int | None = 0
    ending: list[str] = []
    while node is not None and len(ending) < LONGEST and not is_leaf(structure.names[node]):
        name = operation(structure.names[node])
        if kind_of(name) != "structure":
            ending.append(name.lower())
        node = first.get(node)
    return tuple(reversed(ending))
