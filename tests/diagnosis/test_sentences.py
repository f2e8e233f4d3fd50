"""Numbers in sentences."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.diagnosis.wording import count, names, number, percent, plural


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.1234, "0.123"),
        (12.0, "12"),
        (1234.5, "1234"),
        (0.00012, "1.2·10⁻⁴"),
        (3.2e9, "3.2·10⁹"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-0.5, "-0.5"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_number_is_true_to_three_digits(value: float) -> None:
    text = number(value).replace("·10", "e")
    plain = text.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert float(plain) == pytest.approx(value, rel=0.051)


def test_others() -> None:
    assert count(1234567) == "1,234,567"
    assert percent(0.0123) == "1.23 %"
    assert names(["a"]) == "a"
    assert names(["a", "b", "a", "c"]) == "a, b and c"
    assert names(list("abcdef")) == "a, b, c, d and 2 more"
    assert plural(1, "layer") == "1 layer"
    assert plural(2, "backward pass", "backward passes") == "2 backward passes"
