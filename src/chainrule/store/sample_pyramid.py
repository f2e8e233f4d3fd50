"""Samples summed up: of each norm of each parameter the smallest, mean and largest of 32 and 1024.

The writer sums up samples when a bucket is full, and only then: in between it keeps their norms in
a `SampleTail`, which is a value, so that a flush that fails or is interrupted leaves the old one in
place, and writing the same rows once more changes nothing. What the open buckets hold is summed up
by the reader, which does the same with all samples of a file that is older than the buckets.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import TYPE_CHECKING

from chainrule.records import NEVER_RAN, QUANTITIES, NormBucket, StepSample

from .pyramid import FACTOR
from .samples import columns_of

if TYPE_CHECKING:  # NumPy is loaded where samples are summed up: a list of runs does without it
    import numpy as np
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

LEVELS = (1, 2)


@dataclass(frozen=True, slots=True)
class SampleNorms:
    """The norms of gradients, weights and updates in one sample; `NEVER_RAN`: there was none."""

    number: int
    step: int
    parameters: tuple[int, ...]
    norms: "tuple[array[float], array[float], array[float]]"


Summary = tuple[NormBucket, ...]
"""One bucket for each of `QUANTITIES`, over the same samples."""


@dataclass(frozen=True, slots=True)
class SampleTail:
    """The unfinished end of the samples of one optimizer.

    Attributes:
        full: How many buckets of level 1 are full.
        open: The samples after those, fewer than 32.
        children: The full buckets of level 1 in the open bucket of level 2.
    """

    full: int = 0
    open: tuple[SampleNorms, ...] = ()
    children: tuple[Summary, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FullBucket:
    """A bucket that became full.

    Attributes:
        last_sample: Number of the last sample in it.
    """

    level: int
    number: int
    last_sample: int
    summary: Summary


def continued(tail: SampleTail, sample: SampleNorms) -> tuple[SampleTail, list[FullBucket]]:
    """Add a sample.

    Cost: 60 µs for 200 parameters, a third of it for the bucket that every 32nd sample fills.
    """
    samples = (*tail.open, sample)
    if len(samples) < FACTOR:
        return SampleTail(tail.full, samples, tail.children), []
    summary = summary_of_samples(samples)
    full = [FullBucket(1, tail.full, sample.number, summary)]
    children = (*tail.children, summary)
    if len(children) == FACTOR:
        full.append(
            FullBucket(2, tail.full // FACTOR, sample.number, summary_of_summaries(children))
        )
        children = ()
    return SampleTail(tail.full + 1, (), children), full


def norms_of(number: int, sample: StepSample) -> SampleNorms:
    """The norms of a sample; `number` is its own in the file."""
    parameters, gradients, weights, updates, _ = columns_of(sample)
    if None in gradients:
        gradients = tuple(NEVER_RAN if norm is None else norm for norm in gradients)
    norms = array("d", gradients), array("d", weights), array("d", updates)
    return SampleNorms(number, sample.step, parameters, norms)


def summary_of_samples(samples: Sequence[SampleNorms]) -> Summary:
    """Sum up consecutive samples, at least one."""
    return tuple(bucket_of_samples(samples, quantity) for quantity in range(len(QUANTITIES)))


def bucket_of_samples(samples: Sequence[SampleNorms], quantity: int) -> NormBucket:
    """Sum up one quantity of consecutive samples, at least one.

    Args:
        samples: The samples.
        quantity: Its place in `QUANTITIES`.
    """
    import numpy as np

    parameters = samples[0].parameters
    if any(sample.parameters != parameters for sample in samples):
        parameters = tuple(sorted({index for sample in samples for index in sample.parameters}))
    if QUANTITIES[quantity] == "update_ratio":
        weight, update = (_matrix(samples, which, parameters) for which in (1, 2))
        with np.errstate(all="ignore"):
            norms = update / weight
        # as everywhere: zeros that stay zeros have moved by nothing, else there is no ratio
        norms[weight == 0] = np.where(update[weight == 0] == 0, 0.0, NEVER_RAN)
        norms[weight == NEVER_RAN] = NEVER_RAN
    else:
        norms = _matrix(samples, quantity, parameters)
    sound = np.isfinite(norms)
    finite = sound & (norms != NEVER_RAN)
    counts = finite.sum(0)
    with np.errstate(over="ignore"):  # rounded up beyond the largest float: `_bucket` sees to it
        mean = (np.where(finite, norms, 0.0) / np.maximum(counts, 1)).sum(0)
    return _bucket(
        samples[0].step,
        samples[-1].step,
        len(samples),
        parameters,
        counts,
        (~sound).sum(0),
        np.where(finite, norms, inf).min(0),
        mean,
        np.where(finite, norms, -inf).max(0),
    )


def _matrix(samples: Sequence[SampleNorms], which: int, parameters: tuple[int, ...]) -> "Real":
    """Norms with a row a sample and a column a parameter."""
    import numpy as np

    rows = []
    for sample in samples:
        row = sample.norms[which]
        if sample.parameters != parameters:
            known = dict(zip(sample.parameters, row, strict=True))
            row = array("d", [known.get(index, NEVER_RAN) for index in parameters])
        rows.append(np.frombuffer(row, dtype=np.float64) if row else np.empty(0))
    return np.stack(rows)


def summary_of_summaries(children: Sequence[Summary]) -> Summary:
    """Sum up consecutive summaries, at least one."""
    return tuple(bucket_of_norms(buckets) for buckets in zip(*children, strict=True))


def bucket_of_norms(buckets: Sequence[NormBucket]) -> NormBucket:
    """Sum up consecutive buckets of one quantity, at least one."""
    import numpy as np

    if len(buckets) == 1:
        return buckets[0]
    parameters = buckets[0].parameters
    if any(bucket.parameters != parameters for bucket in buckets):
        parameters = tuple(sorted({index for bucket in buckets for index in bucket.parameters}))
        buckets = [_reordered(bucket, parameters) for bucket in buckets]
    counts = np.array([bucket.counts for bucket in buckets], dtype="q")
    means = np.array([bucket.means for bucket in buckets], dtype="d")
    total = counts.sum(0)
    with np.errstate(over="ignore"):  # rounded up beyond the largest float: `_bucket` sees to it
        mean = (np.where(counts > 0, means, 0.0) * (counts / np.maximum(total, 1))).sum(0)
    return _bucket(
        buckets[0].first_step,
        buckets[-1].last_step,
        sum(bucket.samples for bucket in buckets),
        parameters,
        total,
        np.array([bucket.nonfinite for bucket in buckets], dtype="q").sum(0),
        np.array([bucket.minima for bucket in buckets], dtype="d").min(0),
        mean,
        np.array([bucket.maxima for bucket in buckets], dtype="d").max(0),
    )


def _bucket(
    first_step: int,
    last_step: int,
    samples: int,
    parameters: tuple[int, ...],
    counts: "Whole",
    nonfinite: "Whole",
    minima: "Real",
    means: "Real",
    maxima: "Real",
) -> NormBucket:
    """A bucket of arrays of Python's own, its means between minimum and maximum."""
    import numpy as np

    means = np.where(counts > 0, np.minimum(np.maximum(means, minima), maxima), nan)
    return NormBucket(
        first_step=first_step,
        last_step=last_step,
        samples=samples,
        parameters=parameters,
        counts=array("q", counts.astype("q").tobytes()),
        nonfinite=array("q", nonfinite.astype("q").tobytes()),
        minima=array("d", minima.tobytes()),
        means=array("d", means.tobytes()),
        maxima=array("d", maxima.tobytes()),
    )


def _reordered(bucket: NormBucket, parameters: tuple[int, ...]) -> NormBucket:
    """A bucket with an entry for each of `parameters`; empty for those it has not."""
    places = {index: place for place, index in enumerate(bucket.parameters)}
    at = [places.get(index) for index in parameters]
    return NormBucket(
        first_step=bucket.first_step,
        last_step=bucket.last_step,
        samples=bucket.samples,
        parameters=parameters,
        counts=[0 if i is None else bucket.counts[i] for i in at],
        nonfinite=[0 if i is None else bucket.nonfinite[i] for i in at],
        minima=[inf if i is None else bucket.minima[i] for i in at],
        means=[nan if i is None else bucket.means[i] for i in at],
        maxima=[-inf if i is None else bucket.maxima[i] for i in at],
    )
