"""Samples summed up flush by flush equal the samples summed up at once."""

import os
import sqlite3
from fractions import Fraction
from math import inf, isfinite, isnan, nan
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import create, finish

from chainrule.records import QUANTITIES, NormBucket, ParameterSample, Quantity, StepSample
from chainrule.store import RunWriter, open_run
from chainrule.store.connection import amending
from chainrule.store.pyramid import FACTOR

norms = st.floats(min_value=0.0) | st.just(nan)  # a norm is never negative
parts = st.tuples(st.integers(0, 5), st.none() | norms, norms, norms)


def sample_of(step: int, entries: list[tuple], optimizer: int = 0) -> StepSample:
    return StepSample(
        step=step,
        optimizer=optimizer,
        time_s=0.0,
        overhead_s=0.0,
        parameters=tuple(
            ParameterSample(parameter=p, gradient_norm=g, weight_norm=w, update_norm=u)
            for p, g, w, u in entries
        ),
        backward_passes=(),
    )


def plain(step: int, parameters: int = 3, optimizer: int = 0) -> StepSample:
    entries = [(p, 1.0 + (step * 7 + p) % 11, 2.0 + p, (step % 5) / 8) for p in range(parameters)]
    return sample_of(step, entries, optimizer)


def value_of(part: ParameterSample, quantity: Quantity) -> float | None:
    if quantity != "update_ratio":
        return getattr(part, quantity)
    if part.weight_norm:
        return part.update_ratio
    return 0.0 if part.update_norm == 0 else None


def directly(samples: list[StepSample], quantity: Quantity) -> dict[int, tuple]:
    """Count of finite values, of others, minimum, mean and maximum of each parameter."""
    found = {}
    for parameter in {part.parameter for sample in samples for part in sample.parameters}:
        values = [
            value
            for sample in samples
            for part in sample.parameters
            if part.parameter == parameter and (value := value_of(part, quantity)) is not None
        ]
        finite = [value for value in values if isfinite(value)]
        # In fractions: exact, and they do not overflow
        mean = float(sum(map(Fraction, finite)) / len(finite)) if finite else nan
        found[parameter] = (
            len(finite),
            len(values) - len(finite),
            min(finite, default=inf),
            mean,
            max(finite, default=-inf),
        )
    return found


def assert_alike(bucket: NormBucket, samples: list[StepSample], quantity: Quantity) -> None:
    assert (bucket.first_step, bucket.last_step) == (samples[0].step, samples[-1].step)
    assert bucket.samples == len(samples)
    expected = directly(samples, quantity)
    assert set(bucket.parameters) == set(expected)
    for i, parameter in enumerate(bucket.parameters):
        count, nonfinite, low, mean, high = expected[parameter]
        assert (bucket.counts[i], bucket.nonfinite[i]) == (count, nonfinite)
        assert (bucket.minima[i], bucket.maxima[i]) == (low, high)
        if count:
            assert low <= bucket.means[i] <= high
            assert abs(bucket.means[i] / 2 - mean / 2) <= 1e-14 * high + 1e-321
        else:
            assert isnan(bucket.means[i])


def write(folder: Path, samples: list[StepSample], flush_after: set[int]) -> RunWriter:
    writer = create(folder)
    for i, sample in enumerate(samples):
        writer.sample(sample)
        if i in flush_after:
            writer.flush()
    finish(writer)
    return writer


def make_version_1(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE sample_bucket")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(parts, max_size=4, unique_by=lambda part: part[0]), min_size=1, max_size=5),
    st.integers(1, 90),
    st.sets(st.integers(0, 90), max_size=6),
    st.sampled_from([2, 3, 8, 100]),
    st.sampled_from(QUANTITIES),
    st.booleans(),
)
def test_buckets_equal_what_they_sum_up(
    entries: list[list[tuple]],
    count: int,
    flush_after: set[int],
    most: int,
    quantity: Quantity,
    older: bool,
) -> None:
    samples = [sample_of(3 * i, entries[i % len(entries)]) for i in range(count)]
    with TemporaryDirectory() as folder:
        path = write(Path(folder), samples, flush_after).path
        if older:
            make_version_1(path)
        with open_run(path) as reader:
            buckets = reader.norm_buckets(0, quantity, most)
            assert 1 <= len(buckets) <= most
            start = 0
            for bucket in buckets:
                assert_alike(bucket, samples[start : start + bucket.samples], quantity)
                start += bucket.samples
            assert start == count


@pytest.mark.parametrize("count", [1, 31, 32, 33, 1023, 1024, 1025, 2500])
def test_both_levels_at_the_edges_of_buckets(tmp_path: Path, count: int) -> None:
    samples = [plain(step) for step in range(count)]
    path = write(tmp_path, samples, {7, 40, 1030}).path
    with open_run(path) as reader:
        for most in (2, 4, 60):  # reads level 2, level 1 and the samples themselves
            buckets = reader.norm_buckets(0, "update_ratio", most)
            assert len(buckets) <= most
            assert len({bucket.samples for bucket in buckets[:-1]}) <= 1
            start = 0
            for bucket in buckets:
                assert_alike(bucket, samples[start : start + bucket.samples], "update_ratio")
                start += bucket.samples
            assert start == count


def test_each_optimizer_has_buckets_of_its_own(tmp_path: Path) -> None:
    samples = [plain(step, 2 + step % 2, optimizer=step % 2) for step in range(150)]
    with open_run(write(tmp_path, samples, {10, 90}).path) as reader:
        for optimizer in (0, 1):
            own = samples[optimizer::2]
            start = 0
            for bucket in reader.norm_buckets(optimizer, "weight_norm", 2):
                assert_alike(bucket, own[start : start + bucket.samples], "weight_norm")
                start += bucket.samples
            assert start == 75
        assert reader.norm_buckets(2, "weight_norm", 2) == ()
        with pytest.raises(ValueError, match="at least 2"):
            reader.norm_buckets(0, "weight_norm", 1)


def test_a_flush_that_fails_and_is_repeated_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = [plain(step) for step in range(100)]
    whole = write(tmp_path / "whole", samples, {50}).path
    writer = create(tmp_path / "interrupted")
    for sample in samples[:50]:
        writer.sample(sample)
    writer.flush()
    for sample in samples[50:]:
        writer.sample(sample)

    def interrupted(*_: object) -> dict[str, object]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # points come after samples: the sums were written by then
        patch.setattr("chainrule.store.writer.put_points", interrupted)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                writer.flush()
    finish(writer)
    assert stored_sums(writer.path) == stored_sums(whole)
    assert len(stored_sums(whole)) == 3 * len(QUANTITIES)


def stored_sums(path: Path) -> list[tuple]:
    connection = sqlite3.connect(path)
    try:
        query = "SELECT * FROM sample_bucket ORDER BY optimizer, level, quantity, number"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_view_of_many_samples_reads_few(tmp_path: Path) -> None:
    """Counts rows: the time depends on the machine."""
    samples = [plain(step) for step in range(3000)]
    with open_run(write(tmp_path, samples, set()).path) as reader:
        read = 0
        ask = reader._rows

        def counted(query: str, *values: object):
            nonlocal read
            rows = ask(query, *values)
            read += len(rows)
            return rows

        reader._rows = counted  # type: ignore[method-assign]
        assert len(reader.norm_buckets(0, "gradient_norm", 60)) == 47  # pairs of level 1
        assert read <= 3000 // FACTOR + FACTOR + 1


def test_a_file_of_version_1_is_migrated_by_its_verdict(tmp_path: Path) -> None:
    samples = [plain(step) for step in range(70)]
    path = write(tmp_path, samples, set()).path
    make_version_1(path)
    before = os.stat(path).st_size
    with amending(path):
        pass
    assert os.stat(path).st_size >= before
    with open_run(path) as reader:
        assert reader.run().schema_version == 2
        assert sum(bucket.samples for bucket in reader.norm_buckets(0, "gradient_norm", 8)) == 70
