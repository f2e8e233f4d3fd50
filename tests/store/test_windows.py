"""A part of a series: what it sums up, and that little more is read."""

from functools import cache
from itertools import pairwise
from math import fsum, isfinite, isnan, nan
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import create, finish

from chainrule.records import Window
from chainrule.store import open_run

COUNT = 70_000
EVERY = 3  # steps between points


def value_at(step: int) -> float:
    return nan if step % 9001 == 0 else (step * 2654435761 % 1000) / 8 - step / 1000


@cache
def long_series() -> Path:
    writer = create(Path(mkdtemp()))
    for i in range(COUNT):
        writer.point("loss", EVERY * i, value_at(EVERY * i))
    finish(writer)
    return writer.path


def check(window: Window, first: int, last: int, most: int) -> None:
    buckets = window.buckets
    assert len(buckets) <= most
    assert (window.first_step, window.last_step) == (0, EVERY * (COUNT - 1))
    assert window.count == COUNT
    inside = range(-(-first // EVERY) * EVERY, min(last, window.last_step) + 1, EVERY)
    if not inside:
        return
    assert buckets[0].first_step <= inside[0] and inside[-1] <= buckets[-1].last_step
    for before, after in pairwise(buckets):
        assert after.first_step == before.last_step + EVERY
    for bucket in buckets:
        assert bucket.last_step >= first and bucket.first_step <= last
        assert bucket.count <= window.points_each
        steps = range(bucket.first_step, bucket.last_step + 1, EVERY)
        assert len(steps) == bucket.count
        finite = [value for step in steps if isfinite(value := value_at(step))]
        assert bucket.nonfinite == bucket.count - len(finite)
        if not finite:
            assert isnan(bucket.minimum) and isnan(bucket.mean) and isnan(bucket.maximum)
            continue
        assert (bucket.minimum, bucket.maximum) == (min(finite), max(finite))
        assert bucket.mean == pytest.approx(fsum(finite) / len(finite), rel=1e-12, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, EVERY * COUNT), st.integers(1, 6).map(lambda n: 10**n), st.integers(2, 700))
def test_a_window_sums_up_its_points(first: int, width: int, most: int) -> None:
    with open_run(long_series()) as reader:
        check(reader.window("loss", first, first + width, most), first, first + width, most)


def test_a_narrow_window_holds_the_points_themselves() -> None:
    with open_run(long_series()) as reader:
        window = reader.window("loss", 30_000, 30_030, 100)
    assert (window.level, window.points_each) == (0, 1)
    assert [bucket.first_step for bucket in window.buckets] == list(range(30_000, 30_031, 3))
    assert all(bucket.mean == value_at(bucket.first_step) for bucket in window.buckets)


def test_a_window_that_is_moved_draws_the_same_buckets() -> None:
    with open_run(long_series()) as reader:
        here = reader.window("loss", 40_000, 120_000, 200)
        moved = reader.window("loss", 41_000, 121_000, 200)
    # those at the ends are cut off by the window
    inner = [b for b in here.buckets[:-1] if b.first_step >= 42_000]
    assert here.points_each == moved.points_each and len(inner) > 80
    assert set(inner) <= set(moved.buckets)


@pytest.mark.parametrize("width", [100, 10_000, 200_000])
def test_a_window_reads_few_rows(width: int) -> None:
    """Counts rows: the time depends on the machine."""
    with open_run(long_series()) as reader:
        read = 0
        ask = reader._rows

        def counted(query: str, *values: object):
            nonlocal read
            rows = ask(query, *values)
            read += len(rows)
            return rows

        reader._rows = counted  # type: ignore[method-assign]
        assert reader.window("loss", 5000, 5000 + width, 100).buckets
        assert read <= 8 * 100 + 10


def test_a_window_between_two_points_is_empty_and_so_is_a_series_that_was_never_measured() -> None:
    with open_run(long_series()) as reader:
        assert reader.window("loss", 31, 32).buckets == ()
        assert reader.window("loss", 10**30).buckets == ()
        assert reader.window("nothing") == Window("nothing", 0, 1, 0, 0, 0, ())
        with pytest.raises(ValueError, match="at least 2"):
            reader.window("loss", most=1)
