"""Single pictures of a run: its loss, the chain of its gradient, the loss along one step."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from chainrule.faces.curves import LOG_FROM, draw_step_scan
from chainrule.faces.figure import (
    BLUE,
    COLUMN_INCHES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SMALL_POINTS,
    VERMILLION,
    legend,
    new_figure,
    remark,
    style,
)
from chainrule.faces.labels import operation_label, shorten
from chainrule.faces.numerals import number
from chainrule.faces.views.chain import ChainDocument, chain_view
from chainrule.faces.views.question import Refusal
from chainrule.faces.views.run import is_loss, verdict
from chainrule.faces.views.slope import SMOOTHING_SHARE, smoothed
from chainrule.store import RunReader

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 400
"""Buckets of a loss: a column of a paper has some 700 pixels."""

MOST_BARS = 40
"""Factors drawn as bars with their names; a longer chain is a line, whose ends are named."""

MOST_CURVES = 5
"""Runs in one picture: as many as have a colour of their own."""

_BAR_INCHES = 0.135  # the height of a line of small text
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)


class Picture(StrEnum):
    """What there are pictures of."""

    loss = "loss"
    chain = "chain"
    landscape = "landscape"


class NothingToDraw(Exception):
    """A run has nothing of what was asked for; the message is a sentence."""


def draw_run(picture: Picture, readers: Sequence[RunReader]) -> "Figure":
    """A picture of a run; of its loss also for several.

    Raises:
        NothingToDraw: If nothing of that was measured, or there are too many runs for it.
        PlotUnavailable: If matplotlib is not installed.
        RunFileError: If a file is damaged.
    """
    if picture is Picture.loss:
        return draw_losses(readers)
    if len(readers) > 1:
        raise NothingToDraw(
            f"The picture of the {picture} is of one run, and {len(readers)} were named: name one, "
            "or draw their losses."
        )
    return draw_chain(readers[0]) if picture is Picture.chain else draw_scan(readers[0])


def draw_losses(readers: Sequence[RunReader]) -> "Figure":
    """The loss of each run against its steps: every measured value, with a line to guide the eye.

    Raises:
        NothingToDraw: If no loss was measured, or there are more runs than colours.
        PlotUnavailable: If matplotlib is not installed.
        RunFileError: If a file is damaged.
    """
    if len(readers) > MOST_CURVES:
        raise NothingToDraw(
            f"A picture holds the losses of at most {MOST_CURVES} runs, and {len(readers)} were "
            "named: name fewer."
        )
    figure = new_figure()
    axes = figure.add_subplot()
    finite: list[float] = []
    for reader, colour in zip(readers, _COLOURS, strict=False):
        several = len(readers) > 1
        for name in filter(is_loss, reader.series_names()):
            label = reader.path.stem if several else name if name != "loss" else ""
            finite += _draw_loss(axes, reader, name, colour, shorten(label, 30))
            if not several and name == "loss/1":
                break  # two optimizers have two losses; of more, colours would not tell
            colour = colour if several else ORANGE
    if not finite:
        raise NothingToDraw(
            "No loss of this run was measured, so there is no picture of it."
            if len(readers) == 1
            else "No loss of these runs was measured, so there is no picture of them."
        )
    if min(finite) > 0 and max(finite) / min(finite) > LOG_FROM:
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    style(axes)
    if len(readers) == 1:
        remark(axes, _headline(readers[0]))
    legend(axes, True)
    return figure


def draw_chain(reader: RunReader) -> "Figure":
    """The gradient on its way from the loss to the first layer, in the last sampled step.

    Raises:
        NothingToDraw: If no backward pass was measured.
        PlotUnavailable: If matplotlib is not installed.
        RunFileError: If the file is damaged.
    """
    figure = new_figure()
    try:
        chain = chain_view(reader)
    except Refusal as refusal:
        raise NothingToDraw(refusal.sentence) from refusal
    spine = chain["spine"]
    if spine is None:
        raise NothingToDraw("No gradient of this run reached a parameter, so there is no chain.")
    nodes = [chain["nodes"][i] for i in spine["nodes"]]
    sizes = [_float(node["rms"]) for node in nodes]
    colours = [VERMILLION if node["findings"] else BLUE for node in nodes]
    shown = [size if math.isfinite(size) and size > 0 else math.nan for size in sizes]
    if not any(map(math.isfinite, shown)):
        raise NothingToDraw("Every gradient on this chain is 0 or not finite: there is no scale.")
    rows = range(len(nodes))
    if len(nodes) <= MOST_BARS:
        figure.set_size_inches(COLUMN_INCHES, 0.8 + _BAR_INCHES * len(nodes))
        axes = figure.add_subplot()
        least = min(filter(math.isfinite, shown))
        axes.barh(rows, shown, left=0, color=colours, height=0.7, log=True)
        axes.set_xlim(left=least / 3)
        axes.set_yticks(rows, [_node_label(chain, i) for i in spine["nodes"]])
    else:
        axes = figure.add_subplot()
        axes.plot(shown, rows, color=BLUE, linewidth=0.9)
        marked = [i for i in rows if nodes[i]["findings"]]
        axes.scatter([shown[i] for i in marked], marked, color=VERMILLION, s=6, zorder=3)
        axes.set_xscale("log")
        ends = (0, len(nodes) - 1)
        axes.set_yticks(ends, [_node_label(chain, spine["nodes"][i]) for i in ends])
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlabel("RMS of the gradient that arrives")
    style(axes)
    axes.tick_params(axis="y", labelsize=SMALL_POINTS - 1, length=0)
    remark(axes, f"{_headline(reader)}  (step {chain['step']:,})")
    return figure


def draw_scan(reader: RunReader) -> "Figure":
    """The loss along the last step that was scanned.

    Raises:
        NothingToDraw: If none was.
        PlotUnavailable: If matplotlib is not installed.
        RunFileError: If the file is damaged.
    """
    figure = new_figure()
    scans = reader.step_scans()
    if not scans:
        raise NothingToDraw(
            "No step of this run was scanned, so there is no landscape of it: scans are made of "
            "captured steps, when the budget allows."
        )
    draw_step_scan(scans[-1], figure.add_subplot(), own_figure=True)
    return figure


def _draw_loss(axes: "Axes", reader: RunReader, name: str, colour: str, label: str) -> list[float]:
    """One loss; gives the finite values that were drawn."""
    buckets = reader.window(name, 0, None, POINTS).buckets
    steps = [(b.first_step + b.last_step) / 2 for b in buckets]
    means = [b.mean for b in buckets]
    finite = [value for value in means if math.isfinite(value)]
    if not finite:
        return []
    if any(b.count > 1 for b in buckets):
        low, high = [b.minimum for b in buckets], [b.maximum for b in buckets]
        axes.fill_between(steps, low, high, color=colour, alpha=0.25, linewidth=0)
    else:
        axes.plot(steps, means, ".", color=colour, markersize=1.5, alpha=0.5)
    reach = max(round(SMOOTHING_SHARE * len(means) / 2), 1)
    axes.plot(steps, smoothed(means, reach), color=colour, linewidth=1.0, label=label or None)
    broken = [s for s, b in zip(steps, buckets, strict=True) if b.nonfinite]
    if broken:
        axes.axvline(broken[0], color=VERMILLION, linewidth=0.8, linestyle=":")
        axes.annotate(
            " not finite",
            (broken[0], 0.97),
            xycoords=("data", "axes fraction"),
            size=SMALL_POINTS,
            color=VERMILLION,
            va="top",
        )
    return finite


def _headline(reader: RunReader) -> str:
    """The run with its first finding."""
    run = reader.run()
    _, findings = verdict(reader, run)
    if not findings:
        return run.name
    return f"{run.name}: {findings[0].fault}"


def _node_label(chain: ChainDocument, i: int) -> str:
    node = chain["nodes"][i]
    what = operation_label(node["operation"], node["kind"])
    if node["parameter"] is not None:
        names = {each["index"]: each["name"] for each in chain["parameters"]}
        return shorten(names.get(node["parameter"], "a parameter"), 28)
    return shorten(f"{node['module']} {what}".strip(), 28)


def _float(value: object) -> float:
    """A number of a document, which may be a word for what is not finite; NaN for none."""
    return math.nan if value is None else float(cast(Any, value))


def caption(reader: RunReader) -> str:
    """A run in one line, for who sees no picture."""
    run = reader.run()
    _, findings = verdict(reader, run)
    first = f"{findings[0].fault}: {findings[0].title}" if findings else "no verdict yet"
    return f"{run.name}, {run.steps:,} steps, {number(run.training_s)} s; {first}"
