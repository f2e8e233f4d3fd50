"""Floats and integers survive as they are, and no blob does more than raise `Damaged`."""

import contextlib
import math
import zlib

import pytest
from any_record import floats, int64
from hypothesis import given
from hypothesis import strategies as st

from chainrule.store.codec import (
    BLOB_LIMIT_BYTES,
    pack_floats,
    pack_integers,
    pack_json,
    unpack_floats,
    unpack_integers,
    unpack_json,
)
from chainrule.store.errors import Damaged


@given(st.lists(floats))
def test_all_floats_survive(values: list[float]) -> None:
    assert list(map(repr, unpack_floats(pack_floats(values)))) == list(map(repr, values))


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_floats_of_single_precision_take_four_bytes(values: list[float]) -> None:
    assert len(pack_floats(values)) == 1 + 4 * len(values)


@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001])
def test_a_nan_of_any_payload_stays_a_nan(bits: int) -> None:
    import struct

    (value,) = struct.unpack("<d", struct.pack("<Q", bits))
    assert math.isnan(unpack_floats(pack_floats([value, 0.1]))[0])


@given(st.lists(int64))
def test_integers_survive(values: list[int]) -> None:
    assert list(unpack_integers(pack_integers(values))) == values


def test_integers_of_more_than_64_bits_are_refused() -> None:
    with pytest.raises(OverflowError):
        pack_integers([2**63])


@given(st.binary(), st.none() | st.integers(0, 5))
def test_unpacking_arbitrary_bytes_raises_nothing_but_damaged(
    blob: bytes, count: int | None
) -> None:
    for unpack in (unpack_floats, unpack_integers):
        with contextlib.suppress(Damaged):
            assert len(unpack(blob, count)) == count or count is None


@given(st.binary() | st.text() | st.none() | st.integers())
def test_unpacking_arbitrary_json_raises_nothing_but_damaged(value: object) -> None:
    with pytest.raises(Damaged):
        unpack_json(value)
    if isinstance(value, bytes):
        with contextlib.suppress(Damaged):
            unpack_json(zlib.compress(value))


def test_what_unzips_to_too_much_is_refused() -> None:
    bomb = zlib.compress(b" " * (BLOB_LIMIT_BYTES + 1))
    with pytest.raises(Damaged, match="more than 64 MiB"):
        unpack_json(bomb)


def test_json_nested_beyond_measure_is_refused() -> None:
    with pytest.raises(Damaged):
        unpack_json(zlib.compress(b"[" * 100_000 + b"]" * 100_000))


def test_an_object_of_the_user_is_named_and_never_called() -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError("called")

    assert unpack_json(pack_json({"a": Loud()})) == {"a": "<Loud>"}
