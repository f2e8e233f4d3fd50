"""Series in chunks, and above them three levels of min/mean/max, written as the points come in.

A bucket of level 1 sums up 32 points, one of level 2 sums up 32 of level 1, and so on: a view of a
million steps reads a thousand buckets of level 2. The writer keeps of each series only its `Tail`,
a value: a flush that fails or is interrupted leaves the old tail in place, and writing the same
rows once more changes nothing, since their keys follow from the numbers of the points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from math import fsum, isfinite, nan
from operator import mul

from chainrule.records import Bucket

FACTOR = 32
LEVELS = (1, 2, 3)
CHUNK_POINTS = 256  # a multiple of FACTOR: the open level-1 bucket always lies in the open chunk

Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Tail:
    """The unfinished end of a series.

    Attributes:
        series: Its number in the file.
        settled: How many points lie in chunks that are full.
        points: Those after, in the open chunk.
        children: The full buckets of level 1 in the open bucket of level 2, then those of level 2
            in the open bucket of level 3.
    """

    series: int
    settled: int = 0
    points: tuple[Point, ...] = ()
    children: tuple[tuple[Bucket, ...], tuple[Bucket, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class Growth:
    """What to write for new points: chunks and buckets by number, and the tail that follows."""

    tail: Tail
    chunks: Sequence[tuple[int, Sequence[Point]]]
    buckets: Sequence[tuple[int, int, Bucket]]  # level, number


def grown(tail: Tail, new: Sequence[Point]) -> Growth:
    """Continue a series.

    Cost: O(points in the open chunk + new points); memory the same.
    """
    points = (*tail.points, *new)
    chunks = [
        ((tail.settled + start) // CHUNK_POINTS, points[start : start + CHUNK_POINTS])
        for start in range(0, len(points), CHUNK_POINTS)
    ]
    full = len(points) // CHUNK_POINTS * CHUNK_POINTS

    buckets: list[tuple[int, int, Bucket]] = []
    children = [list(level) for level in tail.children]
    for start in range(len(tail.points) // FACTOR * FACTOR, len(points), FACTOR):
        piece = points[start : start + FACTOR]
        number = (tail.settled + start) // FACTOR
        bucket = bucket_of_points(piece)
        buckets.append((1, number, bucket))
        if len(piece) == FACTOR:
            _carry(bucket, number, children, buckets)
    _close_open(tail.settled + len(points), children, buckets)

    after = Tail(
        series=tail.series,
        settled=tail.settled + full,
        points=points[full:],
        children=(tuple(children[0]), tuple(children[1])),
    )
    return Growth(after, chunks, buckets)


def bucket_of_points(points: Sequence[Point]) -> Bucket:
    """Sum up consecutive points, at least one."""
    finite = [value for _, value in points if isfinite(value)]
    minimum, maximum = min(finite, default=nan), max(finite, default=nan)
    return Bucket(
        first_step=points[0][0],
        last_step=points[-1][0],
        count=len(points),
        minimum=minimum,
        mean=_mean(finite, None, minimum, maximum),
        maximum=maximum,
        nonfinite=len(points) - len(finite),
    )


def bucket_of_buckets(children: Sequence[Bucket]) -> Bucket:
    """Sum up consecutive buckets, at least one."""
    finite = [child for child in children if child.nonfinite < child.count]
    weights = [child.count - child.nonfinite for child in finite]
    minimum = min((child.minimum for child in finite), default=nan)
    maximum = max((child.maximum for child in finite), default=nan)
    return Bucket(
        first_step=children[0].first_step,
        last_step=children[-1].last_step,
        count=sum(child.count for child in children),
        minimum=minimum,
        mean=_mean([child.mean for child in finite], weights, minimum, maximum),
        maximum=maximum,
        nonfinite=sum(child.nonfinite for child in children),
    )


def _carry(
    bucket: Bucket,
    number: int,
    children: list[list[Bucket]],
    buckets: list[tuple[int, int, Bucket]],
) -> None:
    """Put a full bucket of level 1 into its parent, and so on up while parents get full."""
    for level in LEVELS[1:]:
        siblings = children[level - 2]
        siblings.append(bucket)
        if len(siblings) < FACTOR:
            return
        bucket, number = bucket_of_buckets(siblings), number // FACTOR
        siblings.clear()
        buckets.append((level, number, bucket))


def _close_open(
    count: int, children: list[list[Bucket]], buckets: list[tuple[int, int, Bucket]]
) -> None:
    """Add the open buckets of levels 2 and 3 as they are after `count` points."""
    open_child = buckets[-1][2] if count % FACTOR else None
    for level in LEVELS[1:]:
        siblings = children[level - 2] + ([open_child] if open_child else [])
        open_child = bucket_of_buckets(siblings) if siblings else None
        if open_child:
            buckets.append((level, (count - 1) // FACTOR**level, open_child))


def _mean(
    values: Sequence[float], weights: Sequence[int] | None, minimum: float, maximum: float
) -> float:
    """Weighted mean (without weights, the plain one), between `minimum` and `maximum`.

    Error: one rounding for each product and two more; where the sum overflows, one more a value.
    """
    if not values:
        return nan
    total = sum(weights) if weights else len(values)
    try:
        mean = fsum(map(mul, values, weights) if weights else values) / total
    except (OverflowError, ValueError):  # ValueError: products overflowed to both infinities
        mean = nan
    if not isfinite(mean):  # scale first, to half of it: the largest floats round to more than 1
        parts = weights or repeat(1)
        mean = 2 * fsum(v * (part / total) / 2 for v, part in zip(values, parts, strict=False))
    return min(max(mean, minimum), maximum)
