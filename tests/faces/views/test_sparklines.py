"""Numbers of sparklines."""

import math
from decimal import Decimal

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule.faces.views.sparklines import bands_of_norms, rounded
from chainrule.records import NormBucket


@given(value=st.floats(allow_nan=False, allow_infinity=False))
@example(0.0)
@example(999.5)
@example(0.001)
@example(1e23)
@example(5e-324)
def test_three_digits_are_left_of_a_number(value: float) -> None:
    ((short,),) = rounded(np.array([[value]]))
    if short == "Infinity" or short == "-Infinity":  # rounded up beyond the largest float
        assert abs(value) > 1.79e308
        return
    assert isinstance(short, float)
    digits = Decimal(repr(short)).normalize().as_tuple().digits
    assert len(digits) <= 3
    assert math.isclose(short, value, rel_tol=0.00501, abs_tol=1e-323)


def test_what_is_no_number_is_said() -> None:
    values = np.array([[math.nan, math.inf, -math.inf, 1.23456], [0.0, 8.96e-06, 1234.0, 1e-300]])
    assert rounded(values) == [
        [None, "Infinity", "-Infinity", 1.23],
        [0.0, 8.96e-06, 1230.0, 1e-300],
    ]


def bucket(parameters: tuple[int, ...], minima: list[float], samples: int = 2) -> NormBucket:
    finite = [int(math.isfinite(value)) for value in minima]
    maxima = [2 * value if math.isfinite(value) else -math.inf for value in minima]
    return NormBucket(
        first_step=0,
        last_step=1,
        samples=samples,
        parameters=parameters,
        counts=finite,
        nonfinite=[0] * len(minima),
        minima=minima,
        means=minima,
        maxima=maxima,
    )


def test_a_parameter_has_entries_where_it_was_measured() -> None:
    buckets = [bucket((3, 5), [1.0, math.inf]), bucket((5, 7), [4.0, 6.0]), bucket((), [])]
    assert bands_of_norms(buckets, {5: 2.0}) == {
        3: {"low": [1.0, None, None], "high": [2.0, None, None]},
        5: {"low": [None, 2.0, None], "high": [None, 4.0, None]},
        7: {"low": [None, 6.0, None], "high": [None, 12.0, None]},
    }
    assert bands_of_norms([]) == {}
    assert bands_of_norms([bucket((1,), [3.0], samples=1)]) == {1: {"low": [3.0], "high": None}}
