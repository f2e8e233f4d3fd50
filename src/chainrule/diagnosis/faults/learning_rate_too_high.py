"""Learning rate too high.

What it is
    Steps that overshoot: the update goes downhill at first, and is so long that it ends higher
    than it began. And the run suffers from it.

Why it happens
    The gradient gives the direction of steepest ascent at θ, and nothing but the direction is
    true for long. With curvature λ along the step a gradient step lowers the loss only while
    η < 2/λ; beyond, each step lands higher on the other side of the valley.

How it is found
    On captured steps the loss is measured along the update that was made, φ(α) = L(θ + αΔθ), on
    the same batch and on that of another captured step, and averaged. A step overshoots if
    φ(1) ≥ φ(0) although φ(α) < φ(0) at some α ≤ 1/4 (quantity `best_multiple`): a step of a
    quarter or less would have been better than the one made. Of a run that ends ten times higher
    than it began (`loss_ratio`, threshold 10) any shorter step counts: steps of 2.4/λ diverge, and
    the best multiple of them is 0.4. The fault needs this on at least
    two scanned steps and on at least half of all scans up to the last one that overshot
    (`overshooting_share`, threshold 0.5), and its effect: at the end the loss is not below nine
    tenths of what it was at the first step (`loss_ratio`, threshold 0.9; of a loss that starts at
    0 or below shares say nothing, and it must not have fallen at all: `loss_change`, threshold
    0). A run that has gained more but has not halved its loss (threshold 0.5) gets a warning if,
    besides, the scanned steps together raised the loss (`change_by_the_scanned_steps`, threshold
    0), and on at least
    half of those that overshot the measured curvature was above what the optimizer tolerates
    (`share_beyond_the_limit`, threshold 0.5). Overshooting alone is no fault: the best learning
    rates overshoot a little (Schneider et al. 2021, Cockpit, experiment 7), and training at the
    edge of stability raises the loss of single steps while it falls over many (Cohen et al.
    2021). Where there was time to measure it, the largest curvature along any direction stands
    beside the largest that the optimizer tolerates (`sharpness`, `stability_limit`).

    Where units died or saturated, or gradients began to explode, and no other cause was found, or
    nothing was found although nothing was learned: a measured step moved the weights by at least
    half of their own size (the median over the weights of ‖Δw‖/‖w‖, quantity `longest_step`,
    threshold 0.5), and not a tenth of the loss was gained (`loss_left`, threshold 0.9). A step of
    a tenth of the weights, after the first, counts if the run ends above its first loss and above
    that of a constant answer, as do three quarters of the losses in its last quarter
    (`losses_above_constant`, threshold 0.75). See `diagnosis/long_steps.py`.

Example that has it
    `examples/learning_rate_too_high_digits.py`.

Example that has not
    `examples/healthy_edge_of_stability_digits.py`: its steps overshoot and its loss falls.

Remedies
    The learning rate times the best multiple that was measured; warm-up; normalisation.

Known limits
    Steps that could not be captured and replayed are not scanned. With more than one optimizer
    (a GAN) a lower loss is not the aim, and nothing is said.

References
    Cohen et al. (2021), arXiv 2103.00065; Schneider, Dangel, Hennig (2021), arXiv 2102.06604.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.long_steps import as_long_as_the_weights
from chainrule.diagnosis.pace import pace, pace_in_words, steps_needed
from chainrule.diagnosis.wording import count, number, plural
from chainrule.records import Evidence, Finding, Place, Remedy, StepScan, StepSharpness
from chainrule.records.slope import LossCurveSlope

NAME = "learning-rate-too-high"
SUMMARY = "Steps that end higher than they began, where a fraction of the step would go down."

MUCH_SHORTER = 1 / 4
"""Largest best multiple that counts: at the minimum of a parabola φ(1) ≥ φ(0) needs a best
multiple of 1/2; half of that cannot be the little overshoot of a good learning rate."""

DIVERGED = 10.0
"""Loss at the end over loss at the first step, from which any step that overshot counts: at the
edge of stability single steps raise the loss, and never the whole run by a power of ten."""

OVERSHOOTING_SHARE = 0.5
"""Of the scanned steps: persistently means more often than not."""

SCANS = 2
"""Overshooting steps needed: one odd batch is no verdict."""

NOT_LEARNED = 0.9
"""Loss at the end over loss at the first step: batches of a few dozen examples differ by some per
cent, and a run that has not gained a tenth has not learned."""

NOT_HALVED = 0.5
"""Loss at the end over loss at the first step: a run that has halved its loss learns, whatever its
steps look like; in between, the steps themselves must have done harm."""

BEYOND = 0.5
"""Of the overshooting steps whose curvature was measured, the share that must be above the limit:
more often than not. A batch's noise makes single steps overshoot far below it."""


def check(case: Case) -> list[Finding]:
    """The finding, if steps overshot and the loss did not fall."""
    if len(case.optimizers) != 1:
        return []
    scans = [s for s in case.step_scans if s.update_norm > 0]
    start, end = case.loss_start, case.loss_end
    largest, _ = _largest_multiple(start, end)
    over = [s for s in scans if s.overshoots and s.best[0] <= largest]
    if len(over) < SCANS:
        return []
    until = [s for s in scans if s.step <= over[-1].step]
    share = len(over) / len(until)
    learned = end < (NOT_LEARNED * start if start > 0 else start)
    change = sum(s.after - s.before for s in scans)
    beyond = _beyond(case, {s.step for s in over})
    if share < OVERSHOOTING_SHARE or math.isnan(start):
        return []
    if learned and not (end >= NOT_HALVED * start and change > 0 and beyond >= BEYOND):
        return []
    best = middle(s.best[0] for s in over)
    worst = max(over, key=lambda s: s.after - s.before)
    rate = middle(s.learning_rate for s in over)
    bend = _sharpest(case, {s.step for s in over})
    slope = pace(case)
    long = as_long_as_the_weights(case)  # no step is scanned before step 1
    return [
        Finding(
            fault=NAME,
            severity="warning" if learned else "error",
            title=(
                f"steps overshoot: {_times(best)} of the step would go down, the whole step goes up"
            ),
            where=Place(),
            steps=(min([over[0].step, *(step for step, _ in long)]), over[-1].step),
            evidence=_evidence(best, share, over, start, end, rate, worst)
            | _harm(change, beyond)
            | _curvature(bend)
            | _learning(slope, worst),
            explanation=_explanation(over, until, len(scans), worst, rate)
            + (f"\n\n{pace_in_words(slope, worst.before - worst.best[1])}" if slope else "")
            + _bends(bend),
            remedies=(
                Remedy(
                    f"lower the learning rate to about {number(rate * best)}",
                    f"{_times(best)} of the step was the best length measured (median of "
                    f"{plural(len(over), 'step')})",
                ),
                Remedy(
                    "warm the learning rate up over the first steps",
                    "curvature is often largest at the start and falls as training goes on",
                    "Gilmer et al. (2021), arXiv 2110.04369",
                ),
            ),
            consequences=(
                f"The loss went from {number(start)} at the first step to {number(end)} at the "
                f"end, in {plural(case.run.steps, 'step')}.",
            ),
        )
    ]


def _largest_multiple(start: float, end: float) -> tuple[float, str]:
    """Up to which best multiple an overshooting step counts, and why."""
    if start > 0 and end >= DIVERGED * start:
        return 1.0, "any shorter step, of a run that diverged"
    return MUCH_SHORTER, "half of a parabola's limit"


def _evidence(
    best: float,
    share: float,
    over: list[StepScan],
    start: float,
    end: float,
    rate: float,
    worst: StepScan,
) -> dict[str, Evidence]:
    rows = "step_scan " + ", ".join(str(s.step) for s in over)
    least = (
        (NOT_HALVED, "not halved, and the steps did harm")
        if start > 0 and end < NOT_LEARNED * start
        else (NOT_LEARNED, "not a tenth gained")
    )
    return {
        "best_multiple": Evidence(best, "of the step made", *_largest_multiple(start, end), rows),
        "overshooting_share": Evidence(
            share, "of the scanned steps", OVERSHOOTING_SHARE, "more often than not", rows
        ),
        **(
            {"loss_ratio": Evidence(end / start, "", *least, "series loss")}
            if start > 0
            else {"loss_change": Evidence(end - start, "", 0.0, "nothing gained", "series loss")}
        ),
        "learning_rate": Evidence(rate),
        "loss_before_step": Evidence(worst.before, rows=f"step_scan {worst.step}"),
        "loss_after_step": Evidence(worst.after, rows=f"step_scan {worst.step}"),
        "loss_after_best_multiple": Evidence(worst.best[1], rows=f"step_scan {worst.step}"),
        "promised_change": Evidence(worst.promised, rows=f"step_scan {worst.step}"),
    }


def _beyond(case: Case, steps: set[int]) -> float:
    """Of the steps whose curvature was measured, the share with more than is tolerated."""
    shares = [
        s.share_of_limit
        for s in case.step_sharpness
        if s.step in steps and s.share_of_limit is not None
    ]
    return sum(share > 1 for share in shares) / len(shares) if shares else 0.0


def _harm(change: float, beyond: float) -> dict[str, Evidence]:
    return {
        "change_by_the_scanned_steps": Evidence(
            change, "loss", 0.0, "steps downhill lower it", "step_scan"
        ),
        "share_beyond_the_limit": Evidence(
            beyond, "of the overshooting steps", BEYOND, "more often than not", "step_sharpness"
        ),
    }


def _learning(slope: LossCurveSlope | None, worst: StepScan) -> dict[str, Evidence]:
    """How fast the run goes, and in how many steps it gains what one best step would."""
    if slope is None:
        return {}
    gain = worst.before - worst.best[1]
    return {
        "loss_slope": Evidence(slope.slope, "loss per step", rows="series loss"),
        "loss_slope_low": Evidence(slope.low, "loss per step", rows="series loss"),
        "loss_slope_high": Evidence(slope.high, "loss per step", rows="series loss"),
        "loss_drop_of_the_best": Evidence(gain, rows=f"step_scan {worst.step}"),
        "steps_for_one_best_step": Evidence(steps_needed(slope, gain), "steps at least"),
    }


def _sharpest(case: Case, steps: set[int]) -> StepSharpness | None:
    """The measured curvature that exceeds its limit by most, of some steps."""
    measured = [s for s in case.step_sharpness if s.step in steps and s.share_of_limit is not None]
    return max(measured, key=lambda s: s.share_of_limit or 0.0, default=None)


def _curvature(bend: StepSharpness | None) -> dict[str, Evidence]:
    if bend is None or bend.spectrum.limit is None:
        return {}
    rows = f"step_sharpness {bend.step}"
    return {
        "sharpness": Evidence(bend.spectrum.sharpness, rows=rows),
        "stability_limit": Evidence(bend.spectrum.limit, rows=rows),
    }


def _bends(bend: StepSharpness | None) -> str:
    if bend is None or bend.spectrum.limit is None:
        return ""
    return (
        f"\n\nThe curvature of the loss at step {count(bend.step)}, in the direction in which it "
        f"bends most, is {number(bend.spectrum.sharpness)} as {bend.spectrum.preconditioner} sees "
        f"it. At this η the optimizer is stable up to {number(bend.spectrum.limit)}."
    )


def _explanation(
    over: list[StepScan], until: list[StepScan], scanned: int, worst: StepScan, rate: float
) -> str:
    alpha, lowest = worst.best
    of = (
        f"the {len(until)} replayed with the same data up to step {count(until[-1].step)} (of "
        f"{scanned} in all)"
        if len(until) < scanned
        else f"the {scanned} that were replayed with the same data"
    )
    return (
        f"Descent goes θ ← θ − η∇L, here with η = {number(rate)}. The slope promises that such a "
        f"step lowers the loss; it keeps that promise only while the step is short. On "
        f"{plural(len(over), 'step')} of {of}, "
        f"the step ended higher than it began, and a shorter one would not have. Step "
        f"{count(worst.step)}:\n\n"
        f"    promised by the slope, ∇L·Δθ      {number(worst.promised)}\n"
        f"    L(θ)           before the step    {number(worst.before)}\n"
        f"    L(θ + Δθ)      after it           {number(worst.after)}\n"
        f"    L(θ + {number(alpha)}·Δθ)  the best seen    {number(lowest)}\n\n"
        f"The loss against θ, along the step, is a valley, and η jumps across it."
    )


def _times(share: float) -> str:
    return f"1/{round(1 / share)}" if share else "nothing"
