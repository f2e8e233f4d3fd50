"""How one kind of operation is written down and differentiated.

A rule knows one column of the local Jacobian at a time: how one entry of an input moves the
entries of the output. With G = ∂L/∂(output), the chain rule is then one sum,

    ∂L/∂(entry) = Σ column · G over the entries of the output.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError

Shape = tuple[int, ...]
Index = tuple[int, ...]

LETTERS = "nmprst"
"""Letters of the axes that a sum runs over; each of them can stand below a Σ."""


class Applied(Protocol):
    """One operation with what is known of its inputs and its output."""

    name: str
    kind: str

    @property
    def shape(self) -> Shape:
        """Of its (first) output."""

    @property
    def count(self) -> int:
        """Of its inputs, with or without a gradient."""

    def label(self, argument: int) -> str:
        """What an input is called."""

    def input_shape(self, argument: int) -> Shape:
        """Of an input."""

    def input(self, argument: int) -> Tensor:
        """Its value; raises `UnreadableError` if it is not known."""

    def saved(self, attribute: str) -> Any:
        """A number or shape that autograd keeps; raises `UnreadableError`."""

    def tensor(self, attribute: str) -> Tensor:
        """A tensor that autograd keeps; raises `UnreadableError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a local Jacobian, as far as it is not zero.

    Attributes:
        positions: Flat indices of the output's entries that move, int64.
        coefficients: How much each does, float64; None if each moves as the input does.
        symbol: The coefficient in symbols, `x[n,0]`; empty for 1.
        adjoint: Index of the output's entry in letters, `n,1`; empty if it has no pattern.
        letters: Letters that the sum runs over.
        figures: The coefficients as numbers are written, by their place in `positions`; None
            writes the coefficient itself.
        slot: Which of the operation's outputs.
    """

    positions: Tensor
    coefficients: Tensor | None = None
    symbol: str = ""
    adjoint: str = ""
    letters: str = ""
    figures: Callable[[int], str] | None = None
    slot: int = 0


def _no_column(applied: Applied, argument: int, index: Index) -> Column:
    raise UnreadableError("the formula inside it is not written out here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of operation.

    Attributes:
        kinds: PyTorch's names without `Backward`; with it, `PowBackward1`, one variant alone.
        expression: It, in terms of its inputs' names.
        backward: What it sends to an input, as a formula of tensors with G = ∂L/∂(output).
        column: One column of its local Jacobian.
        multiplications: Entries of the local Jacobian that are not zero by its structure.
        saves: Which input each saved tensor is.
        result: The saved tensor that is its output.
        forward: Its output from what is saved and its inputs, as PyTorch computes it.
    """

    kinds: tuple[str, ...]
    expression: Callable[[Applied], str]
    backward: Callable[[Applied, int], str]
    column: Callable[[Applied, int, Index], Column] = _no_column
    multiplications: Callable[[Applied, int], int] = field(
        default=lambda applied, argument: math.prod(applied.shape)
    )
    saves: Mapping[str, int] = field(default_factory=dict)
    result: str = ""
    forward: Callable[[Applied], Tensor] | None = None


# ---- indices ---------------------------------------------------------------------------------


def place(label: str, shape: Shape, *index: int | str) -> str:
    """`x[n,0]`; one number alone needs no index.

    Example:
        >>> place("x", (4, 3), "n", 0), place("b", (), 0), place("w", (1, 1), 0, 0)
        ('x[n,0]', 'b', 'w')
    """
    if math.prod(shape) == 1:
        return label
    return f"{label}[{','.join(str(part) for part in index)}]"


def flat(shape: Shape, index: Sequence[int]) -> int:
    """Where an entry stands if all are put in a row."""
    position = 0
    for size, i in zip(shape, index, strict=True):
        position = position * size + i
    return position


def unflat(shape: Shape, position: int) -> Index:
    """The index of the entry at a place in the row."""
    index = []
    for size in reversed(shape):
        position, i = divmod(position, size)
        index.append(i)
    return tuple(reversed(index))


def one(shape: Shape, index: Sequence[int]) -> Tensor:
    """The flat index of one entry, as a tensor."""
    return torch.tensor([flat(shape, index)], dtype=torch.int64)


def rows(shape: Shape, *chosen: int | slice) -> Tensor:
    """Flat indices of the entries that an index with slices picks."""
    every = torch.arange(math.prod(shape), dtype=torch.int64).reshape(shape)
    return every[tuple(chosen)].flatten()


def letters_of(shape: Shape, chosen: Sequence[int | slice]) -> tuple[list[int | str], str]:
    """An index with slices, a letter for each axis that is summed; an axis of one entry is 0."""
    free = iter(LETTERS)
    written: list[int | str] = []
    used = ""
    for size, part in zip(shape, chosen, strict=True):
        if isinstance(part, int):
            written.append(part)
        elif size == 1:
            written.append(0)
        else:
            letter = next(free, "·")
            written.append(letter)
            used += letter if letter != "·" else ""
    return written, used


def normal(dim: int, rank: int) -> int:
    """An axis counted from the front."""
    return dim % rank if rank else 0
