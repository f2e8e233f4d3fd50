"""Rows into the tables of schema.sql; each replaces the row of its key, so that twice is once."""

import sqlite3
from collections.abc import Mapping, Sequence

from chainrule.records import StepSample

from .codec import pack_floats, pack_integers
from .pyramid import Growth, Point, Tail, grown
from .sample_pyramid import FullBucket, SampleTail, continued, norms_of
from .samples import pass_rows, sample_row


def put_records(connection: sqlite3.Connection, rows: Sequence[tuple[str, int, bytes]]) -> None:
    """Write records: kind, number, outline."""
    connection.executemany(
        "INSERT OR REPLACE INTO record (kind, number, outline) VALUES (?, ?, ?)", rows
    )


def put_events(
    connection: sqlite3.Connection, first: int, rows: Sequence[tuple[str, bytes]]
) -> None:
    """Write events, kind and outline, numbered from `first`."""
    connection.executemany(
        "INSERT OR REPLACE INTO event (number, kind, outline) VALUES (?, ?, ?)",
        [(number, kind, outline) for number, (kind, outline) in enumerate(rows, first)],
    )


def put_samples(
    connection: sqlite3.Connection,
    first: int,
    samples: Sequence[StepSample],
    tails: Mapping[int, SampleTail],
) -> dict[int, SampleTail]:
    """Write samples with their backward passes, numbered from `first`, and the buckets they fill.

    Returns:
        The tails of all optimizers, which hold once this is committed.
    """
    numbered = list(enumerate(samples, first))
    connection.executemany(
        "INSERT OR REPLACE INTO sample (number, step, optimizer, timing, parameters, "
        "gradient_norms, weight_norms, update_norms, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [sample_row(number, sample) for number, sample in numbered],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO backward_pass (sample, number, labels, scalars, node_norms, "
        "edge_norms, numels, activation_counts, activation_fractions, dead_masks) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [row for number, sample in numbered for row in pass_rows(number, sample)],
    )
    after = dict(tails)
    for number, sample in numbered:
        tail = after.get(sample.optimizer, SampleTail())
        after[sample.optimizer], full = continued(tail, norms_of(number, sample))
        for bucket in full:
            _put_norms(connection, sample.optimizer, bucket)
    return after


def _put_norms(connection: sqlite3.Connection, optimizer: int, full: FullBucket) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO sample_bucket (optimizer, level, quantity, number, first_step, "
        "last_step, last_sample, samples, parameters, counts, nonfinite, minima, maxima, means) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                optimizer,
                full.level,
                quantity,
                full.number,
                bucket.first_step,
                bucket.last_step,
                full.last_sample,
                bucket.samples,
                pack_integers(bucket.parameters),
                pack_integers(bucket.counts),
                pack_integers(bucket.nonfinite),
                pack_floats(bucket.minima),
                pack_floats(bucket.maxima),
                pack_floats(bucket.means),
            )
            for quantity, bucket in enumerate(full.summary)
        ],
    )


def put_points(
    connection: sqlite3.Connection,
    tails: Mapping[str, Tail],
    points: Sequence[tuple[str, int, float]],
) -> dict[str, Tail]:
    """Write points of series: name, step, value.

    Returns:
        The tails of all series, which hold once this is committed.
    """
    by_series: dict[str, list[Point]] = {}
    for name, step, value in points:
        by_series.setdefault(name, []).append((step, value))
    after = dict(tails)
    for name, new in by_series.items():
        tail = after.get(name)
        if tail is None:
            tail = Tail(series=len(after))
            connection.execute(
                "INSERT OR REPLACE INTO series (number, name) VALUES (?, ?)", (tail.series, name)
            )
        growth = grown(tail, new)
        _put_growth(connection, growth)
        after[name] = growth.tail
    return after


def _put_growth(connection: sqlite3.Connection, growth: Growth) -> None:
    series = growth.tail.series
    connection.executemany(
        "INSERT OR REPLACE INTO chunk (series, number, steps, readings) VALUES (?, ?, ?, ?)",
        [
            (
                series,
                number,
                pack_integers([step for step, _ in piece]),
                pack_floats([value for _, value in piece]),
            )
            for number, piece in growth.chunks
        ],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO bucket (series, level, number, first_step, last_step, points, "
        "nonfinite, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                series,
                level,
                number,
                bucket.first_step,
                bucket.last_step,
                bucket.count,
                bucket.nonfinite,
                pack_floats((bucket.minimum, bucket.mean, bucket.maximum)),
            )
            for level, number, bucket in growth.buckets
        ],
    )
