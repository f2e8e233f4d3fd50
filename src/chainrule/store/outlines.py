"""Records to JSON values and back, by the types they declare.

Reading checks every value against its annotation, so that a damaged file raises `Damaged` here and
no record with a wrong type in it reaches the diagnosis. A field that an older file lacks takes its
default; a field that we do not know is passed over.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .codec import pack_json, unpack_json
from .errors import Damaged

R = TypeVar("R")
Reading = Callable[[object], object]


def pack_record(record: object) -> bytes:
    """A dataclass record as an outline."""
    return pack_json(_to_json(record))


def unpack_record(kind: type[R], blob: object) -> R:
    """A record of `kind` from its outline.

    Raises:
        Damaged: If `blob` is not the outline of such a record.
    """
    return cast(R, _reading(cast(Any, kind))(unpack_json(blob)))


def _to_json(value: object) -> object:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _to_json(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_to_json(item) for item in value]
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _reading(annotation: Any) -> Reading:
    """The function that checks and builds a value of the annotated type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is object:
        return lambda value: value
    if dataclasses.is_dataclass(annotation):
        return _reading_record(cast(type, annotation))
    if origin is Literal:
        return _reading_one_of(arguments)
    if origin is tuple:
        if arguments[1:] == (...,):
            return _reading_items(_reading(arguments[0]))
        return _reading_fixed(tuple(_reading(argument) for argument in arguments))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _reading_mapping(_reading(arguments[1]))
    union = arguments if origin in (Union, types.UnionType) else (annotation,)
    if len(union) > 1 and any(
        get_origin(a) is Literal or dataclasses.is_dataclass(a) for a in union
    ):
        return _reading_optional(_reading(next(a for a in union if a is not type(None))))
    return _reading_scalar(frozenset(union))


def _reading_record(kind: type) -> Reading:
    hints = get_type_hints(kind)
    readings = {field.name: _reading(hints[field.name]) for field in dataclasses.fields(kind)}

    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise _unlike(kind.__name__, value)
        known = {name: read(value[name]) for name, read in readings.items() if name in value}
        try:
            return kind(**known)
        except TypeError as error:
            raise Damaged(f"an outline of a {kind.__name__} lacks a field: {error}") from error

    return read


def _reading_items(item: Reading) -> Reading:
    def read(value: object) -> object:
        if not isinstance(value, list):
            raise _unlike("list", value)
        return tuple(map(item, value))

    return read


def _reading_fixed(items: tuple[Reading, ...]) -> Reading:
    def read(value: object) -> object:
        if not isinstance(value, list) or len(value) != len(items):
            raise _unlike(f"list of {len(items)}", value)
        return tuple(item(part) for item, part in zip(items, value, strict=True))

    return read


def _reading_mapping(item: Reading) -> Reading:
    def read(value: object) -> object:
        if not isinstance(value, dict):
            raise _unlike("mapping", value)
        return {key: item(part) for key, part in value.items()}

    return read


def _reading_optional(reading: Reading) -> Reading:
    return lambda value: None if value is None else reading(value)


def _reading_one_of(words: tuple[object, ...]) -> Reading:
    def read(value: object) -> object:
        if value not in words:
            raise _unlike(" or ".join(map(str, words)), value)
        return value

    return read


def _reading_scalar(allowed: frozenset[type]) -> Reading:
    # An integer is a fine float (`lr=1`); True is neither, though Python counts it an integer.
    widened = allowed | {int} if float in allowed else allowed

    def read(value: object) -> object:
        if type(value) not in widened:
            raise _unlike(" or ".join(sorted(kind.__name__ for kind in allowed)), value)
        return value

    return read


def _unlike(expected: str, value: object) -> Damaged:
    return Damaged(f"a {type(value).__name__} stands where a {expected} should")
