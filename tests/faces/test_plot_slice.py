"""Slices drawn: contours, levels, the path, what is not finite, what must be said."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from drawn_records import BOWL, GRID, VALLEY, axis, contours, figure_of, line, main_axes, sliced
from matplotlib.patches import Rectangle

from chainrule.faces.cli.descend import _picture
from chainrule.faces.contours import COLOUR_MAP, LEVELS, contour_levels
from chainrule.instruments.descent import descend
from chainrule.objective import Objective
from chainrule.records.landscape import PlanePath, Slice


def test_a_slice_has_labelled_contours_on_a_uniform_map() -> None:
    axes = main_axes(sliced(BOWL))
    bands, lines = contours(axes)
    assert bands.get_cmap().name == COLOUR_MAP
    assert 4 <= len(lines.levels) <= LEVELS + 3
    assert list(lines.levels) == list(bands.levels)
    assert lines.labelTexts
    assert {float(t.get_text()) for t in lines.labelTexts} <= set(lines.levels)
    assert axes.get_xlabel() == "x"
    assert axes.get_ylabel() == "y"


def test_the_colour_bar_says_what_is_shown() -> None:
    figure = figure_of(sliced(BOWL))
    (axes,) = figure.axes
    (bar,) = axes.child_axes
    assert bar.get_ylabel() == "L"
    _, lines = contours(axes)
    assert [float(t.get_text()) for t in bar.get_yticklabels()] == pytest.approx(lines.levels)


def test_levels_are_powers_where_equal_steps_would_show_nothing() -> None:
    equal = contour_levels(BOWL.ravel(), 0.0)
    assert not equal.logarithmic
    assert len(set(np.round(np.diff(equal.heights), 9))) == 1
    powers = contour_levels(VALLEY.ravel(), 0.0)
    assert powers.logarithmic
    assert powers.base == 0
    assert all(
        10 ** round(math.log10(h / m)) == pytest.approx(h / m)
        for h in powers.heights
        for m in [3 if round(h / 10 ** math.floor(math.log10(h) + 1e-9)) == 3 else 1]
    )


def test_below_zero_the_levels_are_above_the_lowest_value() -> None:
    levels = contour_levels(VALLEY.ravel() - 7, 0.0)
    assert levels.logarithmic
    assert levels.base == pytest.approx(VALLEY.min() - 7)
    figure = figure_of(sliced(VALLEY - 7))
    assert figure.axes[0].child_axes[0].get_ylabel().startswith("L − L_min  (L_min = -")


def test_no_level_is_finer_than_what_is_known() -> None:
    fine = contour_levels(VALLEY.ravel(), 0.0)
    coarse = contour_levels(VALLEY.ravel(), 20.0)
    assert min(fine.heights) < 20
    assert min(coarse.heights) >= 20


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(9),
        np.array([1.0] * 8 + [1e9]),
        np.array([-1e300, 0.0, 1e300]),
        np.array([1e-12, 2e-12, 3e-12]),
        np.array([5.0, 5.0 + 1e-15]),
    ],
)
def test_strange_values_still_have_levels(values: Any) -> None:
    levels = contour_levels(values, 0.0)
    assert len(levels.heights) >= 2
    assert all(math.isfinite(h) for h in levels.heights)
    assert list(levels.heights) == sorted(set(levels.heights))


def test_the_path_its_ends_and_the_lowest_point_are_marked() -> None:
    path = PlanePath(x=(-1.5, 0.0, 0.5), y=(1.0, 0.5, 0.0), off_plane=(0.0, 0.0, 0.0))
    axes = main_axes(sliced(BOWL, path=path))
    assert line(axes, "start").get_xydata().tolist() == [[-1.5, 1.0]]  # type: ignore[union-attr]
    assert line(axes, "end").get_xydata().tolist() == [[0.5, 0.0]]  # type: ignore[union-attr]
    lowest = line(axes, "lowest, L = 1")
    assert lowest.get_xydata() == pytest.approx(np.array([[0.0, 0.0]]))
    drawn = [item for item in axes.lines if len(item.get_xdata()) == 3]  # type: ignore[arg-type]
    assert len(drawn) == 1
    assert drawn[0].get_path_effects()  # an outline, so that it shows on every colour


def test_without_a_path_theta_is_marked() -> None:
    axes = main_axes(sliced(BOWL))
    assert line(axes, "θ").get_xydata().tolist() == [[1.0, -1.0]]  # type: ignore[union-attr]
    outside = main_axes(sliced(BOWL, start=(30.0, 0.0)))
    assert "θ" not in [item.get_label() for item in outside.lines]


def test_what_is_not_finite_is_hatched_and_not_coloured() -> None:
    values = VALLEY.copy()
    values[:, :8] = np.nan
    values[0, 9] = np.inf
    axes = main_axes(sliced(values))
    hatched = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_hatch()]
    assert [p.get_label() for p in hatched] == ["L is not finite"]
    bands, _ = contours(axes)
    left = min(path.vertices[:, 0].min() for path in bands.get_paths() if len(path.vertices))  # type: ignore[index,arg-type]
    assert left >= GRID[8]
    assert not [p for p in main_axes(sliced(VALLEY)).patches if p.get_hatch()]


def test_a_slice_with_no_number_in_it_is_hatched_all_over() -> None:
    axes = main_axes(sliced(np.full((21, 21), np.nan)))
    assert [p.get_hatch() for p in axes.patches] == ["////"]


def test_an_interpolated_slice_says_so() -> None:
    half = tuple(i % 2 == 0 for i in range(441))
    found = sliced(BOWL, exact=half, error_estimate=0.024, tolerance=0.01, evaluations=221)
    title = main_axes(found).get_title(loc="left")
    assert "221 of 441 points evaluated, the rest interpolated" in title
    assert "estimated error 0.2 % of the range" in title
    assert "more than was asked for" not in title
    worse = dataclasses.replace(found, error_estimate=1.2)
    assert "that is more than was asked for" in main_axes(worse).get_title(loc="left")
    assert main_axes(sliced(BOWL)).get_title(loc="left") == ""


def test_directions_that_are_not_orthogonal_say_so() -> None:
    assert "at 60°, drawn at 90°" in main_axes(sliced(BOWL, cosine=0.5)).get_title(loc="left")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "gradient"}, "step along −∇L (learning rate η)"),
        (
            {"kind": "eigenvector", "label": "eigenvector 1 of ∇²L", "eigenvalue": 73.4},
            "eigenvector 1 of ∇²L\n(‖Δθ‖, λ = 73.4)",
        ),
        (
            {
                "kind": "trajectory",
                "label": "principal component 2 of the trajectory",
                "explained": 0.125,
            },
            "PC 2 of the trajectory\n(‖Δθ‖, 12 % of variance)",
        ),
        (
            {"kind": "random", "label": "random direction 1", "length": 3.2},
            "random direction 1\n(multiples, ‖d‖ = 3.2)",
        ),
    ],
)
def test_axes_say_what_they_are_in(changes: dict[str, Any], expected: str) -> None:
    assert main_axes(sliced(BOWL, x=axis(**{"label": "a", **changes}))).get_xlabel() == expected


def test_equal_distances_are_drawn_equal() -> None:
    assert main_axes(sliced(BOWL)).get_aspect() == 1
    long = axis("y", coordinates=tuple(100 * c for c in GRID))
    assert main_axes(sliced(BOWL, y=long)).get_aspect() == "auto"


@pytest.mark.parametrize("flat", [1.0, 0.35])
def test_the_colour_bar_is_as_tall_as_the_plane_and_right_of_it(flat: float) -> None:
    coordinates = tuple(flat * c for c in GRID)
    figure = figure_of(sliced(BOWL, y=axis("y", coordinates=coordinates)))
    figure.draw_without_rendering()
    (axes,) = figure.axes
    (bar,) = axes.child_axes
    plane, beside = axes.get_window_extent(), bar.get_window_extent()
    assert 0.85 * plane.height < beside.height <= plane.height  # its arrows take the rest
    assert plane.y0 <= beside.y0 and beside.y1 <= plane.y1
    assert beside.x0 > plane.x1
    assert plane.height == pytest.approx(flat * plane.width, rel=0.02)
    empty = figure.bbox.height - plane.height
    assert empty < 0.9 * figure.dpi  # axis labels and legend, and no blank space


def test_a_path_of_two_variables_is_drawn_over_the_contours() -> None:
    objective = Objective.from_formula("(1-x)**2 + 100*(y-x**2)**2", {"x": -1, "y": 1})
    walk = descend(objective, 0.001, steps=5)
    assert isinstance(_picture(objective, walk), Slice)
    away = descend(objective, 1.0, steps=5)
    assert _picture(objective, away) is away
    one = Objective.from_formula("x**2", {"x": 1})
    line = descend(one, 0.1, steps=5)
    assert _picture(one, line) is line
