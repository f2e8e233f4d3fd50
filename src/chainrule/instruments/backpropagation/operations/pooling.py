"""Pooling: the largest, or the mean, of a window."""

import itertools
import math

import torch

from chainrule.instruments.backpropagation.errors import UnreadableError

from .rule import Applied, Column, Index, Rule, flat


def _largest(applied: Applied, argument: int, index: Index) -> Column:
    """PyTorch keeps, for each window, where in the plane its largest entry was."""
    *lead, i, j = index
    width = applied.input_shape(0)[-1]
    chosen = applied.tensor("result1")[tuple(lead)].to("cpu")
    plane = (chosen == i * width + j).nonzero().tolist()
    positions = [flat(applied.shape, (*lead, *at)) for at in plane]
    several = len(positions) > 1
    return Column(
        positions=torch.tensor(positions, dtype=torch.int64),
        symbol="" if positions else "0",
        adjoint=",".join(map(str, (*lead, *plane[0]))) if len(positions) == 1 else "",
        letters="n" if several else "",
    )


def _mean(applied: Applied, argument: int, index: Index) -> Column:
    if any(applied.saved("padding")) or applied.saved("ceil_mode"):
        raise UnreadableError("its formula with padding is not written out here")
    kernel = applied.saved("kernel_size")
    stride = applied.saved("stride") or kernel
    *lead, i, j = index
    meets = []
    for at, size, step, count in zip((i, j), kernel, stride, applied.shape[-2:], strict=True):
        meets.append([p for p in range(count) if p * step <= at < p * step + size])
    positions = [flat(applied.shape, (*lead, *at)) for at in itertools.product(*meets)]
    size = applied.saved("divisor_override") or math.prod(kernel)
    return Column(
        positions=torch.tensor(positions, dtype=torch.int64),
        coefficients=torch.full((len(positions),), 1 / size, dtype=torch.float64),
        symbol=f"1/{size}",
        letters="n" if len(positions) > 1 else "",
        figures=lambda _: f"1/{size}",
    )


def _adaptive(applied: Applied, argument: int, index: Index) -> Column:
    *lead, i, j = index
    found: list[list[tuple[int, int]]] = []
    sizes = zip((i, j), applied.input_shape(0)[-2:], applied.shape[-2:], strict=True)
    for at, size, count in sizes:
        windows = [(p, p * size // count, -(-(p + 1) * size // count)) for p in range(count)]
        found.append([(p, last - first) for p, first, last in windows if first <= at < last])
    positions, numbers = [], []
    for (p, tall), (q, wide) in itertools.product(*found):
        positions.append(flat(applied.shape, (*lead, p, q)))
        numbers.append(1 / (tall * wide))
    return Column(
        positions=torch.tensor(positions, dtype=torch.int64),
        coefficients=torch.tensor(numbers, dtype=torch.float64),
        symbol="1/(entries of the window)",
        letters="n" if len(positions) > 1 else "",
        figures=lambda k: f"1/{round(1 / numbers[k])}",
    )


def _inputs(applied: Applied, argument: int) -> int:
    """One for each entry of the output: a window's largest is one entry."""
    return math.prod(applied.shape)


def _windows(applied: Applied, argument: int) -> int:
    kernel: tuple[int, ...] = applied.saved("kernel_size")
    return math.prod(applied.shape) * math.prod(kernel)


def _adaptive_windows(applied: Applied, argument: int) -> int:
    each = []
    for size, count in zip(applied.input_shape(0)[-2:], applied.shape[-2:], strict=True):
        each.append(sum(-(-(p + 1) * size // count) - p * size // count for p in range(count)))
    return math.prod(applied.shape[:-2]) * math.prod(each)


RULES = (
    Rule(
        kinds=("MaxPool2DWithIndices",),
        expression=lambda applied: f"max_pool2d({applied.label(0)})",
        backward=lambda applied, argument: "G at each window's largest entry, else 0",
        column=_largest,
        multiplications=_inputs,
        saves={"self": 0},
    ),
    Rule(
        kinds=("AvgPool2D",),
        expression=lambda applied: f"avg_pool2d({applied.label(0)})",
        backward=lambda applied, argument: "G / (entries of a window), copied over the window",
        column=_mean,
        multiplications=_windows,
        saves={"self": 0},
    ),
    Rule(
        kinds=("AdaptiveAvgPool2D",),
        expression=lambda applied: f"adaptive_avg_pool2d({applied.label(0)})",
        backward=lambda applied, argument: "G / (entries of a window), copied over the window",
        column=_adaptive,
        multiplications=_adaptive_windows,
        saves={"self": 0},
    ),
)
