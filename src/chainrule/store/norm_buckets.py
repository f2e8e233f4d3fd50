"""Reading samples summed up, in few enough buckets to draw."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from chainrule.records import QUANTITIES, NormBucket, Quantity

from .codec import float_array, integer_array, unpack_integers
from .pyramid import FACTOR
from .sample_pyramid import LEVELS, SampleNorms, bucket_of_norms, bucket_of_samples
from .samples import norms_in, to_integer
from .windows import READ, Rows

_PAGE = 256
_SAMPLES = (
    "SELECT number, step, parameters, gradient_norms, weight_norms, update_norms, flags "
    "FROM sample WHERE number > ? AND optimizer = ? ORDER BY number LIMIT ?"
)
_BUCKETS = (
    "SELECT first_step, last_step, samples, parameters, counts, nonfinite, minima, maxima, means "
    "FROM sample_bucket WHERE optimizer = ? AND level = ? AND quantity = ? AND number >= ? "
    "ORDER BY number"
)


def read_norm_buckets(
    rows: Rows, optimizer: int, quantity: Quantity, most: int
) -> tuple[NormBucket, ...]:
    """Read the samples of an optimizer in at most `most` buckets.

    Raises:
        ValueError: If `most` is below 2.
        Damaged: If the file is.
    """
    if most < 2:
        raise ValueError(f"expected at least 2 buckets, found {most}")
    at = QUANTITIES.index(quantity)
    full, last_sample = _end(rows, optimizer)
    if full * FACTOR <= READ * most:
        return _of_samples(_samples(rows, optimizer, -1), at, most)
    level = 1
    while level < LEVELS[-1] and full // FACTOR ** (level - 1) > READ * most:
        level += 1
    each = FACTOR ** (level - 1)
    stored = _stored(rows, optimizer, level, at, 0)
    # what lies in the open bucket of this level: buckets of level 1, then single samples
    inner = _stored(rows, optimizer, 1, at, full // each * each) if level > 1 else iter(())
    rest = _summed_up(_samples(rows, optimizer, last_sample), at, FACTOR)
    return _gathered(chain(stored, _grouped(chain(inner, rest), each)), most)


def _of_samples(samples: Iterator[SampleNorms], at: int, most: int) -> tuple[NormBucket, ...]:
    """Sum up samples themselves; those of a long file of version 1 by 32 first, as they come."""
    few = list(islice(samples, READ * most + FACTOR))
    if len(few) == READ * most + FACTOR:
        return _gathered(_summed_up(chain(few, samples), at, FACTOR), most)
    each = 1
    while -(-len(few) // each) > most:
        each *= 2
    return tuple(_summed_up(few, at, each))


def _summed_up(samples: Iterable[SampleNorms], at: int, each: int) -> Iterator[NormBucket]:
    """Sum up one quantity of neighbours `each` at a time; the last group may be smaller."""
    waiting = iter(samples)
    while group := list(islice(waiting, each)):
        yield bucket_of_samples(group, at)


def _end(rows: Rows, optimizer: int) -> tuple[int, int]:
    """How many buckets of level 1 are full, and the number of the last sample in them."""
    found = rows(
        "SELECT number, last_sample FROM sample_bucket "
        "WHERE optimizer = ? AND level = 1 AND quantity = 0 ORDER BY number DESC LIMIT 1",
        optimizer,
    )
    return (to_integer(found[0][0]) + 1, to_integer(found[0][1])) if found else (0, -1)


def _gathered(buckets: Iterable[NormBucket], most: int) -> tuple[NormBucket, ...]:
    """Sum up neighbours, in groups of a power of two, so that at most `most` are left."""
    even = most // 2 * 2
    each = 1
    found: list[NormBucket] = []
    group: list[NormBucket] = []
    for bucket in buckets:
        if len(found) == even:
            found = list(_grouped(found, 2))
            each *= 2
        group.append(bucket)
        if len(group) == each:
            found.append(bucket_of_norms(group))
            group = []
    if group:
        found.append(bucket_of_norms(group))
    return tuple(found)


def _grouped(buckets: Iterable[NormBucket], each: int) -> Iterator[NormBucket]:
    """Sum up neighbours `each` at a time; the last group may be smaller."""
    waiting = iter(buckets)
    while group := list(islice(waiting, each)):
        yield bucket_of_norms(group)


def _stored(rows: Rows, optimizer: int, level: int, at: int, first: int) -> Iterator[NormBucket]:
    for start, end, samples, indices, counts, nonfinite, minima, maxima, means in rows(
        _BUCKETS, optimizer, level, at, first
    ):
        parameters = unpack_integers(indices)
        size = len(parameters)
        yield NormBucket(
            first_step=to_integer(start),
            last_step=to_integer(end),
            samples=to_integer(samples),
            parameters=parameters,
            counts=integer_array(counts, size),
            nonfinite=integer_array(nonfinite, size),
            minima=float_array(minima, size),
            means=float_array(means, size),
            maxima=float_array(maxima, size),
        )


def _samples(rows: Rows, optimizer: int, after: int) -> Iterator[SampleNorms]:
    """The samples of an optimizer after that of a number."""
    while True:
        page = rows(_SAMPLES, after, optimizer, _PAGE)
        for number, step, *packed in page:
            after = to_integer(number)
            parameters, *columns = norms_in(packed)
            gradients, weights, updates = (array("d", column) for column in columns)
            yield SampleNorms(after, to_integer(step), parameters, (gradients, weights, updates))
        if len(page) < _PAGE:
            return
