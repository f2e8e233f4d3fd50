"""Sparklines: a quantity over a whole run, in a line as wide as a word."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from chainrule.records import NormBucket
from chainrule.records.json_values import json_number

from .series import Number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Real = NDArray[np.float64]

SPARKLINE = 60
"""Entries of a sparkline at most: it is drawn about that many pixels wide."""

_EXACT = tuple(float(f"1e{k}") for k in range(23))
"""The powers of ten that a float holds exactly: with these, m / 10ᵏ is the float nearest to the
decimal number, which JSON then writes with its three digits."""


class Band(TypedDict):
    """A sparkline: lowest and highest value of each entry, to three significant digits.

    Attributes:
        low: Lowest value; null where nothing finite was measured.
        high: Highest value; null if each entry is one sample, so that it is the lowest.
    """

    low: list[Number | None]
    high: list[Number | None] | None


def bands_of_norms(
    buckets: Sequence[NormBucket], divisors: Mapping[int, float] | None = None
) -> dict[int, Band]:
    """Lowest and highest values of each parameter over buckets, divided by its own divisor."""
    import numpy as np

    indices = sorted({index for bucket in buckets for index in bucket.parameters})
    rows = {index: row for row, index in enumerate(indices)}
    low = np.full((len(indices), len(buckets)), np.nan)
    high = low.copy()
    for at, bucket in enumerate(buckets):
        own = [rows[index] for index in bucket.parameters]
        known = np.array(bucket.counts) > 0
        low[own, at] = np.where(known, bucket.minima, np.nan)
        high[own, at] = np.where(known, bucket.maxima, np.nan)
    by = np.array([(divisors or {}).get(index, 1.0) for index in indices])[:, None]
    lows = rounded(low / by)
    if all(bucket.samples == 1 for bucket in buckets):
        return {index: {"low": lows[row], "high": None} for index, row in rows.items()}
    highs = rounded(high / by)
    return {index: {"low": lows[row], "high": highs[row]} for index, row in rows.items()}


def rounded(values: "Real") -> list[list[Number | None]]:
    """Rows of numbers to three significant digits; null for NaN.

    All at once: a table of 200 layers has 100,000 of them, and rounding them one by one took a
    third of the time of its answer.
    """
    import numpy as np

    powers = np.array(_EXACT)
    with np.errstate(all="ignore"):
        places = 2 - np.floor(np.log10(np.abs(values)))
        usual = np.abs(places) < len(powers)
        power = powers[np.where(usual, np.abs(places), 0).astype(int)]
        digits = np.rint(np.where(places > 0, values * power, values / power))
        short: list[list[Number | None]] = np.where(
            places > 0, digits / power, digits * power
        ).tolist()
    for row, column in np.argwhere(~usual & (values != 0)).tolist():
        short[row][column] = _rounded_one(float(values[row, column]))
    return short


def _rounded_one(value: float) -> Number | None:
    if math.isnan(value):
        return None
    return json_number(float(f"{value:.3g}"))
