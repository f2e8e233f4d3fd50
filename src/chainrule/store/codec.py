"""Numbers and JSON as blobs: every float survives, and no blob can do harm when it is read.

A packed array is one byte that names the type of its items, then the items, little-endian. The
smallest type that holds every item exactly is taken: most norms come from float32 and most counts
are small, which halves the file.
"""

import json
import sys
import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from .errors import Damaged

BLOB_LIMIT_BYTES = 64 * 2**20
"""No blob is larger, zipped or not: a damaged or hostile file must not exhaust the memory."""

_INTEGERS = ((-(2**7), 2**7, "b"), (-(2**15), 2**15, "h"), (-(2**31), 2**31, "i"))
_INTEGER_TYPES = "bhiq"
_FLOAT_TYPES = "fd"


def pack_floats(values: Sequence[float]) -> bytes:
    """Pack floats, as float32 where that is exact; a NaN stays a NaN, its payload does not matter.

    Raises:
        TypeError: If a value is not a number.
    """
    doubles = array("d", values)
    if doubles and array("f", doubles[-1:])[0] != doubles[-1] == doubles[-1]:  # one is enough
        return _pack(doubles)
    singles = array("f", doubles)
    exact = array("d", singles).tobytes() == doubles.tobytes()
    return _pack(singles if exact else doubles)


def pack_integers(values: Sequence[int]) -> bytes:
    """Pack integers of up to 64 bits.

    Raises:
        OverflowError: If a value takes more than 64 bits.
    """
    return _packed_integers(tuple(values))


@lru_cache(maxsize=64)  # a sample has mostly the parameters and the sizes of the one before
def _packed_integers(values: tuple[int, ...]) -> bytes:
    low, high = (min(values), max(values)) if values else (0, 0)
    for least, above, letter in _INTEGERS:
        if least <= low and high < above:
            return _pack(array(letter, values))
    return _pack(array("q", values))


def unpack_floats(blob: object, count: int | None = None) -> tuple[float, ...]:
    """Unpack what `pack_floats` packed.

    Raises:
        Damaged: If `blob` is anything else, or holds another number of items than `count`.
    """
    return tuple(float_array(blob, count))


def float_array(blob: object, count: int | None = None) -> "array[float]":
    """As `unpack_floats`, in a type of its own, for who sums up many of them.

    Raises:
        Damaged: If `blob` is anything else, or holds another number of items than `count`.
    """
    return cast("array[float]", _unpack(blob, _FLOAT_TYPES, count))


def unpack_integers(blob: object, count: int | None = None) -> tuple[int, ...]:
    """Unpack what `pack_integers` packed.

    Raises:
        Damaged: If `blob` is anything else, or holds another number of items than `count`.
    """
    return tuple(integer_array(blob, count))


def integer_array(blob: object, count: int | None = None) -> "array[int]":
    """As `unpack_integers`, in a type of its own, for who sums up many of them.

    Raises:
        Damaged: If `blob` is anything else, or holds another number of items than `count`.
    """
    return cast("array[int]", _unpack(blob, _INTEGER_TYPES, count))


def pack_json(value: object) -> bytes:
    """Pack JSON values; what JSON has no word for is named by its type, never called upon."""
    text = json.dumps(value, separators=(",", ":"), default=lambda odd: f"<{type(odd).__name__}>")
    return zlib.compress(text.encode("ascii"), 6)


def unpack_json(blob: object) -> object:
    """Unpack what `pack_json` packed.

    Raises:
        Damaged: If `blob` is anything else.
    """
    if not isinstance(blob, bytes):
        raise Damaged(f"a {type(blob).__name__} stands where an outline should")
    unzip = zlib.decompressobj()
    try:
        text = unzip.decompress(blob, BLOB_LIMIT_BYTES)
        if not unzip.eof:
            raise Damaged("an outline is cut off or unzips to more than 64 MiB")
        value: object = json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise Damaged(f"an outline cannot be read: {error}") from error
    return value


def _pack(items: "array[int] | array[float]") -> bytes:
    if sys.byteorder == "big":
        items.byteswap()
    return items.typecode.encode() + items.tobytes()


def _unpack(blob: object, types: str, count: int | None) -> "array[int] | array[float]":
    if not isinstance(blob, bytes) or not blob:
        raise Damaged(f"a {type(blob).__name__} stands where numbers should")
    letter = chr(blob[0])
    if letter not in types:
        raise Damaged(f"numbers of an unknown type {letter!r}")
    items: array[int] | array[float] = array(letter)
    if (len(blob) - 1) % items.itemsize:
        raise Damaged("an array of numbers is cut off")
    items.frombytes(blob[1:])
    if sys.byteorder == "big":
        items.byteswap()
    if count is not None and len(items) != count:
        raise Damaged(f"{len(items)} numbers stand where {count} should")
    return items
