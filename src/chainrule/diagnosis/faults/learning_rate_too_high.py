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
    quarter or less would have been better than the one made. The fault needs this on at least
    two scanned steps and on at least half of all scans up to the last one that overshot
    (`overshooting_share`, threshold 0.5), and its effect: at the end the loss is not below nine
    tenths of what it was at the first step (`loss_ratio`, threshold 0.9). Overshooting alone is
    no fault: the best learning rates overshoot a little (Schneider et al. 2021, Cockpit,
    experiment 7), and training at the edge of stability raises the loss of single steps while it
    falls over many (Cohen et al. 2021). Where there was time to measure it, the largest curvature
    along any direction stands beside the largest that the optimizer tolerates (`sharpness`,
    `stability_limit`); it explains, and does not decide.

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
from chainrule.diagnosis.wording import count, number, plural
from chainrule.records import Evidence, Finding, Place, Remedy, StepScan, StepSharpness

NAME = "learning-rate-too-high"
SUMMARY = "Steps that end higher than they began, where a fraction of the step would go down."

MUCH_SHORTER = 1 / 4
"""Largest best multiple that counts: at the minimum of a parabola φ(1) ≥ φ(0) needs a best
multiple of 1/2; half of that cannot be the little overshoot of a good learning rate."""

OVERSHOOTING_SHARE = 0.5
"""Of the scanned steps: persistently means more often than not."""

SCANS = 2
"""Overshooting steps needed: one odd batch is no verdict."""

NOT_LEARNED = 0.9
"""Loss at the end over loss at the first step: batches of a few dozen examples differ by some per
cent, and a run that has not gained a tenth has not learned."""


def check(case: Case) -> list[Finding]:
    """The finding, if steps overshot and the loss did not fall."""
    if len(case.optimizers) != 1:
        return []
    scans = [s for s in case.step_scans if s.update_norm > 0]
    over = [s for s in scans if s.overshoots and s.best[0] <= MUCH_SHORTER]
    if len(over) < SCANS:
        return []
    until = [s for s in scans if s.step <= over[-1].step]
    share = len(over) / len(until)
    start, end = case.loss_start, case.loss_end
    learned = start > 0 and end < NOT_LEARNED * start
    if share < OVERSHOOTING_SHARE or learned or math.isnan(start):
        return []
    best = middle(s.best[0] for s in over)
    worst = max(over, key=lambda s: s.after / s.before if s.before > 0 else 0.0)
    rate = middle(s.learning_rate for s in over)
    bend = _sharpest(case, {s.step for s in over})
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=(
                f"steps overshoot: {_times(best)} of the step would go down, the whole step goes up"
            ),
            where=Place(),
            steps=(over[0].step, over[-1].step),
            evidence=_evidence(best, share, over, start, end, rate, worst) | _curvature(bend),
            explanation=_explanation(over, until, worst, rate) + _bends(bend),
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
    return {
        "best_multiple": Evidence(
            best, "of the step made", MUCH_SHORTER, "half of a parabola's limit", rows
        ),
        "overshooting_share": Evidence(
            share, "of the scanned steps", OVERSHOOTING_SHARE, "more often than not", rows
        ),
        "loss_ratio": Evidence(
            end / start if start else math.nan, "", NOT_LEARNED, "not a tenth gained", "series loss"
        ),
        "learning_rate": Evidence(rate),
        "loss_before_step": Evidence(worst.before, rows=f"step_scan {worst.step}"),
        "loss_after_step": Evidence(worst.after, rows=f"step_scan {worst.step}"),
        "loss_after_best_multiple": Evidence(worst.best[1], rows=f"step_scan {worst.step}"),
        "promised_change": Evidence(worst.promised, rows=f"step_scan {worst.step}"),
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


def _explanation(over: list[StepScan], until: list[StepScan], worst: StepScan, rate: float) -> str:
    alpha, lowest = worst.best
    return (
        f"Descent goes θ ← θ − η∇L, here with η = {number(rate)}. The slope promises that such a "
        f"step lowers the loss; it keeps that promise only while the step is short. On "
        f"{plural(len(over), 'step')} of the {len(until)} that were replayed with the same data, "
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
