"""A slice drawn: contours with their levels, the path on top, what is not finite hatched."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.faces.figure import (
    BLUE,
    ORANGE,
    SMALL_POINTS,
    TEXT_POINTS,
    VERMILLION,
    legend,
    remark,
    style,
)
from chainrule.faces.numerals import count, number, percent
from chainrule.records.landscape import Axis, Slice

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

COLOUR_MAP = "viridis"
"""Perceptually uniform, readable in grey and with any colour vision."""

CROWDED = 1 / 3
"""Share of the values within the lowest tenth of the range from which levels are spaced as powers:
with equal steps so much of the picture would be one flat colour. A bowl over a square has 0.15,
Himmelblau's function 0.38, Rosenbrock's 0.62."""

TWO_DECADES = 100.0
"""Highest over lowest L from which powers apply to L itself and not to L − L_min."""

OUTLIERS = 3.0
"""How many times wider than the middle 90 % of the values the whole range must be for equal steps
to leave the outermost values to the arrows of the colour bar."""

LEVELS = 9
"""Contours to aim at: more cannot be told apart at column width."""

DARK_BELOW = 0.6
"""Share of the colour map below which black on it is hard to read, and white is not."""

EQUAL_UP_TO = 3.0
"""Ratio of the sides up to which a plane is drawn with equal scales."""

LONGEST_LABEL = 32
"""Characters that fit along an axis of a slice one column wide."""

PLANE_INCHES = 2.0
"""About how tall a square plane stands in a figure of ours."""

SKEW = 0.02
"""|cosine| of two directions above which the reader is told that right angles are not right:
0.02 is 1 degree."""


def draw_slice(found: Slice, axes: "Axes", *, own_figure: bool) -> None:
    """Draw a slice into axes.

    Args:
        found: The slice.
        axes: Where.
        own_figure: True if the figure is ours to place a colour bar and a legend in.
    """
    import numpy as np
    from matplotlib.colors import LogNorm, Normalize

    values = np.array(found.values).reshape(len(found.y.coordinates), -1)
    finite = np.isfinite(values)
    if not finite.all():
        _hatch(axes)
    label = "L"
    if finite.any():
        chosen = contour_levels(values[finite], found.error_estimate)
        levels = list(chosen.heights)
        heights = np.ma.masked_invalid(values - chosen.base)
        if chosen.logarithmic:  # below the lowest level all is one colour; 0 has no logarithm
            heights = np.ma.maximum(heights, levels[0] / 10)
        if chosen.base:
            label = f"L − L_min  (L_min = {number(chosen.base)})"
        norm = (LogNorm if chosen.logarithmic else Normalize)(levels[0], levels[-1])
        x, y = found.x.coordinates, found.y.coordinates
        bands = axes.contourf(
            x, y, heights, levels=levels, cmap=COLOUR_MAP, norm=norm, extend="both"
        )
        bands.set_edgecolor("face")  # no white seams between bands in vector files
        bands.set_linewidth(0.2)
        contrast = ["white" if float(norm(level)) < DARK_BELOW else "black" for level in levels]
        lines = axes.contour(
            x, y, heights, levels=levels, colors=contrast, linewidths=0.35, alpha=0.7
        )
        lines.clabel(fontsize=SMALL_POINTS - 1, fmt=lambda level: number(level), inline_spacing=1)
        figure = axes.get_figure(root=True)
        if figure is not None and own_figure:
            # inside the axes' own coordinates: as tall as they are, however flat the plane is
            bar = figure.colorbar(bands, cax=axes.inset_axes((1.03, 0.0, 0.035, 1.0)))
            bar.outline.set_linewidth(0.5)
            bar.ax.tick_params(width=0.5, length=2, labelsize=SMALL_POINTS)
            bar.ax.minorticks_off()
            bar.set_ticks(levels, labels=[number(level) for level in levels])
            bar.set_label(label, size=TEXT_POINTS)
        _mark_lowest(found, axes)
    _mark_path(found, axes)
    axes.set_xlabel(axis_label(found.x))
    axes.set_ylabel(axis_label(found.y))
    bounds = (
        (found.x.coordinates[0], found.x.coordinates[-1]),
        (
            found.y.coordinates[0],
            found.y.coordinates[-1],
        ),
    )
    axes.set_xlim(*bounds[0])
    axes.set_ylim(*bounds[1])
    width, height = (
        (high - low) * axis.length
        for (low, high), axis in zip(bounds, (found.x, found.y), strict=True)
    )
    if max(width, height) <= EQUAL_UP_TO * min(width, height):
        axes.set_aspect(found.y.length / found.x.length)
        if own_figure and height < width:
            _lower(axes, height / width)
    style(axes, box=True)
    legend(axes, own_figure)
    remark(axes, slice_remark(found))


def _lower(axes: "Axes", share: float) -> None:
    """Make the figure as low as a flat plane needs: what is not plane keeps its height."""
    from matplotlib.figure import Figure

    figure = axes.get_figure(root=True)
    if isinstance(figure, Figure):
        full = figure.get_figheight()
        figure.set_figheight(full - PLANE_INCHES * (1 - share))


@dataclass(frozen=True, slots=True)
class Levels:
    """Where contours are drawn: at L − base = each of `heights`."""

    heights: tuple[float, ...]
    base: float
    logarithmic: bool


def contour_levels(values: "NDArray[np.float64]", error: float) -> Levels:
    """Levels for finite values: equal steps, or powers of ten where the values ask for it.

    Powers apply to L itself if that spans two powers of ten, and to L − L_min otherwise. No
    level comes closer to the lowest value than the error of the values: what it would show is not
    known.
    """
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    low, high = float(values.min()), float(values.max())
    if high <= low:
        step = max(abs(low), 1.0) / 100
        return Levels((low - step, low + step), 0.0, False)
    crowded = float(np.mean(values - low < (high - low) / 10)) > CROWDED
    if not crowded or (high - low) / 10 < error:
        inner = tuple(float(q) for q in np.quantile(values, (0.05, 0.95)))
        if inner[0] < inner[1] and high - low > OUTLIERS * (inner[1] - inner[0]):
            low, high = inner
        steps = np.asarray(MaxNLocator(LEVELS).tick_values(low, high))
        inside = steps[(steps > low) & (steps < high)]
        if len(inside) < 2:
            inside = np.linspace(low, high, LEVELS + 2)[1:-1]
        return Levels(tuple(inside.tolist()), 0.0, False)
    base = 0.0 if low >= 0 and high >= TWO_DECADES * low else low
    first = max(float(np.quantile(values - base, 0.01)), low - base + error, 1e-9 * (high - base))
    powers = range(math.floor(math.log10(first)), math.ceil(math.log10(high - base)) + 1)
    heights = [step * 10.0**k for k in powers for step in (1.0, 3.0)]
    heights = [height for height in heights if first <= height < high - base]
    if len(heights) < 2:
        heights = np.geomspace(first, high - base, 4)[1:-1].tolist()
    if len(heights) > LEVELS + 3:  # powers of ten alone, and of these no more than can be told
        heights = [height for height in heights if math.log10(height).is_integer()]
        heights = heights[:: math.ceil(len(heights) / (LEVELS + 3))]
    return Levels(tuple(heights), base, True)


def axis_label(axis: Axis) -> str:
    """What an axis shows, with its unit; on a line of its own where both would be too long."""
    unit = ""
    label = axis.label
    if axis.kind == "gradient":
        label, unit = "step along −∇L", "learning rate η"
    elif axis.kind == "trajectory":
        label = label.replace("principal component", "PC")
        unit = "‖Δθ‖"
        if axis.explained is not None:
            unit += f", {100 * axis.explained:.0f} % of variance"
    elif axis.kind == "eigenvector":
        unit = "‖Δθ‖"
        if axis.eigenvalue is not None:
            unit += f", λ = {number(axis.eigenvalue)}"
    elif axis.kind != "variable":
        unit = f"multiples, ‖d‖ = {number(axis.length)}"
    if not unit:
        return label
    break_ = "\n" if len(label) + len(unit) > LONGEST_LABEL else " "
    return f"{label}{break_}({unit})"


def slice_remark(found: Slice) -> str:
    """What the reader must know of how the slice was made; empty if nothing."""
    parts = []
    if not all(found.exact):
        low, high = found.range
        part = f"{count(sum(found.exact))} of {count(len(found.exact))} points evaluated, the rest "
        part += "interpolated"
        if math.isfinite(found.error_estimate):
            error = percent(found.error_estimate, high - low)
            part += f"; estimated error {error} of the range"
        parts.append(part)
    if not found.within_tolerance:
        parts.append("that is more than was asked for")
    if abs(found.cosine) > SKEW:
        angle = math.degrees(math.acos(found.cosine))
        parts.append(f"the directions are at {angle:.0f}°, drawn at 90°")
    return "; ".join(parts)


def _hatch(axes: "Axes") -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle(
            (0, 0),
            1,
            1,
            transform=axes.transAxes,
            facecolor="0.93",
            edgecolor="0.55",
            linewidth=0,
            hatch="////",
            zorder=0,
            label="L is not finite",
        )
    )


def _mark_lowest(found: Slice, axes: "Axes") -> None:
    x, y, value = found.minimum
    axes.plot(
        [x],
        [y],
        linestyle="none",
        marker="*",
        markersize=7,
        markerfacecolor=ORANGE,
        markeredgecolor="black",
        markeredgewidth=0.4,
        zorder=8,
        clip_on=False,
        label=f"lowest, L = {number(value)}",
    )


def _mark_path(found: Slice, axes: "Axes") -> None:
    from matplotlib import patheffects

    def mark(x: float, y: float, marker: str, colour: str, edge: str, label: str) -> None:
        axes.plot(
            [x],
            [y],
            linestyle="none",
            marker=marker,
            markersize=5,
            markerfacecolor=colour,
            markeredgecolor=edge,
            markeredgewidth=0.6,
            zorder=7,
            clip_on=False,
            label=label,
        )

    path = found.path
    if path is None:
        x, y = found.start
        inside = (
            found.x.coordinates[0] <= x <= found.x.coordinates[-1]
            and found.y.coordinates[0] <= y <= found.y.coordinates[-1]
        )
        if inside:
            mark(x, y, "P", "white", "black", "θ")
        return
    axes.plot(
        path.x,
        path.y,
        color="white",
        linewidth=1.0,
        marker=".",
        markersize=2,
        zorder=5,
        path_effects=[patheffects.withStroke(linewidth=2.0, foreground="black")],
    )
    mark(path.x[0], path.y[0], "o", "white", BLUE, "start")
    mark(path.x[-1], path.y[-1], "s", VERMILLION, "white", "end")
