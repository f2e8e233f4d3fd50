"""Is the answer the same for every example? Asked where the fall of the loss does not say it."""

import math

from .case import Case
from .losses.calls import calls_of, mean_square

ALIKE = 0.1
"""Spread of the answers over that of the targets: squared it is a hundredth of the variance, and
an answer that explains no more of it hardly looks at its input."""

_NORMALISED = 1e-3
"""How far sums over the classes may be from 1, or apart in shares of their size, and still be alike
because something made them so."""


def spread_of_answers(case: Case) -> float:
    """Range of the sums over the outputs of an example, prediction over target.

    Of the latest mean square of such a pair. About 1 where answers differ as the targets do, 0
    where all are the same, as they are if nothing of the input gets through.

    Returns:
        NaN if there is no such pair, or its sums are all alike because they are normalised.
    """
    for call in reversed(calls_of(case)):
        if call.target is None or mean_square(call) is None:
            continue
        (low, high), (least, most) = call.prediction.sum_last, call.target.sum_last
        size = max(abs(least), abs(most))
        if call.prediction.shape != call.target.shape or not most - least > _NORMALISED * size:
            continue
        if not abs(low - 1) + abs(high - 1) <= _NORMALISED:
            return (high - low) / (most - least)
    return math.nan
