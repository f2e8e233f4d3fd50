"""A line scan or a slice in words, and as a document for programs."""

import dataclasses
import math
from typing import TYPE_CHECKING

from chainrule.faces.contours import slice_remark
from chainrule.faces.document import Json, json_number
from chainrule.faces.numerals import count, number, percent
from chainrule.records.landscape import Axis, LineScan, Slice

if TYPE_CHECKING:
    from chainrule.faces.page import Page

_WIDTH = 20  # of the names on the left


def write_landscape(page: "Page", record: LineScan | Slice) -> None:
    """Write what was found on a page."""
    page.paragraph((f"{record.objective}, the loss against θ", "bold"))
    page.line()
    if isinstance(record, Slice):
        _write_slice(page, record)
    else:
        _write_line(page, record)


def landscape_document(record: LineScan | Slice) -> dict[str, Json]:
    """The record with all its numbers; `kind` is `line` or `slice`."""
    kind = "slice" if isinstance(record, Slice) else "line"
    return {"kind": kind, **_document(record)}


def _write_slice(page: "Page", found: Slice) -> None:
    x, y, lowest = found.minimum
    low, high = found.range
    _axis(page, "to the right", found.x)
    _axis(page, "upwards", found.y)
    infinite = sum(not math.isfinite(value) for value in found.values)
    if math.isnan(lowest):
        _row(page, "values", "none is finite")
    else:
        _row(page, "lowest", f"{number(lowest)} at ({number(x)}, {number(y)})")
        _row(page, "highest", number(high))
    if infinite and infinite < len(found.values):
        _row(page, "not finite", f"{count(infinite)} of {count(len(found.values))} points")
    _row(page, "evaluations", count(found.evaluations))
    if found.checked_points and not all(found.exact):
        checked = percent(found.checked_error, high - low)
        _row(
            page,
            "checked",
            f"at {found.checked_points} random points: largest difference {checked} of the range",
        )
    for remark in (slice_remark(found), found.note):
        if remark:
            page.line()
            page.paragraph(remark[0].upper() + remark[1:] + ".")


def _write_line(page: "Page", scan: LineScan) -> None:
    _axis(page, "along", scan.axis)
    _row(page, "L(θ)", number(scan.value_at_start))
    _row(page, "slope at θ", f"{number(scan.slope)} per unit of distance, by the derivative")
    if math.isnan(scan.best):
        _row(page, "values", "none is finite")
    else:
        how = "between the points, evaluated there" if scan.refined else "one of the points"
        _row(page, "lowest", f"{number(scan.best_value)} at {number(scan.best)} ({how})")
    infinite = sum(not math.isfinite(value) for value in scan.values)
    if infinite:
        _row(page, "not finite", f"{count(infinite)} of {count(len(scan.values))} points")
    _row(page, "evaluations", count(scan.evaluations))


def _axis(page: "Page", name: str, axis: Axis) -> None:
    low, high = axis.coordinates[0], axis.coordinates[-1]
    text = f"{axis.label} from {number(low)} to {number(high)}"
    if axis.kind != "variable":
        text += f", ‖d‖ = {number(axis.length)}"
    if axis.detail:
        text += f" ({axis.detail})"
    _row(page, name, text)


def _row(page: "Page", name: str, text: str) -> None:
    page.item((f"  {name:<{_WIDTH}}", "dim"), text)


def _document(record: LineScan | Slice) -> dict[str, Json]:
    return {field.name: _json(getattr(record, field.name)) for field in dataclasses.fields(record)}


def _json(value: object) -> Json:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return json_number(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"A record holds numbers and text, not {type(value).__name__}.")
