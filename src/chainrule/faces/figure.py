"""The look of all figures, and how they are saved: for a column of a paper, without pyplot.

pyplot keeps every figure in a list of its own and picks a backend for the process; a library that
draws inside somebody's program must do neither. So figures are made by hand.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN_INCHES = 3.4
"""Width of one column of a two-column paper (86 mm)."""

TEXT_POINTS = 8.0
"""Size of text at that width; most journals ask for at least 7."""

SMALL_POINTS = 6.5
"""For labels on contours and for notes."""

LEGEND_CHARACTERS = 66
"""Characters of small text that fit beside each other in a column."""

SPINE_POINTS = 0.5
"""Thickness of the frame."""

BLUE, ORANGE, GREEN, VERMILLION, PURPLE, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#666666",
)
"""Told apart with any colour vision: Okabe and Ito, Color Universal Design, 2008."""

FORMATS = ("png", "svg", "pdf")
"""Extensions of files that a figure can be saved as."""

PIXELS_PER_INCH = 200
"""Of PNG files: sharp on a screen at double size."""


class PlotUnavailable(ImportError):
    """matplotlib is not installed; the message says how to get it."""


def new_figure(height_share: float = 0.75) -> "Figure":
    """An empty figure one column wide, not registered anywhere.

    Args:
        height_share: Height over width.

    Raises:
        PlotUnavailable: If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotUnavailable(
            "Drawing needs matplotlib, which is not installed: pip install 'chainrule[plot]'"
        ) from error
    return Figure(figsize=(COLUMN_INCHES, COLUMN_INCHES * height_share), layout="constrained")


def style(axes: "Axes", *, box: bool = False) -> None:
    """Give axes the house style.

    Args:
        axes: What to style.
        box: Keep the frame on all four sides.
    """
    for side, spine in axes.spines.items():
        spine.set_linewidth(SPINE_POINTS)
        spine.set_visible(box or side in ("left", "bottom"))
    axes.tick_params(width=SPINE_POINTS, length=2.5, labelsize=TEXT_POINTS - 1)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_fontsize(TEXT_POINTS)


def legend(axes: "Axes", own_figure: bool) -> None:
    """A frameless legend: above the axes in a figure of ours, else inside them."""
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    shape: dict[str, Any] = {"fontsize": SMALL_POINTS, "frameon": False, "handlelength": 1.5}
    figure = axes.get_figure(root=True)
    if own_figure and figure is not None:
        longest = max(len(label) for label in labels)
        columns = max(1, LEGEND_CHARACTERS // (longest + 5))  # 5 for the sign before the label
        shape |= {"ncols": min(columns, len(handles)), "columnspacing": 1.0, "borderpad": 0.2}
        figure.legend(handles, labels, loc="outside upper center", **shape)
    else:
        axes.legend(loc="best", **shape)


def remark(axes: "Axes", text: str) -> None:
    """A small line above the axes, for what a reader must know."""
    if text:
        axes.set_title(text, fontsize=SMALL_POINTS, color=GREY, loc="left", pad=3, wrap=True)


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a figure; the file is whole or as it was before. The same figure gives the same bytes.

    Args:
        figure: What to save.
        path: Where; its extension is one of `FORMATS`.

    Raises:
        ValueError: If the extension is another.
        OSError: If it cannot be written.
    """
    import matplotlib

    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise ValueError(f"{path.name} has no extension that can be drawn: use one of {known}.")
    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    drawn = io.BytesIO()
    # TrueType, so that text in a PDF can be searched; text stays text in an SVG
    with matplotlib.rc_context(
        {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "chainrule"}
    ):
        figure.savefig(drawn, format=kind, dpi=PIXELS_PER_INCH, metadata=dated.get(kind))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(drawn.getvalue())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
