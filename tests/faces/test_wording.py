"""Numbers and names as they are shown."""

import math

import pytest

from chainrule.faces.labels import run_argument, shorten, span_label
from chainrule.faces.numerals import duration, number, percent, plural, power_of_ten


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.0461, "0.0461"),
        (0.00999, "0.00999"),
        (12345.6, "12346"),
        (99999.9, "100000"),
        (2.84e-9, "2.8·10⁻⁹"),
        (9.99e-9, "1.0·10⁻⁸"),
        (-3.2e21, "-3.2·10²¹"),
        (5e-324, "4.9·10⁻³²⁴"),
        (1.7e308, "1.7·10³⁰⁸"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_number(value: float, shown: str) -> None:
    assert number(value) == shown


def test_powers_shares_durations_and_counts() -> None:
    assert [power_of_ten(n) for n in (-12, 0, 1, 2)] == ["10⁻¹²", "1", "10", "10²"]
    assert percent(0.214, 30.1) == "0.71 %"
    assert percent(1e-9, 1) == "under 0.01 %"
    assert percent(3, 10) == "30 %"
    assert percent(1, 0) == percent(math.nan, 1) == "unknown"
    assert [duration(s) for s in (0.2134, 30.1, 125, 12000)] == [
        "0.21 s",
        "30 s",
        "2 min 5 s",
        "3 h 20 min",
    ]
    assert plural(1, "step") == "1 step"
    assert plural(12800, "step") == "12,800 steps"


def test_names_are_shortened_in_the_middle() -> None:
    assert shorten("encoder.layers.11.dense", 30) == "encoder.layers.11.dense"
    assert shorten("encoder.layers.11.dense", 11) == "encod…dense"
    assert shorten("encoder.layers.11.dense", 11, "...") == "enco...ense"
    assert shorten("encoder", 1) == "e"


def test_span_of_modules() -> None:
    assert span_label(["layers.7.fc", "layers.6.fc", "layers.5.fc"]) == "layers.7 … 5"
    assert span_label(["a.b", "a.b"]) == "a.b"
    assert span_label(["a.b.c", "a.b"]) == "a.b"
    assert span_label(["a", "b"]) == "a … b"
    assert span_label(["", ""]) == ""


def test_run_is_named_as_it_would_be_typed() -> None:
    assert run_argument("chainrule-runs/deep.db") == "deep"
    assert run_argument("/data/my runs/deep.db") == "'/data/my runs/deep.db'"
