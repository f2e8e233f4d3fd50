"""Broadcasting: an entry of a small tensor that meets many entries of a larger one."""

from torch import Tensor

from chainrule.instruments.backpropagation.saved import exact

from .rule import Applied, Index, Shape


def spread(shape: Shape, out: Shape, index: Index) -> list[int | slice]:
    """The output's entries that one entry of a broadcast input goes to, as an index."""
    lead = len(out) - len(shape)
    chosen: list[int | slice] = [slice(None)] * lead
    for size, wide, i in zip(shape, out[lead:], index, strict=True):
        chosen.append(slice(None) if size == 1 and wide != 1 else i)
    return chosen


def pick(shape: Shape, out: Shape, written: list[int | str]) -> list[int | str]:
    """The index of an operand's entry below an output's entry."""
    lead = len(out) - len(shape)
    return [0 if size == 1 else part for size, part in zip(shape, written[lead:], strict=True)]


def operand(applied: Applied, argument: int, chosen: list[int | slice]) -> Tensor:
    """The operand's entries below the chosen entries of the output, in float64."""
    value = applied.input(argument).expand(applied.shape)
    return exact(value[tuple(chosen)]).reshape(-1)


def summed_over(applied: Applied, argument: int) -> str:
    """What happens to a gradient on its way back to an input that was broadcast, in words."""
    shape, out = applied.input_shape(argument), applied.shape
    lead = len(out) - len(shape)
    axes = [*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 != out[lead + i])]
    if not axes:
        return ""
    written = " and ".join(str(axis) for axis in axes)
    return f", summed over {'axis' if len(axes) == 1 else 'axes'} {written}"
