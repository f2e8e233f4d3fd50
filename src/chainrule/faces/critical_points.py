"""The places where a formula has no slope, or a kink, in the terminal and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule import __version__
from chainrule.records.flatness import FlatPlace, KinkPlace, StationaryPoint, StationaryPoints

from .document import Json, json_number
from .numerals import number, plural
from .page import Page
from .theta import by_name, vector_label

MOST_SHOWN = 30
"""Points listed in the terminal; JSON has all."""

MOST_OF_MANY = 5
"""Points listed of a curve or a region."""

_ROUNDING = 1e-8
"""Share of the box up to which a coordinate is shown as 0: ten times what ends the search."""

_LIKELY_MISSED = 0.5
"""Expected number of missed points from which they are spoken of: nearer to one than to none."""

_PLURALS = (
    ("minimum", "minima"),
    ("saddle", "saddles"),
    ("maximum", "maxima"),
    ("inflection", "inflections"),
    ("plateau", "on a plateau"),
    ("kink", "kinks"),
    ("jump", "jumps"),
    ("undecided", "undecided"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalPoints:
    """All that is known of where a formula is flat or has a kink.

    Attributes:
        formula: As it is written on paper.
        equations: Each variable with its partial derivative, which is 0 at flat places.
        found: The places without slope.
        kinks: The places where the slope jumps.
        tried: Of places whose curvature leaves their kind open, what trying nearby ones said.
    """

    formula: str
    equations: Sequence[tuple[str, str]]
    found: StationaryPoints
    kinks: Sequence[KinkPlace]
    tried: Mapping[StationaryPoint, FlatPlace]

    @property
    def one_variable(self) -> bool:
        """Whether the formula is a curve and no surface."""
        return len(self.found.low) == 1

    def kind(self, point: StationaryPoint) -> str:
        """By curvature, else by what was tried."""
        return self.likely(point) or point.kind

    def likely(self, point: StationaryPoint) -> str | None:
        """What was tried, if anything was; between rising and falling a curve has no saddle."""
        if point not in self.tried:
            return None
        kind = self.tried[point].kind
        return "inflection" if kind == "saddle" and self.one_variable else kind


def write_critical_points(page: Page, critical: CriticalPoints) -> None:
    """Write the critical points of a formula."""
    found = critical.found
    page.line()
    page.item(("chainrule  ", "bold"), (f"where {critical.formula} is flat", "dim"))
    page.line()
    page.line(("Where every slope is 0", "bold"))
    for name, slope in critical.equations:
        page.formula(f"  ∂/∂{name} = {slope} = 0")
    page.line()
    single = [kink for kink in critical.kinks if kink.extent == "point"]
    page.paragraph((_counted(critical, single), "bold"))
    for point in found.points[:MOST_SHOWN]:
        _stationary(page, critical, point)
    for kink in single[:MOST_SHOWN]:
        _kink(page, found, kink)
    hidden = max(0, len(found.points) - MOST_SHOWN) + max(0, len(single) - MOST_SHOWN)
    if hidden:
        page.line((f"  … {hidden} more: --format json has all", "dim"))
    _extended(page, critical)
    page.line()
    page.paragraph((_trust(critical), "dim"), indent=2)
    page.line()


def critical_points_document(critical: CriticalPoints, *, typed: str) -> dict[str, Json]:
    """The document of the critical points.

    Args:
        critical: They.
        typed: The formula as it was typed.
    """
    found = critical.found
    return {
        "chainrule": __version__,
        "formula": typed,
        "gradient": dict(critical.equations),
        "box": {
            "low": [json_number(value) for value in found.low],
            "high": [json_number(value) for value in found.high],
        },
        "points": [_document(critical, point) for point in found.points],
        "extended": [_document(critical, point) for point in found.extended],
        "kinks": [
            {
                "kind": kink.kind,
                "extent": kink.extent,
                "at": _at(found, kink.theta),
                "value": json_number(kink.loss),
                "parts": list(kink.parts),
            }
            for kink in critical.kinks
        ],
        "expected_missing": json_number(found.expected_missing),
        "index": found.index,
        "winding": found.winding,
    }


def _document(critical: CriticalPoints, point: StationaryPoint) -> dict[str, Json]:
    return {
        "kind": point.kind,
        "likely": critical.likely(point),
        "extent": point.extent,
        "at": _at(critical.found, point.theta),
        "value": json_number(point.loss),
        "eigenvalues": [json_number(value) for value in point.eigenvalues],
        "eigenvalue_bound": json_number(point.bound),
        "error": json_number(point.error),
    }


def _stationary(page: Page, critical: CriticalPoints, point: StationaryPoint) -> None:
    kind = critical.kind(point) + (", likely" if point in critical.tried else "")
    value = 0.0 if abs(point.loss) <= point.rounding else point.loss
    page.line(
        f"  {kind:<20}",
        vector_label(critical.found.parameters, _rounded(critical.found, point.theta), 8),
        (f"   value {number(value)}", "dim"),
        (f"   {_bends(point)}", "dim"),
    )


def _kink(page: Page, found: StationaryPoints, kink: KinkPlace) -> None:
    likely = kink.kind in ("minimum", "saddle", "maximum")
    value = 0.0 if abs(kink.loss) <= kink.rounding else kink.loss
    page.line(
        f"  {kink.kind + (', likely' if likely else ''):<20}",
        vector_label(found.parameters, _rounded(found, kink.theta), 8),
        (f"   value {number(value)}", "dim"),
        (f"   {'jump' if kink.kind == 'jump' else 'kink'} of {', '.join(kink.parts)}", "dim"),
    )


def _extended(page: Page, critical: CriticalPoints) -> None:
    """What is flat, or has a kink, along whole curves or in regions."""
    found = critical.found
    for extent, where in (("curve", "along whole lines or curves"), ("region", "in whole regions")):
        some = [point for point in found.extended if point.extent == extent]
        if some:
            page.line()
            words = "on whole intervals" if critical.one_variable else where
            page.paragraph(
                f"The formula is also flat {words}, where places are not counted. Some of them:"
                if found.points or critical.kinks
                else f"The formula is flat {words}, where places are not counted. Some of them:",
                indent=2,
            )
            for point in some[:MOST_OF_MANY]:
                _stationary(page, critical, point)
    many = [kink for kink in critical.kinks if kink.extent == "curve"]
    if many:
        page.line()
        page.paragraph(
            "Along a whole line or curve the slope jumps and the value stays the same. Some places "
            "of it:",
            indent=2,
        )
        for kink in many[:MOST_OF_MANY]:
            _kink(page, found, kink)


def _rounded(found: StationaryPoints, theta: Sequence[float]) -> list[float]:
    """The place, with what is 0 up to the error of the search as 0."""
    sides = zip(theta, found.low, found.high, strict=True)
    return [0.0 if abs(at) <= _ROUNDING * (high - low) else at for at, low, high in sides]


def _at(found: StationaryPoints, theta: Sequence[float]) -> dict[str, Json]:
    return {key: _plain(value) for key, value in by_name(found.parameters, theta).items()}


def _plain(value: object) -> Json:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return json_number(float(value)) if isinstance(value, float | int) else str(value)


def _box(found: StationaryPoints) -> str:
    """`with x from -5 to 5 and y from 0 to 1`."""
    sides = zip(found.parameters, found.low, found.high, strict=True)
    return "with " + " and ".join(
        f"{name} from {number(low)} to {number(high)}" for (name, _), low, high in sides
    )


def _counted(critical: CriticalPoints, single: Sequence[KinkPlace]) -> str:
    found = critical.found
    box = _box(found)
    kinds = [critical.kind(point) for point in found.points] + [kink.kind for kink in single]
    if not kinds:
        curves = [kink for kink in critical.kinks if kink.extent == "curve"]
        alone = "that stands alone " if found.extended or curves else ""
        return f"No place without slope {alone}was found {box}"
    counts = [
        f"{kinds.count(one)} {one if kinds.count(one) == 1 and one != 'plateau' else many}"
        for one, many in _PLURALS
        if one in kinds
    ]
    return f"{plural(len(kinds), 'place')} {box}: " + ", ".join(counts)


def _bends(point: StationaryPoint) -> str:
    values = ", ".join(
        number(0.0 if abs(value) <= point.bound else value) for value in point.eigenvalues
    )
    return f"curvatures {values}" if len(point.eigenvalues) > 1 else f"curvature {values}"


def _trust(critical: CriticalPoints) -> str:
    found = critical.found
    kinds = (
        "A place is a minimum if the curvature is positive, a maximum if it is negative; "
        "undecided, if it cannot be told from 0; likely, if such a place was told by trying others "
        "nearby: an inflection has higher ones on one side and lower ones on the other."
        if critical.one_variable
        else "A place is a minimum if the curvature is positive in every direction, a maximum if "
        "it is negative in every direction, a saddle if it is both; undecided, if a curvature "
        "cannot be told from 0; likely, if such a place was told by trying others nearby."
    )
    said = f"{kinds} They were searched from {found.starts:,} starts by Newton's method."
    if critical.kinks:
        said += (
            " A place is critical as well where the slope jumps: there everything nearby was tried."
        )
    if found.index is not None and found.winding is not None and not critical.kinks:
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
