"""Oscillating loss.

What it is
    The loss goes up and down from step to step without getting lower: each step crosses the
    valley to the other side.

Why it happens
    A learning rate beyond the stability limit in some direction, a momentum that adds up to such
    a step, or steps that grow as the gradient of an earlier layer does.

How it is found
    Over the later half of the run the loss alternates: a rise follows a fall more regularly than
    noise would have it (quantity `alternation`, the correlation of each change of the loss with
    the next; −0.5 for independent noise, −1 for a strict up and down, threshold −0.75, between the
    two). And that is the step's doing, not that of batches that differ: along the steps that were
    captured the loss on the very same batch is lowest at half of the step or less (`short_steps`,
    on at least half of the scans of the run, threshold 0.5, and on at least two), where it would
    be lower by a tenth or more (`gain_of_the_best_step`, threshold 0.1, the median). Its effect:
    the loss does not fall from the third to the fourth quarter of the run (`late_ratio`, threshold
    0.9), and a quarter of it is left (`loss_left`, threshold 0.25).

    *Two players that go round each other*: with two optimizers, each with a loss of its own, both
    losses swing over the later half of the run. A turn later a loss is what it was
    (`correlation_a_turn_later`, threshold 0.5), half a turn later the opposite
    (`correlation_half_a_turn_later`, threshold −0.4), at least three times (`turns`, threshold 3,
    with a `period` of 4 losses or more), and the swing is as wide as before (`width_left`, the
    last quarter against the second, threshold 0.9). And nothing but the other player turns one
    back: along every scanned step the player's own loss on the same batch still falls after more
    step lengths than a turn has steps (`best_multiple`, threshold `period`).

    *Data in their order*: three of four batches that were looked at hold examples of one class each
    (`batches_of_one_class`, threshold 0.75), not all of the same. And nothing is learned
    (`loss_left`, threshold 0.9), or from a batch that the model answers, at half of a constant
    answer's loss or less, the loss goes to above a constant answer's with the next one: in the
    later half of the run at least as many times as there are classes (`jumps`), so that they come
    round again and no class is taught once and left.

Example that has it
    Full-batch gradient descent on raw columns with a rate above 2/λ in one direction.

Example that has not
    `examples/healthy_edge_of_stability_digits.py`: it swings, and its loss falls. Batches of four
    images, whose losses differ. A GAN whose losses wander, or whose swings die away.

Remedies
    The learning rate times the best multiple that was measured.

Known limits
    A slow swing over many steps, as heavy momentum makes it, is not told from a slow drift of the
    data. With more than one optimizer a lower loss is not the aim, and nothing is said but of two
    players that go round each other.

References
    Cohen et al. (2021), arXiv 2103.00065; Goh (2017), Why Momentum Really Works; Mescheder et al.
    (2018), arXiv 1801.04406.
"""

import math
from itertools import pairwise
from statistics import fmean, median

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.circling_game import circling_game
from chainrule.diagnosis.sorted_batches import sorted_batches
from chainrule.diagnosis.unlearned import unlearned
from chainrule.diagnosis.wording import number, percent, plural
from chainrule.records import Evidence, Finding, Place, Remedy, StepScan

NAME = "oscillating-loss"
SUMMARY = "The loss swings from step to step and gets no lower: each step crosses the valley."

ALTERNATION = -0.75
"""Correlation of one change of the loss with the next: half way between independent noise (−0.5,
with a standard error below 0.1 from 50 losses on) and a strict alternation (−1)."""

LOSSES = 50
"""Losses of the later half needed for that standard error."""

SHORT = 0.5
"""Best multiple of a step: at 1/2 of a parabola it ends as high as it began."""

SHORT_STEPS = 0.5
"""Share of the scans: more often than not."""

SCANS = 2
"""Short scans needed: one odd batch is no verdict."""

GAIN = 0.1
"""Share of the loss that the best part of the step would take away: what swings about within a
tenth of the loss does no harm to speak of."""

FALLING = 0.9
"""Mean loss of the last quarter over that of the third: a run that still gains a tenth is learning
while it swings. (A mean, for the median of two levels is the one or the other.)"""

STILL_MUCH = 0.25
"""Share of the loss left: a run at a low loss that swings has found its place."""


def check(case: Case) -> list[Finding]:
    """The finding, if the later losses alternate and shorter steps would go down."""
    loss = case.main_loss()
    if len(case.optimizers) != 1 or loss is None:
        return circling_game(case)
    in_order = sorted_batches(case, NAME)
    if in_order:
        return in_order
    finite = [v for v in loss.values if math.isfinite(v)]
    late = finite[len(finite) // 2 :]
    scans = [s for s in case.step_scans if s.update_norm > 0 and s.losses]
    short = [s for s in scans if _best(s)[0] <= SHORT]
    if len(late) < LOSSES or len(short) < SCANS or len(short) < SHORT_STEPS * len(scans):
        return []
    alternation = _alternation(late)
    gain = middle(1 - _best(s)[1] / at for s in short if (at := _at_start(s)) > 0)
    third, fourth = fmean(late[: len(late) // 2]), fmean(late[len(late) // 2 :])
    left = unlearned(case)
    if (
        not alternation <= ALTERNATION
        or not gain >= GAIN
        or not fourth > FALLING * third
        or not left.share >= STILL_MUCH
    ):
        return []
    best = middle(_best(s)[0] for s in short)
    rate = middle(s.learning_rate for s in short)
    low, high = median(late[::2]), median(late[1::2])
    return [
        Finding(
            fault=NAME,
            severity="error" if left.most else "warning",
            title=f"the loss swings between {number(min(low, high))} and {number(max(low, high))}",
            where=Place(),
            steps=(short[0].step, case.last_step),
            evidence={
                "alternation": Evidence(
                    alternation, "", ALTERNATION, "noise has −0.5", "series loss"
                ),
                "short_steps": Evidence(
                    len(short) / len(scans), "of the scanned steps", SHORT_STEPS, "persistently"
                ),
                "best_multiple": Evidence(best, "of the step made", SHORT, "of a parabola"),
                "gain_of_the_best_step": Evidence(gain, "of the loss", GAIN, "does harm"),
                "late_ratio": Evidence(
                    fourth / third if third else math.nan, "", FALLING, "no longer falling"
                ),
                "learning_rate": Evidence(rate),
                **left.evidence,
            },
            explanation=(
                f"In the later half of the run the loss goes up and down in turns (a change is "
                f"correlated {number(alternation)} with the next; noise has −0.5), between "
                f"{number(min(low, high))} and {number(max(low, high))} in the median of every "
                f"other step, and its level stays: {number(third)}, then {number(fourth)}.\n\n"
                "    along a step:  φ(α) = L(θ + αΔθ),   lowest at "
                f"α = {number(best)} in place of 1\n\n"
                f"On {len(short)} of {plural(len(scans), 'scanned step')} the loss on the same "
                f"batch was lowest at half of the step or less, by {percent(gain)} of it: the "
                "other half goes up the far side again. So it is the step and not the batches."
            ),
            remedies=(
                Remedy(
                    f"lower the learning rate to about {number(rate * best)}",
                    f"{number(best)} of the step was the best length measured",
                ),
                Remedy(
                    "lower the rate as the run goes on (CosineAnnealingLR), or lower the momentum",
                    "both shorten the steps that cross the valley",
                ),
            ),
        )
    ]


def _best(scan: StepScan) -> tuple[float, float]:
    """Multiple and loss of the best part of the step on its own batch."""
    pairs = zip(scan.multiples, scan.losses, strict=True)
    return min(pairs, key=lambda pair: math.inf if math.isnan(pair[1]) else pair[1])


def _at_start(scan: StepScan) -> float:
    return scan.losses[scan.multiples.index(0.0)]


def _alternation(losses: list[float]) -> float:
    """Correlation of neighbouring changes; NaN if nothing changes."""
    changes = [b - a for a, b in pairwise(losses)]
    size = sum(c * c for c in changes)
    if not 0 < size < math.inf:
        return math.nan
    return sum(a * b for a, b in pairwise(changes)) / size
