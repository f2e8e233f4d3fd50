"""Where to look at a formula that nobody gave a window for, and where to begin on it."""

import itertools
import math
from collections.abc import Mapping, Sequence

from chainrule.calculus.definitions import values_at
from chainrule.calculus.evaluate import DomainError, Evaluation
from chainrule.calculus.problem import Problem
from chainrule.calculus.tree import Node
from chainrule.faces.cli.landscape import HALF_BOX

Window = dict[str, tuple[float, float]]
"""(low, high) by name."""

FLATTENED = 20.0
"""Height of the highest value above the median over that of the median above the lowest, from which
a window is halved: most of the picture would be one flat floor. Himmelblau's function has 8 in its
usual window, a paraboloid 2, exp(x) 151 between −5 and 5 and 12 in half of it."""

HIDDEN = 0.05
"""Share of the height of a curve's picture below which its hills and valleys are taken for a floor,
and the window is halved: less than 20 of 400 pixels. x⁴ − 3x² + x has 0.006 between −5 and 5 and
0.14 in half of it; x³ − 3x has 0.02 and 0.25; sin(x) fills its picture."""

MOST_HALVINGS = 3
_LOOKED_AT = 11  # values along each axis; an odd number holds the middle
_TURNS_LOOKED_AT = 81  # of a curve, whose turns are to be found
_ELSEWHERE = 1.0  # of names that are no axes: 0 would switch off what they multiply
_STARTS = ((0.7, 0.6), (-0.6, 0.7), (0.5, -0.7), (-0.7, -0.5), (0.25, 0.15), (-0.15, 0.25))


def default_window(problem: Problem, axes: Sequence[str], point: Mapping[str, float]) -> Window:
    """Bounds of the axes: ±5, less where the formula has no values or is too steep; with the point.

    A curve's is halved as well where its hills and valleys would be too low to be seen, and by no
    halving are they cut off.

    Args:
        problem: The formula.
        axes: One or two of its names; none for a formula without names.
        point: Numbers for some names; they are in the window.
    """
    held = {name: point.get(name, _ELSEWHERE) for name in problem.names}
    middle = {name: _middle(point.get(name, 0.0)) for name in axes}
    window = {name: (c - HALF_BOX, c + HALF_BOX) for name, c in middle.items()}
    for _ in range(MOST_HALVINGS + 1):
        found = _values(problem, window, held)
        window = _with_values(window, found)
        finite = sorted(value for _, value in found if math.isfinite(value))
        turns = _turns(problem, window, held)
        flattened = len(finite) >= 3 and _is_flattened(finite)
        if not (flattened or (turns and _are_hidden(turns, finite))):
            break
        half = {
            name: (middle - (high - low) / 4, middle + (high - low) / 4)
            for name, (low, high) in window.items()
            for middle in [_middle_of(turns, (high - low) / 20) if turns else (low + high) / 2]
        }
        if turns and not all(_is_well_within(bounds, turns) for bounds in half.values()):
            break
        window = {name: _with_point(bounds, name, point) for name, bounds in half.items()}
    return window


def default_start(
    problem: Problem, window: Window, gradient: Mapping[str, Node], point: Mapping[str, float]
) -> dict[str, float]:
    """A point in the window with a slope to go down; the point that was given, where it was.

    Args:
        problem: The formula.
        window: Of its axes.
        gradient: ∂f/∂name by name.
        point: Numbers for some names.
    """
    start = {name: point.get(name, _ELSEWHERE) for name in problem.names}
    for shares in _STARTS:
        for share, (name, (low, high)) in zip(shares, window.items(), strict=False):
            if name not in point:
                start[name] = float(f"{(low + high) / 2 + share * (high - low) / 2:.2g}")
        if _has_slope(problem, gradient, start):
            break
    return start


def _has_slope(problem: Problem, gradient: Mapping[str, Node], at: Mapping[str, float]) -> bool:
    try:
        evaluation = Evaluation(values_at(problem.defined, at), problem.text)
        values = [
            evaluation(problem.formula.root),
            *(evaluation(each) for each in gradient.values()),
        ]
    except DomainError:
        return False
    return all(map(math.isfinite, values)) and any(values[1:])


def _turns(
    problem: Problem, window: Window, held: Mapping[str, float]
) -> list[tuple[float, float]]:
    """Where a curve turns, and how high it is there; none of a plane, or of less than two turns."""
    if len(window) != 1:
        return []
    (name,) = window
    found = [(axes[name], v) for axes, v in _values(problem, window, held, _TURNS_LOOKED_AT)]
    if not all(math.isfinite(value) for _, value in found):
        return []
    turns = [
        found[i]
        for i in range(1, len(found) - 1)
        if (found[i][1] - found[i - 1][1]) * (found[i + 1][1] - found[i][1]) < 0
    ]
    return turns if len(turns) > 1 else []


def _are_hidden(turns: Sequence[tuple[float, float]], values: Sequence[float]) -> bool:
    """Whether the hills and valleys of a curve are too low to be seen; values ascend."""
    heights = [height for _, height in turns]
    return max(heights) - min(heights) < HIDDEN * (values[-1] - values[0])


def _middle_of(turns: Sequence[tuple[float, float]], step: float) -> float:
    """Between the first and the last turn, as a round number."""
    return round((turns[0][0] + turns[-1][0]) / 2 / step) * step


def _is_well_within(bounds: tuple[float, float], turns: Sequence[tuple[float, float]]) -> bool:
    """Whether a tenth of the picture is left beside the first and the last turn."""
    low, high = bounds
    beside = (high - low) / 10
    return low + beside <= turns[0][0] and turns[-1][0] <= high - beside


def _values(
    problem: Problem, window: Window, held: Mapping[str, float], count: int = _LOOKED_AT
) -> list[tuple[dict[str, float], float]]:
    """The formula on a grid of `count` values along each axis; NaN where it has no value."""
    sides = [
        [low + (high - low) * i / (count - 1) for i in range(count)]
        for low, high in window.values()
    ]
    found = []
    for place in itertools.product(*sides):
        axes = dict(zip(window, place, strict=True))
        try:
            evaluation = Evaluation(values_at(problem.defined, {**held, **axes}), problem.text)
            found.append((axes, evaluation(problem.formula.root)))
        except DomainError:
            found.append((axes, math.nan))
    return found


def _with_values(window: Window, found: Sequence[tuple[dict[str, float], float]]) -> Window:
    """The part of a window in which there are values, if that is at most half of it."""
    there = [axes for axes, value in found if math.isfinite(value)]
    if not there or len(there) == len(found):
        return window
    smaller = {}
    for name, (low, high) in window.items():
        step = (high - low) / (_LOOKED_AT - 1)
        least, most = min(a[name] for a in there) - step, max(a[name] for a in there) + step
        smaller[name] = (max(low, least), min(high, most))
    return smaller


def _is_flattened(values: Sequence[float]) -> bool:
    """Whether a few high values leave no room for the others; values ascend."""
    low, median, high = values[0], values[len(values) // 2], values[-1]
    return high - median > FLATTENED * (median - low) > 0


def _middle(value: float) -> float:
    """Of a window that holds a value: 0 if it does then."""
    return 0.0 if abs(value) <= 0.8 * HALF_BOX else value


def _with_point(
    bounds: tuple[float, float], name: str, point: Mapping[str, float]
) -> tuple[float, float]:
    value = point.get(name)
    return bounds if value is None else (min(bounds[0], value), max(bounds[1], value))
