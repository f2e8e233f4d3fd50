"""Small records of every kind that can be drawn, and reading their figures back."""

import dataclasses
import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from chainrule.faces.plot import plot
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.records.descent import Descent, Regimes, TrajectoryPoint
from chainrule.records.landscape import Axis, LineScan, Slice
from chainrule.records.step_scan import StepScan

GRID = tuple(np.linspace(-2, 2, 21).tolist())


def axis(label: str, **changes: Any) -> Axis:
    return dataclasses.replace(
        Axis(label=label, kind="variable", length=1.0, coordinates=GRID), **changes
    )


def sliced(values: Any, **changes: Any) -> Slice:
    flat = tuple(np.asarray(values, dtype=float).reshape(-1).tolist())
    found = Slice(
        objective="f",
        x=axis("x"),
        y=axis("y"),
        values=flat,
        exact=(True,) * len(flat),
        start=(1.0, -1.0),
        cosine=0.0,
        evaluations=len(flat),
    )
    return dataclasses.replace(found, **changes)


X, Y = np.meshgrid(GRID, GRID)
BOWL = X**2 + 2 * Y**2 + 1
VALLEY = (1 - X) ** 2 + 100 * (Y - X**2) ** 2


def scan(**changes: Any) -> LineScan:
    found = LineScan(
        objective="f",
        axis=axis("−∇L", kind="gradient", length=4.0),
        values=tuple((c - 0.5) ** 2 for c in GRID),
        start=0.0,
        value_at_start=0.25,
        slope=-0.25,
        gradient_norm=0.25,
        best=0.5,
        best_value=0.0,
        refined=True,
        evaluations=23,
    )
    return dataclasses.replace(found, **changes)


def descent(losses: list[float]) -> Descent:
    points = tuple(
        TrajectoryPoint(step=i, loss=loss, gradient_norm=1.0, step_length=0.1, theta=(loss,))
        for i, loss in enumerate(losses)
    )
    regimes = Regimes(
        optimizer="adam",
        learning_rate=0.1,
        eigenvalues=(2.0,),
        bound=0.0,
        sharpness=2.0,
        preconditioned=True,
        monotone_limit=0.5,
        stable_limit=1.0,
        prediction="monotone",
        directions=(),
    )
    return Descent(
        objective="f",
        parameters=(("x", ()),),
        optimizer="adam",
        settings=(("lr", 0.1),),
        solver="",
        regimes=regimes,
        points=points,
        outcome="oscillating",
        rises=1,
        reversals=2,
        agrees=False,
        departs_at=None,
        curvatures=(),
        kink=None,
        place=None,
        reasons=(),
    )


def spectrum(**changes: Any) -> Spectrum:
    found = Spectrum(
        largest=(Eigenvalue(value=9.0, bound=0.1, converged=True),),
        smallest=(Eigenvalue(value=-2.0, bound=0.2, converged=True),),
        ceiling=9.5,
        floor=-2.5,
        confidence=0.99,
        complete=False,
        converged=True,
        rtol=0.01,
        dimension=1000,
        products=20,
        method="Lanczos",
        loss=1.0,
        gradient_norm=0.1,
    )
    return dataclasses.replace(found, **changes)


def step_scan() -> StepScan:
    return StepScan(
        step=7,
        optimizer=0,
        learning_rate=0.1,
        multiples=(0.0, 0.25, 0.5, 1.0, 4.0),
        losses=(1.0, 0.7, 0.6, 0.9, math.inf),
        other_losses=(1.1, 0.9, 0.8, 1.2, math.nan),
        other_step=9,
        promised=-1.0,
        gradient_norm=1.0,
        update_norm=0.1,
        seconds=0.1,
    )


LONG: dict[str, Any] = {"kind": "random", "label": "random direction 12", "length": 1234.5}

RECORDS = {
    "slice": sliced(VALLEY),
    "slice with long labels": sliced(
        BOWL,
        x=axis(**LONG),
        y=axis(**LONG),
        cosine=0.5,
        exact=(True, *[False] * 440),
        error_estimate=1.0,
        tolerance=0.01,
    ),
    "line scan": scan(),
    "descent": descent([3.0, 1.0, 2.0, 0.5]),
    "spectrum": spectrum(),
    "step scan": step_scan(),
}


def figure_of(record: object) -> Figure:
    figure = plot(record)
    assert isinstance(figure, Figure)
    return figure


def main_axes(record: object) -> Axes:
    return figure_of(record).axes[0]


def line(axes: Axes, label: str) -> Line2D:
    (found,) = [item for item in axes.lines if str(item.get_label()).startswith(label)]
    return found


def contours(axes: Axes) -> tuple[QuadContourSet, QuadContourSet]:
    """The filled bands and the lines."""
    found = [item for item in axes.collections if isinstance(item, QuadContourSet)]
    (bands,) = [item for item in found if item.filled]
    (lines,) = [item for item in found if not item.filled]
    return bands, lines
