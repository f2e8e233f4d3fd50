"""A chain of any length as few enough rows to read: neighbours are multiplied together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from chainrule.records import ChainLink

from .labels import distinct_operations, operation_label, span_label

MOST_ROWS = 25
"""Rows that a chain is folded into."""

_SLACK = 3  # a chain this much longer is left as it is: folding would hide more than it saves


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One row of the drawn chain: one link, or neighbours folded into one.

    Attributes:
        module: Module, or the stretch of modules.
        operation: Operation, or what was folded.
        source: Line of the user's program; empty for a fold over several lines.
        gain: Product of the links' gains.
        gradient_rms: RMS of the gradient after the last of them.
        culprits: How many of the links are culprits.
        links: How many links the row holds.
    """

    module: str
    operation: str
    source: str
    gain: float
    gradient_rms: float
    culprits: int
    links: int


def rows(chain: Sequence[ChainLink], most: int = MOST_ROWS) -> tuple[ChainRow, ...]:
    """Fold a chain into at most `most` rows, the loss first.

    Links of one module are folded first, then links that share a module prefix. A culprit keeps
    a row of its own as long as all culprits fit; beyond that, folded culprits stay marked.
    """
    groups = [[link] for link in chain]
    if len(groups) <= most + _SLACK:
        return tuple(_row(group) for group in groups)
    for with_culprits in (False, True):
        for depth in range(_depth(chain), -1, -1):
            if len(groups) <= most:
                return tuple(_row(group) for group in groups)
            groups = _fold(groups, depth, with_culprits, most)
    return tuple(_row(group) for group in groups)


def _depth(chain: Sequence[ChainLink]) -> int:
    return max((link.place.module.count(".") + 1 for link in chain), default=0)


def _prefix(module: str, depth: int) -> str:
    return ".".join(module.split(".")[:depth])


def _fold(
    groups: list[list[ChainLink]], depth: int, with_culprits: bool, most: int
) -> list[list[ChainLink]]:
    """Join neighbours that share `depth` parts of their module's name, no more than needed."""

    def key(numbered: tuple[int, list[ChainLink]]) -> tuple[str, int]:
        i, group = numbered
        alone = not with_culprits and any(link.culprit for link in group)
        return _prefix(group[0].place.module, depth), i if alone else -1

    runs = [[group for _, group in run] for _, run in groupby(enumerate(groups), key)]
    longest = max(len(run) for run in runs)
    size = next(
        (k for k in range(1, longest) if sum(math.ceil(len(r) / k) for r in runs) <= most), longest
    )
    return [
        [link for group in run[start : start + size] for link in group]
        for run in runs
        for start in range(0, len(run), size)
    ]


def _row(links: list[ChainLink]) -> ChainRow:
    sources = {link.place.source for link in links}
    if len(links) == 1:
        operation = operation_label(links[0].place.operation, links[0].kind)
    else:
        operation = distinct_operations(links)
    return ChainRow(
        module=span_label([link.place.module for link in links]),
        operation=operation,
        source=sources.pop() if len(sources) == 1 else "",
        gain=math.prod(link.gain for link in links),
        gradient_rms=links[-1].gradient_rms,
        culprits=sum(link.culprit for link in links),
        links=len(links),
    )
