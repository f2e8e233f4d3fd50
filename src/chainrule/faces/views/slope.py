"""The question `slope`: the loss against steps with its slope, and what the gradient promised."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Literal, TypedDict, cast

from chainrule.faces.numerals import number
from chainrule.records import Bucket, Event, Finding, Run, StepScan, Window
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .question import Context, Parameters, Question, Refusal
from .run import Live, is_loss, live, verdict
from .series import (
    POINTS,
    Number,
    SeriesDocument,
    points_asked,
    series_document,
    steps_asked,
    window_document,
)

FIT_POINTS = 256
"""Points a line is fitted to: all 33,000 pairs of them take a few milliseconds. Of a longer curve
they are means of neighbours."""

TANGENT_SHARE = 0.05
"""Share of the steps on view to which the tangent is fitted."""

TANGENT_STEPS = 20
"""Losses that a tangent is fitted to at least."""

SMOOTHING_SHARE = 0.05
"""Share of the points on view over which the smooth line is taken."""


class Line(TypedDict):
    """A line fitted to the losses of some steps, with the interval of its slope.

    Attributes:
        slope: Loss per step; `low` to `high` is its confidence interval.
        intercept: Loss of the line at `first_step`.
        points: Points it was fitted to.
        points_each: Losses that each of them is the mean of; 1 if they are losses.
        noise: Spread of the points about the line, as a standard deviation.
        inflation: Neighbouring points that count as one, because they go together.
        bends: True if one line describes these losses poorly.
        sentence: All of it in words.
    """

    slope: Number
    low: Number
    high: Number
    confidence: float
    intercept: Number
    first_step: int
    last_step: int
    points: int
    points_each: int
    noise: Number
    inflation: Number
    bends: bool
    direction: Literal["falling", "rising", "level"]
    sentence: str


class LossCurve(TypedDict):
    """A loss over the steps on view.

    Attributes:
        series: The raw points, or buckets of them.
        smooth: One number for each bucket: a line to guide the eye, drawn over the points and
            never in their place; `smoothing` says how it is made.
        line: Fitted to the steps on view; null if there are too few.
        tangent: Fitted to the steps around `at`; null if there are too few.
        at: The step that the tangent is of.
        no_line: Why there is no line.
    """

    name: str
    series: SeriesDocument
    smooth: list[Number]
    smoothing: str
    line: Line | None
    tangent: Line | None
    at: int | None
    no_line: str


class Promise(TypedDict):
    """What the gradient promised of one step that was scanned, and what became of it.

    Attributes:
        promised: ∇L·Δθ, by which the loss would change if its slope stayed.
        steepest: −η‖∇L‖², which is the same for plain gradient descent.
        actual: L(θ+Δθ) − L(θ), on the batch that made the step.
        elsewhere: That on the batch of another step; null if there was none.
        kept: actual / promised; null if nothing was promised.
    """

    step: int
    optimizer: int
    learning_rate: Number
    gradient_norm: Number
    update_norm: Number
    promised: Number
    steepest: Number
    actual: Number
    elsewhere: Number | None
    kept: Number | None
    sentence: str


class Mark(TypedDict):
    """Something on the axis of steps: a finding (by its number in the verdict) or an event."""

    kind: Literal["finding", "event"]
    first_step: int
    last_step: int
    label: str
    severity: str
    finding: int | None


class SlopeDocument(TypedDict):
    """The view of the slope."""

    view: Literal["slope"]
    run: str
    live: Live
    losses: list[LossCurve]
    learning_rates: list[SeriesDocument]
    promises: list[Promise]
    marks: list[Mark]


def slope_view(
    reader: RunReader,
    *,
    first: int = 0,
    last: int | None = None,
    at: int | None = None,
    points: int = POINTS,
) -> SlopeDocument:
    """The document of a run's slope.

    Args:
        reader: The run.
        first: First step on view.
        last: Last step on view; the end if None.
        at: Step that the tangent is of; the last on view if None.
        points: Buckets of a curve at most.

    Raises:
        RunFileError: If the file is damaged.
    """
    run = reader.run()
    names = reader.series_names()
    _, findings = verdict(reader, run)
    return {
        "view": "slope",
        "run": run.name,
        "live": live(reader, run),
        "losses": [_curve(reader, n, first, last, at, points) for n in names if is_loss(n)],
        "learning_rates": [
            series_document(reader, n, first, last, points)
            for n in names
            if n.startswith("learning_rate/")
        ],
        "promises": [promise(scan) for scan in reader.step_scans()],
        "marks": marks(run, findings, reader.events()),
    }


def promise(scan: StepScan) -> Promise:
    """What the gradient promised of a scanned step, beside what became of it."""
    before, after = scan.multiples.index(0.0), scan.multiples.index(1.0)
    actual = scan.losses[after] - scan.losses[before]
    elsewhere = scan.other_losses[after] - scan.other_losses[before] if scan.other_losses else None
    kept = actual / scan.promised if scan.promised and math.isfinite(actual) else None
    told = f"Step {scan.step:,}: the gradient promised a change of {number(scan.promised)}, "
    told += f"and the loss of that batch changed by {number(actual)}"
    if kept is not None:
        told += f", {number(kept)} times as much"
    return {
        "step": scan.step,
        "optimizer": scan.optimizer,
        "learning_rate": json_number(scan.learning_rate),
        "gradient_norm": json_number(scan.gradient_norm),
        "update_norm": json_number(scan.update_norm),
        "promised": json_number(scan.promised),
        "steepest": json_number(-scan.learning_rate * scan.gradient_norm**2),
        "actual": json_number(actual),
        "elsewhere": None if elsewhere is None else json_number(elsewhere),
        "kept": None if kept is None else json_number(kept),
        "sentence": f"{told}.",
    }


def marks(run: Run, findings: Sequence[Finding], events: Sequence[Event]) -> list[Mark]:
    """Findings and events on the axis of steps; notes on what chainrule did are not among them."""
    end = max(run.steps - 1, 0)
    found: list[Mark] = [
        {
            "kind": "finding",
            "first_step": max(finding.steps[0], 0),
            # one that ended the training lies in a step that was not finished
            "last_step": max(min(finding.steps[1], end), finding.steps[0], 0),
            "label": f"{finding.fault}: {finding.title}",
            "severity": finding.severity,
            "finding": number,
        }
        for number, finding in enumerate(findings)
    ]
    found += [
        {
            "kind": "event",
            "first_step": event.step,
            "last_step": event.step,
            "label": event.text,
            "severity": "error" if event.kind == "non-finite" else "note",
            "finding": None,
        }
        for event in events
        if event.kind == "non-finite"
    ]
    return found


def smoothed(values: Sequence[float], reach: int) -> list[float]:
    """Running medians over `reach` neighbours on each side, then running means of those.

    The median takes no notice of single wild values, the mean rounds its corners off; both are
    centred, so that the line is not late. Near the ends the neighbours are as many on both sides.
    What is not finite is left out; NaN where nothing is left, and after the last finite value:
    there is no loss to guide the eye along.
    """
    medians = [
        median(near) if (near := _finite(values, i, reach)) else math.nan
        for i in range(len(values))
    ]
    means = []
    for i in range(len(medians)):
        near = _finite(medians, i, reach)
        means.append(math.fsum(near) / len(near) if near else math.nan)
    last = max((i for i, value in enumerate(values) if math.isfinite(value)), default=-1)
    return means[: last + 1] + [math.nan] * (len(values) - last - 1)


def _finite(values: Sequence[float], i: int, reach: int) -> list[float]:
    reach = min(reach, i, len(values) - 1 - i)
    return [v for v in values[i - reach : i + reach + 1] if math.isfinite(v)]


def _curve(
    reader: RunReader, name: str, first: int, last: int | None, at: int | None, points: int
) -> LossCurve:
    window = reader.window(name, first, last, points)
    reach = max(round(SMOOTHING_SHARE * len(window.buckets) / 2), 1)
    smooth = smoothed([b.mean for b in window.buckets], reach)
    line, reason = _line(reader.window(name, first, last, FIT_POINTS))
    at, tangent = _tangent(reader, window, at)
    over = 2 * reach + 1
    unit = f"means of {window.points_each:,} losses" if window.points_each > 1 else "losses"
    return {
        "name": name,
        "series": window_document(window),
        "smooth": [json_number(value) for value in smooth],
        "smoothing": (
            f"Running medians over {over} neighbouring {unit}, then running means of those over "
            "as many. All losses stay in the picture."
        ),
        "line": line,
        "tangent": tangent,
        "at": at,
        "no_line": reason,
    }


def _tangent(reader: RunReader, window: Window, at: int | None) -> tuple[int | None, Line | None]:
    """The line through the losses around a step."""
    if not window.buckets:
        return None, None
    first, last = window.buckets[0].first_step, window.buckets[-1].last_step
    at = last if at is None else min(max(at, first), last)
    points = sum(bucket.count for bucket in window.buckets)
    steps_a_point = max((last - first) / max(points - 1, 1), 1.0)
    reach = math.ceil(max(TANGENT_SHARE * (last - first) / 2, TANGENT_STEPS / 2 * steps_a_point))
    low = min(max(at - reach, first), max(last - 2 * reach, first))
    near = reader.window(window.name, low, low + 2 * reach, FIT_POINTS)
    return at, _line(near)[0]


def _line(window: Window) -> tuple[Line | None, str]:
    """A robust line through a window, or why there is none."""
    from chainrule.instruments.loss_curve import FEWEST, loss_curve_slope

    buckets = [b for b in window.buckets if math.isfinite(b.mean)]
    if len(buckets) < FEWEST:
        return None, (f"A slope takes {FEWEST} finite losses or more, found {len(buckets)}.")
    middles = [(b.first_step + b.last_step) / 2 for b in buckets]
    if any(b <= a for a, b in pairwise(middles)):
        return None, "The steps of this series do not increase, so it has no slope."
    fit = loss_curve_slope([b.mean for b in buckets], middles)
    each = window.points_each
    line: Line = {
        "slope": json_number(fit.slope),
        "low": json_number(fit.low),
        "high": json_number(fit.high),
        "confidence": fit.confidence,
        "intercept": json_number(fit.intercept + fit.slope * (_start(buckets) - middles[0])),
        "first_step": _start(buckets),
        "last_step": buckets[-1].last_step,
        "points": fit.points,
        "points_each": each,
        "noise": json_number(fit.noise),
        "inflation": json_number(fit.inflation),
        "bends": fit.bends,
        "direction": fit.direction,
        "sentence": "",
    }
    verb = {"falling": "falls", "rising": "rises", "level": "neither falls nor rises"}
    line["sentence"] = (
        f"From step {line['first_step']:,} to {line['last_step']:,} the loss "
        f"{verb[fit.direction]}: {number(fit.slope)} a step, between {number(fit.low)} and "
        f"{number(fit.high)} with {100 * fit.confidence:.0f} % confidence"
        + (f" (fitted to means of {each:,} losses each)." if each > 1 else ".")
        + (" It bends, so one line describes it poorly." if fit.bends else "")
    )
    return line, ""


def _start(buckets: Sequence[Bucket]) -> int:
    return buckets[0].first_step


def _slope(parameters: Parameters, context: Context) -> dict[str, Json]:
    first, last = steps_asked(parameters)
    at = parameters.whole("at") if "at" in parameters else None
    if at is not None and at < 0:
        raise Refusal(f"Expected a step from 0 on, found {at}.", field="at")
    points = points_asked(parameters)
    with context.open(parameters.text("run")) as reader:
        document = slope_view(reader, first=first, last=last, at=at, points=points)
        return cast(dict[str, Json], document)


QUESTIONS = (Question("slope", _slope),)
