"""`chainrule.plot(record)`: what one would put in a paper."""

from typing import TYPE_CHECKING

from chainrule.faces.contours import draw_slice
from chainrule.faces.curves import draw_descent, draw_line_scan, draw_spectrum, draw_step_scan
from chainrule.faces.figure import new_figure
from chainrule.records.curvature import Spectrum
from chainrule.records.descent import Descent
from chainrule.records.landscape import LineScan, Slice
from chainrule.records.step_scan import StepScan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Plottable = LineScan | Slice | StepScan | Descent | Spectrum
"""Records that there is a picture of."""


def plot(record: object, *, axes: "Axes | None" = None) -> "Figure | SubFigure":
    """Draw a record.

    The figure is one column of a paper wide (86 mm), with text of 8 points; save it as PDF or SVG
    for a paper: `plot(record).savefig("landscape.pdf")`. It is not known to pyplot, and nothing of
    matplotlib's global state is changed. In a notebook it shows itself as the value of a cell.

    Args:
        record: One of `Plottable`: a line scan, a slice, a scanned step, a descent, a spectrum.
        axes: Draw into these axes of yours instead; then there is no colour bar, and the legend
            is inside.

    Returns:
        The figure, or that of the axes given.

    Raises:
        TypeError: If there is no picture of such a record.
        ImportError: If matplotlib is not installed (the extra `plot`).

    Shapes: any; a slice of 51 × 51 points takes some tenths of a second.
    """
    own = axes is None
    if axes is None:
        axes = new_figure(0.85 if isinstance(record, Slice) else 0.75).add_subplot()
    match record:
        case Slice():
            draw_slice(record, axes, own_figure=own)
        case LineScan():
            draw_line_scan(record, axes, own_figure=own)
        case StepScan():
            draw_step_scan(record, axes, own_figure=own)
        case Descent():
            draw_descent(record, axes, own_figure=own)
        case Spectrum():
            draw_spectrum(record, axes, own_figure=own)
        case _:
            kinds = "LineScan, Slice, StepScan, Descent or Spectrum"
            raise TypeError(
                f"Expected a record to draw ({kinds}), found {type(record).__name__}: a run is "
                "drawn by its verdict, chainrule diagnose RUN."
            )
    figure = axes.get_figure()
    assert figure is not None  # axes that are drawn into belong to one
    return figure
