"""Operations that move, copy or pick entries and change none: each local derivative is 1 or 0.

Where an entry goes is found by doing the same to a tensor of positions.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from chainrule.instruments.backpropagation.errors import UnreadableError

from .rule import Applied, Column, Index, Rule, flat, normal, one, unflat

Move = Callable[[Applied, Tensor], Tensor]
"""What the operation makes of a tensor in the place of its input."""


def _where_it_goes(move: Move, applied: Applied, argument: int, index: Index) -> Column:
    shape = applied.input_shape(argument)
    every = torch.arange(1, math.prod(shape) + 1).reshape(shape)  # 0 is padding
    moved = move(applied, every)
    positions = (moved.reshape(-1) == flat(shape, index) + 1).nonzero().reshape(-1)
    return _ones(applied, positions)


def _ones(applied: Applied, positions: Tensor, slot: int = 0) -> Column:
    if len(positions) == 1:
        adjoint = ",".join(map(str, unflat(applied.shape, int(positions[0]))))
        return Column(positions=positions, adjoint=adjoint, slot=slot)
    return Column(
        positions=positions,
        symbol="" if len(positions) else "0",
        letters="n" if len(positions) else "",
        slot=slot,
    )


def _same(applied: Applied, x: Tensor) -> Tensor:
    return x


def _reshape(applied: Applied, x: Tensor) -> Tensor:
    return x.reshape(applied.shape)


def _dim(applied: Applied, x: Tensor) -> int:
    return normal(int(applied.saved("dim")), x.dim())


def _slice(applied: Applied, x: Tensor) -> Tensor:
    start, end, step = (applied.saved(name) for name in ("start", "end", "step"))
    chosen = [slice(None)] * x.dim()
    chosen[_dim(applied, x)] = slice(start, end, int(step))
    return x[tuple(chosen)]


def _index(applied: Applied, x: Tensor) -> Tensor:
    indices = applied.saved("indices")
    chosen = tuple(slice(None) if part is None else part.to(x.device) for part in indices)
    return x[chosen]


def _roll(applied: Applied, x: Tensor) -> Tensor:
    return x.roll(tuple(applied.saved("shifts")), tuple(applied.saved("dims")))


def _strided(applied: Applied, x: Tensor) -> Tensor:
    offset = applied.saved("storage_offset")
    if offset not in (None, 0):
        raise UnreadableError("a view with a storage offset is not written out here")
    return x.as_strided(applied.saved("size"), applied.saved("stride"))


_MOVES: tuple[tuple[str, str, Move], ...] = (
    ("T", "transpose({x})", lambda applied, x: x.t()),
    ("Transpose", "transpose({x})", lambda a, x: x.transpose(a.saved("dim0"), a.saved("dim1"))),
    ("Permute", "permute({x})", lambda applied, x: x.permute(applied.saved("dims"))),
    ("View", "view({x})", _reshape),
    ("UnsafeView", "view({x})", _reshape),
    ("ReshapeAlias", "reshape({x})", _reshape),
    ("Squeeze", "squeeze({x})", _reshape),
    ("Unsqueeze", "unsqueeze({x})", _reshape),
    ("Expand", "expand({x})", lambda applied, x: x.expand(applied.shape)),
    ("Repeat", "repeat({x})", lambda applied, x: x.repeat(applied.saved("repeats"))),
    ("Clone", "clone({x})", _same),
    ("Alias", "{x}", _same),
    ("Contiguous", "contiguous({x})", _same),
    ("ToCopy", "to({x})", _same),
    (
        "Select",
        "select({x})",
        lambda a, x: x.select(_dim(a, x), int(a.saved("index"))),
    ),
    ("Slice", "slice({x})", _slice),
    ("Flip", "flip({x})", lambda applied, x: x.flip(applied.saved("dims"))),
    ("Roll", "roll({x})", _roll),
    ("Index", "index({x})", _index),
    (
        "IndexSelect",
        "index_select({x})",
        lambda a, x: x.index_select(_dim(a, x), a.tensor("index").to(x.device)),
    ),
    (
        "Gather",
        "gather({x})",
        lambda a, x: x.gather(_dim(a, x), a.tensor("index").to(x.device)),
    ),
    (
        "ConstantPadNd",
        "pad({x})",
        lambda a, x: torch.nn.functional.pad(x, a.saved("pad")),
    ),
    ("AsStrided", "as_strided({x})", _strided),
)


def _words(applied: Applied, argument: int) -> str:
    given, made = math.prod(applied.input_shape(argument)), math.prod(applied.shape)
    if applied.kind in ("Clone", "Alias", "Contiguous", "ToCopy"):
        return "G"
    if applied.kind == "T":
        return "Gᵀ"
    if applied.kind in ("Expand", "Repeat"):
        return "G, summed over the copies"
    if made < given:
        return "G where it came from, else 0"
    return "G, put back in place"


def _moving(name: str, call: str, move: Move) -> Rule:
    return Rule(
        kinds=(name,),
        expression=lambda applied: call.format(x=applied.label(0)),
        backward=_words,
        column=partial(_where_it_goes, move),
        forward=lambda applied: move(applied, applied.input(0)),
        saves={"self": 0} if name == "Gather" else {},
    )


# ---- several inputs or outputs ---------------------------------------------------------------


def _joined(applied: Applied, argument: int, index: Index) -> Column:
    rank = len(index)
    axis = normal(int(applied.saved("dim")), rank)
    before = sum(applied.input_shape(k)[axis] for k in range(argument))
    target = [*index]
    target[axis] += before
    return _ones(applied, one(applied.shape, target))


def _stacked(applied: Applied, argument: int, index: Index) -> Column:
    axis = normal(int(applied.saved("dim")), len(index) + 1)
    return _ones(applied, one(applied.shape, (*index[:axis], argument, *index[axis:])))


def _unbound(applied: Applied, argument: int, index: Index) -> Column:
    axis = normal(int(applied.saved("dim")), len(index))
    rest = (*index[:axis], *index[axis + 1 :])
    return _ones(applied, one(applied.shape, rest), slot=index[axis])


def _split(applied: Applied, argument: int, index: Index) -> Column:
    axis = normal(int(applied.saved("dim")), len(index))
    try:
        sizes = list(applied.saved("split_sizes"))
    except UnreadableError:
        size, whole = int(applied.saved("split_size")), applied.input_shape(0)[axis]
        sizes = [min(size, whole - start) for start in range(0, whole, size)]
    slot, rest = 0, index[axis]
    while rest >= sizes[slot]:
        rest -= sizes[slot]
        slot += 1
    target = (*index[:axis], rest, *index[axis + 1 :])
    shape = tuple(
        sizes[slot] if k == axis else size for k, size in enumerate(applied.input_shape(0))
    )
    return Column(positions=one(shape, target), adjoint=",".join(map(str, target)), slot=slot)


def _looked_up(applied: Applied, argument: int, index: Index) -> Column:
    """A row of an embedding goes wherever its number was looked up."""
    row, column = index
    indices = applied.tensor("indices").to("cpu")
    found = (indices.reshape(-1) == row).nonzero().reshape(-1)
    if row == applied.saved("padding_idx"):
        found = found[:0]
    positions = found * applied.shape[-1] + column
    if applied.saved("scale_grad_by_freq") and len(found):
        return Column(
            positions=positions,
            coefficients=torch.full((len(found),), 1 / len(found), dtype=torch.float64),
            symbol=f"1/{len(found)}",
            letters="n" if len(found) > 1 else "",
            figures=lambda _: f"1/{len(found)}",
        )
    return _ones(applied, positions)


def _list(name: str, applied: Applied) -> str:
    inside = ", ".join(applied.label(k) for k in range(applied.count))
    return f"{name}([{inside}], dim={applied.saved('dim')})"


def _part(applied: Applied, argument: int) -> str:
    return "G, the parts put together"


RULES = (
    *(_moving(*row) for row in _MOVES),
    Rule(
        kinds=("Cat",),
        expression=partial(_list, "cat"),
        backward=lambda applied, argument: "its part of G",
        column=_joined,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(argument)),
    ),
    Rule(
        kinds=("Stack",),
        expression=partial(_list, "stack"),
        backward=lambda applied, argument: "its part of G",
        column=_stacked,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(argument)),
    ),
    Rule(
        kinds=("Unbind",),
        expression=lambda applied: f"unbind({applied.label(0)})",
        backward=_part,
        column=_unbound,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(0)),
    ),
    Rule(
        kinds=("Split", "SplitWithSizes", "UnsafeSplit", "UnsafeSplitWithSizes"),
        expression=lambda applied: f"split({applied.label(0)})",
        backward=_part,
        column=_split,
        multiplications=lambda applied, argument: math.prod(applied.input_shape(0)),
    ),
    Rule(
        kinds=("Embedding",),
        expression=lambda applied: f"embedding({applied.label(0)}, indices)",
        backward=lambda applied, argument: "G, each row added to the row that was looked up",
        column=_looked_up,
    ),
)
