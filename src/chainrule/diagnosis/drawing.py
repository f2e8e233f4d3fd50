"""From the factors of many samples to the chain that is drawn, and to its causes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chainrule.instruments import Chain
from chainrule.records import ChainLink, Factor, Kind, Place

from .case import middle, z_chain
from .wording import number

MOST_NUMBERS = 12
"""Factors written out in a formula: a line of text holds no more."""


@dataclass(frozen=True, slots=True)
class Link:
    """Consecutive factors at one place, over the samples: the medians."""

    place: Place
    kind: Kind
    gain: float


Way = Callable[[Chain, int], tuple[Factor, ...]]
"""The path of a chain that leads to a parameter; empty if there is none."""


def links(chains: Sequence[Chain], parameter: int, to: Way | None = None) -> tuple[Link, ...]:
    """The chain from the loss to a weight's layer: median factors over passes of one shape.

    Passes whose path differs from the last one's are left out. Structural factors (reshape,
    transpose, slice) of gain 1 are joined to their neighbours. Another path than the principal one
    is drawn if `to` gives one.
    """
    paths = [
        path
        for chain in chains
        if (path := (to and to(chain, parameter)) or _to_layer(chain, parameter))
    ]
    if not paths:
        return ()
    shape = [(f.node, f.target) for f in paths[-1]]
    alike = [path for path in paths if [(f.node, f.target) for f in path] == shape]
    medians = [middle(path[i].rms_gain for path in alike) for i in range(len(shape))]
    joined: list[Link] = []
    for factor, gain in zip(paths[-1], medians, strict=True):
        if factor.kind == "structure" and abs(math.log10(gain) if gain > 0 else -9) < 0.02:
            continue
        joined.append(Link(factor.place, factor.kind, gain))
    return tuple(joined)


def _to_layer(chain: Chain, parameter: int) -> tuple[Factor, ...]:
    """The path to a weight's layer; the layer too, if it is a compiled region with others in it."""
    path = z_chain(chain, parameter)
    rest = chain.path(parameter)[len(path) :]
    return (*path, rest[0]) if rest and rest[0].kind == "compiled" else path


def decades(chain: Sequence[Link]) -> dict[Kind, float]:
    """Σ log₁₀ of the factors, split by kind: how many powers of ten each kind took or gave."""
    total: dict[Kind, float] = {}
    for link in chain:
        if link.gain > 0 and math.isfinite(link.gain):
            total[link.kind] = total.get(link.kind, 0.0) + math.log10(link.gain)
    return total


def drawn(chain: Sequence[Link], culprits: Sequence[Link] = ()) -> tuple[ChainLink, ...]:
    """The chain with the gradient left after each link, 1 before the first."""
    rms = 1.0
    result = []
    for link in chain:
        rms *= link.gain
        result.append(ChainLink(link.place, link.kind, link.gain, rms, link in culprits))
    return tuple(result)


def product(chain: Sequence[Link | Factor]) -> str:
    """`0.12 · 0.24 · 0.61 · …` with at most a dozen factors, those furthest from 1 kept."""
    gains = [f.gain if isinstance(f, Link) else f.rms_gain for f in chain]
    if len(gains) <= MOST_NUMBERS:
        return " · ".join(number(g) for g in gains)
    head, tail = gains[: MOST_NUMBERS // 2], gains[-MOST_NUMBERS // 2 :]
    inner = len(gains) - len(head) - len(tail)
    return (
        " · ".join(number(g) for g in head)
        + f" · … {inner} more … · "
        + " · ".join(number(g) for g in tail)
    )
