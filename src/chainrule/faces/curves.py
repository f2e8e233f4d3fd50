"""Records drawn as curves: a line scan, a scanned step, a descent, a spectrum."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chainrule.faces.contours import axis_label
from chainrule.faces.figure import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SPINE_POINTS,
    TEXT_POINTS,
    VERMILLION,
    legend,
    remark,
    style,
)
from chainrule.faces.numerals import number, plural
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.records.descent import Descent
from chainrule.records.landscape import LineScan
from chainrule.records.step_scan import StepScan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOG_FROM = 100.0
"""Largest over smallest loss from which the axis of the loss is one of powers of ten."""

DOTS_UP_TO = 60
"""Points of a curve up to which each is marked: more would be a thick line."""

SECOND_AXIS_FROM = 0.02
"""Relative difference between coordinates and distances from which both are written."""


def draw_line_scan(scan: LineScan, axes: "Axes", *, own_figure: bool) -> None:
    """The loss along a line, what the derivative promises, and the lowest point."""
    along = scan.axis.coordinates
    low, high = _bounds([*scan.values, scan.best_value, scan.value_at_start])
    _curve(axes, along, scan.values, BLUE, "L, evaluated")
    room = 0.08 * (high - low)
    shown = [
        (c, promise)
        for c, promise in zip(along, scan.promised, strict=True)
        if low - room <= promise <= high + room
    ]
    axes.plot(
        [c for c, _ in shown],
        [promise for _, promise in shown],
        color=VERMILLION,
        linestyle="--",
        linewidth=0.9,
        label=f"promised by ∇L: slope {number(scan.slope)}",
    )
    _point(axes, scan.start, scan.value_at_start, "o", "white", "θ")
    if math.isfinite(scan.best):
        _point(axes, scan.best, scan.best_value, "*", ORANGE, f"lowest, at {number(scan.best)}")
    _gaps(axes, along, scan.values)
    axes.set_xlim(along[0], along[-1])
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(axis_label(scan.axis))
    _loss_axis(axes, scan.values, low, high)
    length = scan.axis.length
    if own_figure and scan.start == 0 and abs(length - 1) > SECOND_AXIS_FROM:
        second = axes.secondary_xaxis("top", functions=(_times(length), _times(1 / length)))
        second.set_xlabel("distance from θ, ‖Δθ‖", size=TEXT_POINTS - 1)
        second.tick_params(width=SPINE_POINTS, length=2.5, labelsize=TEXT_POINTS - 1.5)
        second.spines["top"].set_linewidth(SPINE_POINTS)
    style(axes)
    legend(axes, own_figure)


def draw_step_scan(scan: StepScan, axes: "Axes", *, own_figure: bool) -> None:
    """The loss along a step that was made, on its own batch and on another."""
    _curve(axes, scan.multiples, scan.losses, BLUE, "on the batch that made it")
    if scan.other_losses:
        other = f"on the batch of step {scan.other_step}"
        _curve(axes, scan.multiples, scan.other_losses, GREEN, other)
        axes.plot(
            scan.multiples,
            _shown(scan.together),
            color=GREY,
            linestyle="--",
            linewidth=0.9,
            label="their mean",
        )
    positive = [alpha for alpha in scan.multiples if alpha > 0]
    axes.set_xscale("symlog", linthresh=min(positive, default=1.0), linscale=0.5)
    axes.axvline(1.0, color=GREY, linewidth=0.6, linestyle=":", label="the step as it was made")
    best, lowest = scan.best
    _point(axes, best, lowest, "*", ORANGE, f"lowest, at {number(best)}")
    _gaps(axes, scan.multiples, scan.losses)
    axes.set_xlabel(f"multiples α of the update of step {scan.step}")
    low, high = _bounds([*scan.losses, *scan.other_losses])
    _loss_axis(axes, [*scan.losses, *scan.other_losses], low, high)
    style(axes)
    legend(axes, own_figure)


def draw_descent(descent: Descent, axes: "Axes", *, own_figure: bool) -> None:
    """The loss over the steps of a descent."""
    steps = [point.step for point in descent.points]
    losses = descent.losses
    _curve(axes, steps, losses, BLUE, "L")
    low, high = _bounds(losses)
    finite = [(loss, step) for loss, step in zip(losses, steps, strict=True) if math.isfinite(loss)]
    _point(axes, steps[0], losses[0], "o", "white", "start")
    _point(axes, steps[-1], losses[-1], "s", VERMILLION, "end")
    if finite:
        lowest, at = min(finite)
        _point(axes, at, lowest, "*", ORANGE, f"lowest, L = {number(lowest)}")
    _gaps(axes, steps, losses)
    axes.set_xlabel("step")
    axes.locator_params(axis="x", integer=True)
    _loss_axis(axes, losses, low, high)
    style(axes)
    legend(axes, own_figure)
    regimes = descent.regimes
    remark(
        axes,
        f"{descent.optimizer}, η = {number(regimes.learning_rate)}: foretold "
        f"{regimes.prediction}, came {descent.outcome}",
    )


def draw_spectrum(spectrum: Spectrum, axes: "Axes", *, own_figure: bool) -> None:
    """Both ends of a spectrum with their error bounds, and what can have been missed."""
    ends = ((spectrum.largest, BLUE, "largest"), (spectrum.smallest, PURPLE, "smallest"))
    start = 1
    for values, colour, label in ends:
        _eigenvalues(axes, start, values, colour, label)
        start += len(values)
    axes.axhline(0.0, color=GREY, linewidth=SPINE_POINTS)
    if spectrum.limit is not None:
        limit = spectrum.limit
        axes.axhline(
            limit, color=VERMILLION, linewidth=0.9, linestyle="--", label="stability limit"
        )
    edges = () if spectrum.complete else (spectrum.ceiling, spectrum.floor)
    missed = [edge for edge in edges if edge is not None]
    for i, edge in enumerate(missed):
        label = f"none beyond, with probability {number(spectrum.confidence)}" if not i else ""
        axes.axhline(edge, color=GREY, linewidth=0.6, linestyle=":", label=label or None)
    axes.set_xticks([])
    axes.set_xlim(0.5, start - 0.5)
    axes.set_xlabel(f"eigenvalues found, of {plural(spectrum.dimension, 'direction')}")
    preconditioned = (
        f" preconditioned by {spectrum.preconditioner}" if spectrum.preconditioner else ""
    )
    axes.set_ylabel(f"λ of ∇²L{preconditioned}")
    style(axes)
    legend(axes, own_figure)


def _eigenvalues(
    axes: "Axes", start: int, values: Sequence[Eigenvalue], colour: str, label: str
) -> None:
    if not values:
        return
    axes.errorbar(
        range(start, start + len(values)),
        [e.value for e in values],
        yerr=[e.bound for e in values],
        fmt="o",
        color=colour,
        markersize=4,
        capsize=2,
        elinewidth=0.8,
        label=label,
    )


def _curve(axes: "Axes", x: Sequence[float], y: Sequence[float], colour: str, label: str) -> None:
    shown = _shown(y)
    marker = "." if len(shown) <= DOTS_UP_TO else ""
    axes.plot(x, shown, color=colour, linewidth=1.1, marker=marker, markersize=3, label=label)


def _shown(values: Sequence[float]) -> list[float]:
    return [value if math.isfinite(value) else math.nan for value in values]


def _point(axes: "Axes", x: float, y: float, marker: str, colour: str, label: str) -> None:
    axes.plot(
        [x],
        [y],
        linestyle="none",
        marker=marker,
        markersize=8 if marker == "*" else 4.5,
        markerfacecolor=colour,
        markeredgecolor="black",
        markeredgewidth=0.5,
        zorder=5,
        clip_on=False,
        label=label,
    )


def _gaps(axes: "Axes", x: Sequence[float], y: Sequence[float]) -> None:
    """Hatch where the loss is not finite."""
    label: str | None = "L is not finite"
    i = 0
    while i < len(y):
        if math.isfinite(y[i]):
            i += 1
            continue
        first = i
        while i < len(y) and not math.isfinite(y[i]):
            i += 1
        low, high = x[max(0, first - 1)], x[min(i, len(x) - 1)]
        axes.axvspan(
            low, high, facecolor="0.93", edgecolor="0.55", linewidth=0, hatch="////", label=label
        )
        label = None


def _loss_axis(axes: "Axes", values: Sequence[float], low: float, high: float) -> None:
    axes.set_ylabel("L")
    if low > 0 and high / low >= LOG_FROM:
        axes.set_yscale("log")
    elif high > low:
        room = 0.08 * (high - low)
        axes.set_ylim(low - room, high + room)


def _times(factor: float) -> Callable[[Any], Any]:
    return lambda values: values * factor


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 0.0)
