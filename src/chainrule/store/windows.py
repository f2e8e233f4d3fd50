"""A part of a series in a given number of buckets, by reading little more than those.

The range of steps is narrowed from the top of the pyramid down: the buckets of one level that
overlap it tell the numbers of their children, so that no level is searched from end to end.
"""

from collections.abc import Callable, Sequence

from chainrule.records import Bucket, Window

from .codec import unpack_floats, unpack_integers
from .errors import Damaged
from .pyramid import CHUNK_POINTS, FACTOR, LEVELS, bucket_of_buckets, bucket_of_points
from .samples import to_integer

Rows = Callable[..., Sequence[tuple[object, ...]]]
"""Asks the file: a query and its values."""

READ = 8
"""Buckets read at most for each bucket that is asked for. Levels lie 32 apart: the finest that is
not more than 8 times too fine gives at least a quarter of the buckets that were asked for."""

FEW_POINTS = 8 * CHUNK_POINTS
"""Points that are read themselves, however few buckets are asked for: they are eight rows."""

_OVERLAPS = (
    "FROM bucket WHERE series = ? AND level = ? AND number BETWEEN ? AND ? "
    "AND last_step >= ? AND first_step <= ?"
)
_LAST_NUMBER = 2**62


def read_window(rows: Rows, name: str, first: int, last: int, most: int) -> Window:
    """Read the part of a series from step `first` to step `last`, both included.

    Args:
        rows: Asks the file.
        name: Of the series.
        first: First step.
        last: Last step.
        most: Buckets to give back at most, at least 2.

    Raises:
        ValueError: If `most` is below 2.
        Damaged: If the file is.
    """
    if most < 2:
        raise ValueError(f"expected at least 2 buckets, found {most}")
    found = rows("SELECT number FROM series WHERE name = ?", name)
    if not found:
        return Window(name, 0, 1, 0, 0, 0, ())
    series = to_integer(found[0][0])
    (whole,) = rows(
        "SELECT min(first_step), max(last_step), sum(points) FROM bucket "
        "WHERE series = ? AND level = ?",
        series,
        LEVELS[-1],
    )
    if whole[0] is None:
        return Window(name, 0, 1, 0, 0, 0, ())
    start, end, count = (to_integer(value) for value in whole)

    def narrowed(level: int, low: int, high: int) -> tuple[int, int] | None:
        (row,) = rows(
            f"SELECT min(number), max(number) {_OVERLAPS}", series, level, low, high, first, last
        )
        return None if row[0] is None else (to_integer(row[0]), to_integer(row[1]))

    level, numbers = LEVELS[-1], narrowed(LEVELS[-1], 0, _LAST_NUMBER)
    while numbers is not None and level > 1:
        low, high = numbers
        finer = narrowed(level - 1, low * FACTOR, high * FACTOR + FACTOR - 1)
        if finer is not None and finer[1] - finer[0] + 1 > READ * most:
            break
        level, numbers = level - 1, finer
    if numbers is None:
        return Window(name, 0, 1, start, end, count, ())
    low, high = numbers
    if level == 1 and (high - low + 1) * FACTOR <= max(READ * most, FEW_POINTS):
        level, numbered = 0, _points(rows, series, low, high, first, last)
    else:
        numbered = _buckets(rows, series, level, low, high)
    each, buckets = merged(numbered, most)
    return Window(name, level, FACTOR**level * each, start, end, count, buckets)


def merged(numbered: Sequence[tuple[int, Bucket]], most: int) -> tuple[int, tuple[Bucket, ...]]:
    """Sum up neighbours until at most `most` are left.

    Neighbours are taken in groups of a power of two that begin at fixed numbers, so that a view
    that is moved along draws the same buckets.

    Returns:
        How many are summed up in one, and the buckets.
    """
    each = 1
    while numbered and numbered[-1][0] // each - numbered[0][0] // each + 1 > most:
        each *= 2
    if each == 1:
        return 1, tuple(bucket for _, bucket in numbered)
    groups: dict[int, list[Bucket]] = {}
    for number, bucket in numbered:
        groups.setdefault(number // each, []).append(bucket)
    return each, tuple(bucket_of_buckets(group) for group in groups.values())


def to_bucket(row: Sequence[object]) -> Bucket:
    """A bucket from first_step, last_step, points, nonfinite, summary.

    Raises:
        Damaged: If the row is not one of ours.
    """
    first, last, points, nonfinite, summary = row
    minimum, mean, maximum = unpack_floats(summary, 3)
    return Bucket(
        first_step=to_integer(first),
        last_step=to_integer(last),
        count=to_integer(points),
        minimum=minimum,
        mean=mean,
        maximum=maximum,
        nonfinite=to_integer(nonfinite),
    )


def _buckets(rows: Rows, series: int, level: int, low: int, high: int) -> list[tuple[int, Bucket]]:
    return [
        (to_integer(number), to_bucket(row))
        for number, *row in rows(
            "SELECT number, first_step, last_step, points, nonfinite, summary FROM bucket "
            "WHERE series = ? AND level = ? AND number BETWEEN ? AND ? ORDER BY number",
            series,
            level,
            low,
            high,
        )
    ]


def _points(
    rows: Rows, series: int, low: int, high: int, first: int, last: int
) -> list[tuple[int, Bucket]]:
    """The points between two steps, which lie in the buckets of level 1 from `low` to `high`."""
    found = []
    for number, packed_steps, packed_values in rows(
        "SELECT number, steps, readings FROM chunk WHERE series = ? AND number BETWEEN ? AND ? "
        "ORDER BY number",
        series,
        low * FACTOR // CHUNK_POINTS,
        high * FACTOR // CHUNK_POINTS,
    ):
        steps = unpack_integers(packed_steps)
        values = unpack_floats(packed_values, len(steps))
        if len(steps) > CHUNK_POINTS:
            raise Damaged("a chunk of a series holds more points than chunks do")
        start = to_integer(number) * CHUNK_POINTS
        found += [
            (start + i, bucket_of_points([point]))
            for i, point in enumerate(zip(steps, values, strict=True))
            if first <= point[0] <= last
        ]
    return found
