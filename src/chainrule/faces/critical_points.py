"""The places where a formula has no slope, in the terminal and as JSON."""

from collections.abc import Mapping, Sequence

from chainrule import __version__
from chainrule.records.flatness import FlatPlace, StationaryPoint, StationaryPoints

from .document import Json, json_number
from .numerals import number, plural
from .page import Page
from .theta import by_name, vector_label

MOST_SHOWN = 30
"""Points listed in the terminal; JSON has all."""

MOST_OF_REGIONS = 5
"""Points listed where whole regions are flat."""

_ROUNDING = 1e-8
"""Share of the box up to which a coordinate is shown as 0: ten times what ends the search."""

_LIKELY_MISSED = 0.5
"""Expected number of missed points from which they are spoken of: nearer to one than to none."""


def write_critical_points(
    page: Page,
    found: StationaryPoints,
    *,
    formula: str,
    equations: Sequence[tuple[str, str]],
    tried: Mapping[StationaryPoint, FlatPlace],
) -> None:
    """Write the stationary points of a formula.

    Args:
        page: Where to.
        found: The search's result.
        formula: As it was typed.
        equations: Each variable with its partial derivative, which is 0 at these places.
        tried: Of places whose curvature leaves their kind open, what trying nearby ones said.
    """
    page.line()
    page.item(("chainrule  ", "bold"), (f"where {formula} is flat", "dim"))
    page.line()
    page.line(("Where every slope is 0", "bold"))
    for name, slope in equations:
        page.formula(f"  ∂/∂{name} = {slope} = 0")
    page.line()
    page.line((_counted(found), "bold"))
    regions = len(found.of("undecided")) > MOST_SHOWN
    if regions:
        page.paragraph(
            "So many are no single places: the formula is flat along whole lines or in whole "
            "regions, and these are some of their points.",
            indent=2,
        )
    shown = MOST_OF_REGIONS if regions else MOST_SHOWN
    for point in found.points[:shown]:
        kind = f"{tried[point].kind}, likely" if point in tried else point.kind
        page.line(
            f"  {kind:<16}",
            vector_label(found.parameters, _rounded(found, point), 8),
            (f"   value {number(point.loss)}", "dim"),
            (f"   {_bends(point)}", "dim"),
        )
    if len(found.points) > shown:
        page.line((f"  … {len(found.points) - shown} more: --format json has all", "dim"))
    page.line()
    page.paragraph((_trust(found), "dim"), indent=2)
    page.line()


def critical_points_document(
    found: StationaryPoints,
    *,
    formula: str,
    equations: Sequence[tuple[str, str]],
    tried: Mapping[StationaryPoint, FlatPlace],
) -> dict[str, Json]:
    """The document of the stationary points."""
    return {
        "chainrule": __version__,
        "formula": formula,
        "gradient": dict(equations),
        "box": {
            "low": [json_number(value) for value in found.low],
            "high": [json_number(value) for value in found.high],
        },
        "points": [
            {
                "kind": point.kind,
                "likely": tried[point].kind if point in tried else None,
                "at": {key: _plain(value) for key, value in _named(found, point).items()},
                "value": json_number(point.loss),
                "eigenvalues": [json_number(value) for value in point.eigenvalues],
                "eigenvalue_bound": json_number(point.bound),
                "error": json_number(point.error),
            }
            for point in found.points
        ],
        "expected_missing": json_number(found.expected_missing),
        "index": found.index,
        "winding": found.winding,
    }


def _rounded(found: StationaryPoints, point: StationaryPoint) -> list[float]:
    """The place, with what is 0 up to the error of the search as 0."""
    sides = zip(point.theta, found.low, found.high, strict=True)
    return [0.0 if abs(at) <= _ROUNDING * (high - low) else at for at, low, high in sides]


def _named(found: StationaryPoints, point: StationaryPoint) -> dict[str, object]:
    return by_name(found.parameters, point.theta)


def _plain(value: object) -> Json:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return json_number(float(value)) if isinstance(value, float | int) else str(value)


def _counted(found: StationaryPoints) -> str:
    if not found.points:
        return "No place without slope was found in this box"
    kinds = [
        f"{len(those)} {one if len(those) == 1 else many}"
        for those, one, many in (
            (found.of("minimum"), "minimum", "minima"),
            (found.of("saddle"), "saddle", "saddles"),
            (found.of("maximum"), "maximum", "maxima"),
            (found.of("undecided"), "undecided", "undecided"),
        )
        if those
    ]
    return f"{plural(len(found.points), 'place')} in this box: " + ", ".join(kinds)


def _bends(point: StationaryPoint) -> str:
    values = ", ".join(number(value) for value in point.eigenvalues)
    return f"curvatures {values}" if len(point.eigenvalues) > 1 else f"curvature {values}"


def _trust(found: StationaryPoints) -> str:
    said = (
        "A place is a minimum if the curvature is positive in every direction, a maximum if it is "
        "negative in every direction, a saddle if it is both; undecided, if a curvature cannot be "
        "told from 0; likely, if such a place was told by trying others nearby. They were searched "
        f"from {found.starts:,} starts by Newton's method."
    )
    if found.index is not None and found.winding is not None:
        agree = found.index == found.winding
        said += (
            f" Around the border of the box the gradient turns {plural(abs(found.winding), 'time')}"
            f"{' backwards' if found.winding < 0 else ''}, so minima and maxima less saddles must "
            f"come to {found.winding}; those found come to {found.index}"
            + (", as they must." if agree else ": some are missing.")
        )
    if found.expected_missing >= _LIKELY_MISSED:
        said += f" About {number(found.expected_missing, 2)} more are likely to be there."
    return said
