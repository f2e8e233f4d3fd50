"""A descent in the terminal: the regimes of η, the prediction, the path, and what came of it."""

import math
from collections.abc import Sequence

from chainrule.records.descent import Descent, EigenDirection, Regimes, TrajectoryPoint

from .descent_words import (
    LIMITS,
    MOTIONS,
    OPTIMIZERS,
    departure,
    kink_sentence,
    outcome_sentence,
    prediction_sentence,
    reason_sentences,
)
from .labels import shorten
from .numerals import number, plural
from .page import Page
from .place import write_place
from .sparkline import sparkline
from .theta import entry_names, vector_label

SHOWN_ROWS = 14
"""Rows of the trajectory's table: a screen holds them with the rest."""

SHOWN_ENTRIES = 4
"""Entries of θ for which the table has columns."""

SHOWN_DIRECTIONS = 6
"""Eigen-directions listed: the sharpest and the most downward ones."""


def write_descent(page: Page, descent: Descent) -> None:
    """Write all of a descent."""
    page.line()
    how = OPTIMIZERS[descent.optimizer]
    settings = ", ".join(f"{_symbol(name)} = {number(value)}" for name, value in descent.settings)
    page.item(
        ("chainrule  ", "bold"),
        (f"L = {descent.objective or 'the loss'}, by {how} with {settings}", "dim"),
    )
    start = vector_label(descent.parameters, descent.points[0].theta)
    if start:
        page.line((f"           from {start}", "dim"))
    if descent.solver:
        page.line((f"           steps solved for by {descent.solver}", "dim"))
    write_regimes(page, descent.regimes, descent.parameters)
    page.line()
    page.line(("Prediction  ", "bold"), (descent.regimes.prediction, "bold"))
    page.paragraph(prediction_sentence(descent.regimes), indent=2)
    page.line()
    _write_path(page, descent)
    if len(descent.curvatures) > 1:
        page.line()
        _write_curvatures(page, descent)
    page.line()
    _write_verdict(page, descent)
    page.line()


def write_regimes(
    page: Page, regimes: Regimes, parameters: Sequence[tuple[str, tuple[int, ...]]]
) -> None:
    """Write where η changes its character, and what it does in each direction."""
    page.line()
    page.line(("The learning rate at the start", "bold"), ("  from the loss against θ", "dim"))
    values = regimes.eigenvalues
    ends = f"λ_max = {number(values[0])}, λ_min = {number(values[-1])}"
    page.line(f"  {ends}", (f"  (each ± {number(regimes.bound)})", "dim"))
    if regimes.preconditioned:
        after = plural(regimes.preconditioner_steps, "step")
        page.line(
            f"  preconditioned: λ_max = {number(regimes.sharpness)}",
            (f"  as the optimizer sees it after {after} on the quadratic", "dim"),
        )
    if not math.isfinite(regimes.stable_limit):
        page.paragraph(
            "The loss bends upwards in no direction here, so no η overshoots on the quadratic.",
            indent=2,
        )
    elif regimes.preconditioned:
        _write_frozen_limits(page, regimes)
    else:
        _write_limits(page, regimes)
    page.line()
    _write_directions(page, regimes, parameters)


def _write_limits(page: Page, regimes: Regimes) -> None:
    low, high = regimes.monotone_limit, regimes.stable_limit
    monotone, stable = LIMITS[regimes.optimizer]
    rows = (
        (f"up to {number(low)}", monotone, "monotone", regimes.learning_rate <= low),
        (
            f"{number(low)} to {number(high)}",
            f"to {stable}",
            "oscillating",
            low < regimes.learning_rate <= high,
        ),
        (f"above {number(high)}", "", "diverging", regimes.learning_rate > high),
    )
    width = max(len(page.safe(row[0])) for row in rows)
    formula = max(len(page.safe(row[1])) for row in rows)
    for span, why, motion, here in rows:
        mark = f"  {page.glyphs.culprit} η = {number(regimes.learning_rate)}" if here else ""
        page.line(
            f"  {page.safe(span):<{width}}  ",
            (f"{page.safe(why):<{formula}}  ", "dim"),
            f"{MOTIONS[motion]}",
            (mark, "bold cyan"),
        )


def _write_frozen_limits(page: Page, regimes: Regimes) -> None:
    """What the limits would be if the preconditioner stayed; they mark no regime of η."""
    monotone, stable = LIMITS[regimes.optimizer]
    low, high = number(regimes.monotone_limit), number(regimes.stable_limit)
    page.paragraph(
        f"If that preconditioner stayed, steps would not overshoot up to η = {low}, "
        f"{monotone}, and be stable up to {high}, {stable}. It does not stay: each gradient "
        "changes it, and another η makes another one. So no η is marked here, and the prediction "
        "below comes from the optimizer itself.",
        indent=2,
    )


def _write_directions(
    page: Page, regimes: Regimes, parameters: Sequence[tuple[str, tuple[int, ...]]]
) -> None:
    directions = list(regimes.directions)
    if len(directions) > SHOWN_DIRECTIONS:
        half = SHOWN_DIRECTIONS // 2
        directions = directions[:half] + directions[-half:]
    frozen = "if it stayed" if regimes.preconditioned else ""
    rows = [("direction", "curvature λ", "gradient", "multiplier", frozen)]
    rows += [
        (
            vector_label(parameters, d.vector, 3) or "(long)",
            number(d.eigenvalue),
            number(d.gradient),
            number(d.multiplier) + (" (complex)" if d.complex else ""),
            _motion(d),
        )
        for d in directions
    ]
    _write_table(page, rows, left={0, 4})
    if len(regimes.directions) > len(directions):
        page.line((f"  {len(regimes.directions) - len(directions)} directions between", "dim"))


def _motion(direction: EigenDirection) -> str:
    if direction.motion == "diverging" and direction.eigenvalue < 0:
        said = "away, downhill"
    else:
        said = direction.motion
    return said if direction.active else f"{said}, but the start has no slope in it"


def _write_path(page: Page, descent: Descent) -> None:
    page.line(("The path", "bold"), ("  the loss against steps", "dim"))
    losses = descent.losses
    line, logarithmic = sparkline(page, losses, min(60, page.width - 30))
    page.line(
        f"  {number(losses[0])} ",
        (line, "cyan"),
        f" {number(losses[-1])}",
        ("  powers of ten" if logarithmic else "", "dim"),
    )
    page.line()
    names = entry_names(descent.parameters)
    shown = names if len(names) <= SHOWN_ENTRIES and descent.points[0].theta else []
    rows = [("step", "loss", "‖∇L‖", "‖Δθ‖", *shown)]
    rows += [
        (
            str(point.step),
            number(point.loss),
            number(point.gradient_norm),
            "" if math.isnan(point.step_length) else number(point.step_length),
            *(map(number, point.theta) if shown else ()),
        )
        for point in _some(descent.points)
    ]
    _write_table(page, rows)


def _write_curvatures(page: Page, descent: Descent) -> None:
    page.line(("The curvature along the path", "bold"))
    first = descent.curvatures[0]
    if all(
        abs(c.largest - first.largest) <= c.bound + first.bound
        and abs(c.smallest - first.smallest) <= c.bound + first.bound
        for c in descent.curvatures
    ):
        page.paragraph(
            f"It is the same at all {len(descent.curvatures)} points where it was measured.",
            indent=2,
        )
        return
    rows = [("step", "λ_max", "λ_min")]
    rows += [(str(c.step), number(c.largest), number(c.smallest)) for c in descent.curvatures]
    _write_table(page, rows)


def _write_verdict(page: Page, descent: Descent) -> None:
    sign, style = (
        (page.glyphs.healthy, "bold green")
        if descent.agrees
        else (page.glyphs.warning, "bold yellow")
    )
    told = "as foretold" if descent.agrees else f"not {descent.regimes.prediction} as foretold"
    page.line(("Verdict  ", "bold"), (f"{sign} {descent.outcome}, {told}", style))
    page.paragraph(outcome_sentence(descent), indent=2)
    for sentence in reason_sentences(descent):
        page.item(f"{page.glyphs.note} ", sentence, indent=2)
    if descent.kink is not None:
        page.item(f"{page.glyphs.note} ", kink_sentence(descent), indent=2)
    if (said := departure(descent)) is not None:
        page.item(f"{page.glyphs.note} ", said, indent=2)
    if descent.place is not None:
        page.line()
        after = plural(descent.points[-1].step, "step")
        page.line((f"The place after {after}", "bold"))
        write_place(page, descent.place, descent.parameters)


def _some(points: Sequence[TrajectoryPoint]) -> list[TrajectoryPoint]:
    """The first few points, then fewer and fewer, and the last."""
    last = len(points) - 1
    if last < SHOWN_ROWS:
        return list(points)
    ratio = last ** (1 / (SHOWN_ROWS - 2))
    chosen = {0, last}
    k = 0
    while len(chosen) < SHOWN_ROWS and k < last:
        chosen.add(max(k, min(last, round(ratio**k))))
        k += 1
    return [points[i] for i in sorted(chosen)]


def _write_table(
    page: Page, rows: Sequence[Sequence[str]], left: frozenset[int] | set[int] = frozenset()
) -> None:
    safe = [[page.safe(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in safe) for i in range(len(safe[0]))]
    widths[0] = min(widths[0], max(page.width // 2, 12))
    for i, row in enumerate(safe):
        cells = []
        for j, (cell, width) in enumerate(zip(row, widths, strict=True)):
            fitted = shorten(cell, width, page.glyphs.ellipsis)
            cells.append(f"{fitted:<{width}}" if j in left else f"{fitted:>{width}}")
        page.line(("  " + "  ".join(cells).rstrip(), "" if i else "dim"))


def _symbol(setting: str) -> str:
    return {
        "learning_rate": "η",
        "momentum": "β",
        "beta1": "β₁",
        "beta2": "β₂",
        "alpha": "α",
        "epsilon": "ε",
        "weight_decay": "w",
    }.get(setting, setting)
