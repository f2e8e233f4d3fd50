"""The pyramid, grown flush by flush, equals the one made of all points at once."""

from fractions import Fraction
from math import fsum, isfinite, isnan, nan
from pathlib import Path

import pytest
from any_record import floats
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import create, finish

from chainrule.records import Bucket
from chainrule.store import open_run
from chainrule.store.pyramid import CHUNK_POINTS, FACTOR, Point, Tail, grown


def brute_force(points: list[Point], level: int) -> list[Bucket]:
    size = FACTOR**level
    buckets = []
    for start in range(0, len(points), size):
        piece = points[start : start + size]
        finite = [value for _, value in piece if isfinite(value)]
        # In fractions: exact, and they do not overflow
        mean = float(sum(map(Fraction, finite)) / len(finite)) if finite else nan
        buckets.append(
            Bucket(
                first_step=piece[0][0],
                last_step=piece[-1][0],
                count=len(piece),
                minimum=min(finite, default=nan),
                mean=mean,
                maximum=max(finite, default=nan),
                nonfinite=len(piece) - len(finite),
            )
        )
    return buckets


def assert_alike(found: Bucket, expected: Bucket) -> None:
    for name in ("first_step", "last_step", "count", "nonfinite"):
        assert getattr(found, name) == getattr(expected, name)
    for name in ("minimum", "maximum"):
        assert getattr(found, name) == getattr(expected, name) or isnan(getattr(expected, name))
        assert isnan(getattr(found, name)) == isnan(getattr(expected, name))
    if isnan(expected.mean):
        assert isnan(found.mean)
        return
    assert found.minimum <= found.mean <= found.maximum
    largest = max(abs(expected.minimum), abs(expected.maximum))
    assert abs(found.mean / 2 - expected.mean / 2) <= 1e-14 * largest + 1e-321


def grow(points: list[Point], cuts: list[int]) -> tuple[dict, dict]:
    """Chunks and buckets as a file would hold them after flushes at the cuts."""
    tail, chunks, buckets = Tail(series=0), {}, {}
    ends = sorted({min(cut, len(points)) for cut in cuts} | {len(points)})
    start = 0
    for end in ends:
        if end == start:
            continue
        growth = grown(tail, points[start:end])
        chunks.update(growth.chunks)
        buckets.update({(level, number): bucket for level, number, bucket in growth.buckets})
        tail, start = growth.tail, end
    return chunks, buckets


def check(points: list[Point], cuts: list[int]) -> None:
    chunks, buckets = grow(points, cuts)
    assert [len(chunks[number]) for number in range(len(chunks) - 1)] == [CHUNK_POINTS] * (
        len(chunks) - 1
    )
    stored = [point for number in range(len(chunks)) for point in chunks[number]]
    assert repr(stored) == repr(points)
    for level in (1, 2, 3):
        expected = brute_force(points, level)
        found = [buckets[level, number] for number in range(len(expected))]
        assert len([key for key in buckets if key[0] == level]) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)


@settings(deadline=None)
@given(st.lists(floats, min_size=1, max_size=120), st.lists(st.integers(1, 120), max_size=5))
def test_pyramid_equals_brute_force_for_all_floats(values: list[float], cuts: list[int]) -> None:
    check([(3 * number, value) for number, value in enumerate(values)], cuts)


@settings(deadline=None, max_examples=12)
@given(
    st.integers(1, 2500),
    st.lists(st.integers(1, 2500), max_size=12),
    st.lists(floats, min_size=1, max_size=7),
)
def test_pyramid_equals_brute_force_over_chunks(
    count: int, cuts: list[int], values: list[float]
) -> None:
    check([(number, values[number % len(values)] * 1.0) for number in range(count)], cuts)


@pytest.mark.parametrize("count", [31, 32, 33, 255, 256, 257, 1023, 1024, 1025, 32768, 32770])
def test_pyramid_at_the_edges_of_buckets(count: int) -> None:
    points = [(number, float(number % 77)) for number in range(count)]
    check(points, [*range(0, count, 5000), count - 1])


def test_a_constant_has_its_own_value_as_its_mean() -> None:
    _, buckets = grow([(number, 0.1) for number in range(2000)], [7, 700])
    assert {bucket.mean for bucket in buckets.values()} == {0.1}


@pytest.mark.parametrize("extreme", [1.7976931348623157e308, -1.7976931348623157e308, 5e-324])
def test_means_of_extreme_values_do_not_overflow(extreme: float) -> None:
    for count in range(1, 100):
        _, buckets = grow([(number, extreme) for number in range(count)], [])
        assert {bucket.mean for bucket in buckets.values()} == {extreme}


def test_a_view_of_many_steps_reads_few_buckets(tmp_path: Path) -> None:
    writer = create(tmp_path)
    count = 100_000
    for step in range(count):
        writer.point("loss", step, step / 7)
        if step % 9973 == 0:
            writer.flush()
    finish(writer)
    with open_run(writer.path) as reader:
        assert [len(reader.pyramid("loss", level)) for level in (1, 2, 3)] == [3125, 98, 4]
        middle = reader.pyramid("loss", 2)[50]
        assert (middle.first_step, middle.last_step, middle.count) == (51200, 52223, 1024)
        assert middle.mean == pytest.approx(fsum(s / 7 for s in range(51200, 52224)) / 1024)
        assert reader.pyramid("nothing", 1) == ()
        with pytest.raises(ValueError, match="level 1, 2 or 3"):
            reader.pyramid("loss", 0)
