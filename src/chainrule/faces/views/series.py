"""The question `series`: a part of a measured series, in few enough buckets to draw."""

from collections.abc import Sequence
from typing import Literal, TypedDict, cast

from chainrule.records import Bucket, Window
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .question import Context, Parameters, Question, Refusal

POINTS = 500
"""Buckets of a curve unless told otherwise: one for every two to three pixels of a screen."""

MOST_POINTS = 4000
"""Buckets that are ever given: one a pixel of a very wide screen."""

Number = float | str
"""A number; what is not finite is a word (`records/json_values.py`)."""


class BucketColumns(TypedDict):
    """Buckets of consecutive points as columns, one entry a bucket."""

    first_step: list[int]
    last_step: list[int]
    count: list[int]
    min: list[Number]
    mean: list[Number]
    max: list[Number]
    nonfinite: list[int]


class SeriesDocument(TypedDict):
    """A part of a series; `steps` and `count` are of the whole series.

    Attributes:
        points_each: Points in a bucket; 1 if these are the points themselves.
        steps: First and last step that was measured; null if none was.
        count: Points measured.
    """

    view: Literal["series"]
    name: str
    level: int
    points_each: int
    steps: list[int] | None
    count: int
    buckets: BucketColumns


def series_document(
    reader: RunReader, name: str, first: int = 0, last: int | None = None, points: int = POINTS
) -> SeriesDocument:
    """A series from step `first` to step `last` in at most `points` buckets.

    Raises:
        RunFileError: If the file is damaged.
        ValueError: If `points` is below 2.
    """
    return window_document(reader.window(name, first, last, points))


def window_document(window: Window) -> SeriesDocument:
    """A part of a series as it was read."""
    return {
        "view": "series",
        "name": window.name,
        "level": window.level,
        "points_each": window.points_each,
        "steps": [window.first_step, window.last_step] if window.count else None,
        "count": window.count,
        "buckets": bucket_columns(window.buckets),
    }


def bucket_columns(buckets: Sequence[Bucket]) -> BucketColumns:
    """Buckets as columns."""
    return {
        "first_step": [b.first_step for b in buckets],
        "last_step": [b.last_step for b in buckets],
        "count": [b.count for b in buckets],
        "min": [json_number(b.minimum) for b in buckets],
        "mean": [json_number(b.mean) for b in buckets],
        "max": [json_number(b.maximum) for b in buckets],
        "nonfinite": [b.nonfinite for b in buckets],
    }


def points_asked(parameters: Parameters) -> int:
    """The parameter `points`.

    Raises:
        Refusal: If it is no number of buckets that can be drawn.
    """
    points = parameters.whole("points", POINTS)
    if not 2 <= points <= MOST_POINTS:
        raise Refusal(
            f"Expected 2 to {MOST_POINTS:,} points to draw, found {points}.", field="points"
        )
    return points


def steps_asked(parameters: Parameters) -> tuple[int, int | None]:
    """The parameters `first` and `last`; without `last` up to the end.

    Raises:
        Refusal: If they are not in order.
    """
    first = parameters.whole("first", 0)
    last = parameters.whole("last") if "last" in parameters else None
    if last is not None and last < first:
        raise Refusal(f"Expected a last step from {first} on, found {last}.", field="last")
    return first, last


def _series(parameters: Parameters, context: Context) -> dict[str, Json]:
    first, last = steps_asked(parameters)
    points = points_asked(parameters)
    with context.open(parameters.text("run")) as reader:
        name = parameters.text("name")
        known = reader.series_names()
        if name not in known:
            raise Refusal(
                f"Expected a series of this run ({', '.join(known) or 'it has none yet'}), found "
                f"{name[:80]!r}.",
                field="name",
            )
        return cast(dict[str, Json], series_document(reader, name, first, last, points))


QUESTIONS = (Question("series", _series),)
