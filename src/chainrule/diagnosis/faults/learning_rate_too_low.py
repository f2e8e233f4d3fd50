"""Learning rate too low.

What it is
    Steps that stop far too early: the loss is still falling along the update many step lengths
    further on, also on data that the update was not made from, and the run is slow for it.

Why it happens
    η was chosen for another model, another optimizer or another loss; a loss that was divided
    (by a batch size, by accumulation) has a gradient that is smaller by as much.

How it is found
    On captured steps the loss is measured along the update that was made, φ(α) = L(θ + αΔθ), on
    its own batch and on the batch of another captured step. The multiple α with the lowest loss
    is read on both, and the smaller of the two counts (quantity `best_multiple`, threshold 16 on
    every one of the later half of the scans; or on three quarters of them, three at least, with
    the same on the own batch of the others, if one best step gains as much as the whole run can
    have, `steps_for_one_best_step`): runs with a learning rate that works have best
    multiples between 1/2 and 8 there; with a tenth of it between 32 and 128, with a hundredth
    above 256 (digits, by SGD, momentum and Adam). Only scans at half of the largest learning
    rate of the run or more count, so that warm-up and decay schedules are no fault; where fewer
    than four are, and the largest rate is past by half of the run, those of all rates count if the
    best length of each is 16 times that of a step at the largest. And the
    effect: at the end the loss is still above nine tenths of what it was at the first step
    (`loss_ratio`, threshold 0.9). At the beginning of any run much longer steps would be better
    for a while, so a run of fewer than 1,000 steps is carried on to there, at the fastest pace
    that its losses allow (their slope by Theil and Sen, lower end of the 95 % interval), and
    must not have gained a tenth even then (`loss_ratio_in_1000_steps`, threshold 0.9), unless its
    steps are thousands of times too short (`best_multiple` 8,192 or more), or what made them short
    was measured: the loss function's mean is divided by a constant on its way to the loss
    (`loss_divided_by`, threshold 16), the optimizer's step follows the size of the gradient, and
    steps that many times as long would not have been too long yet. Or a scheduler was given a
    rate where it wants a factor: the largest rate of the run, met in its first half, is a
    sixteenth or less of the one that the optimizer was made with (`rate_divided_by`), and at that
    one a step would not be too long yet. Or the gradient was made a sixteenth or less of ‖∇L‖
    before the optimizer got it, in each of these steps, as a tight clip makes it
    (`gradient_shortened_by`), and with all of it a step would not be too long yet. A model
    that has converged has no lower place along its updates on other data, and is not accused.

Example that has it
    `examples/learning_rate_too_low_digits.py`.

Example that has not
    `examples/healthy_converged_digits.py`, `examples/healthy_decay_digits.py`.

Remedies
    A larger learning rate; a learning-rate range test.

Known limits
    A rate that is too low by a factor of ten still learns, and is not accused in a short run. Of
    a run that ends while it is still warming up nothing can be said. The best multiple
    of one step is not that of many in a row: raise the rate in steps of 3 to 10. With more than
    one optimizer nothing is said.

References
    Schneider, Dangel, Hennig (2021), arXiv 2102.06604; Smith (2017), arXiv 1506.01186.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.pace import pace, pace_in_words, steps_needed
from chainrule.diagnosis.wording import count, number, plural
from chainrule.records import Evidence, Finding, Place, Remedy, StepScan

NAME = "learning-rate-too-low"
SUMMARY = "Steps that stop while the loss still falls, many step lengths further on."

MUCH_LONGER = 16.0
"""Best multiple from which a step was too short: twice the largest seen of runs that work."""

AGREEING = 0.75
"""Share of the later scans that must say so on both batches, and the rest on their own: where the
noise of a batch is as large as the gradient, one update in four may lead upwards on another batch,
however long it is. That is its direction, and says nothing of its length. But then one step of
the best length must gain as much as all steps of the run can have gained."""

AGREED = 3
"""Scans that must say so if not all do."""

STILL_HIGH = 0.9
"""Loss at the end over loss at the first step: a run that has gained a tenth learns, if slowly;
in the first steps of a good run, too, much longer ones would be better for a while."""

FAR_TOO_SHORT = 8192.0
"""Best multiple from which a short run is not carried on: with a hundredth of a rate that works it
can be above 1,024 in the first 60 steps on classes that are easy to part, where weights may grow
for ever (blobs); this is eight times that. A run that broke was too short to be judged by it."""

SAME = 0.02
"""How far the quotients of the loss and what the loss function gave may differ between steps, and
still be one constant: a sum with another term changes from step to step."""

LEARNED_NOTHING = 0.95
"""From here the finding is an error: what is left of the loss is within its own noise."""

_GIVE_A_FACTOR = Remedy(
    "give the scheduler factors that begin at 1 (LambdaLR multiplies the optimizer's lr by what "
    "its function gives), or make the optimizer with lr=1 if the function gives rates",
    "a rate of 0.01 times a factor of 0.01 is a rate of 0.0001",
    "PyTorch documentation of torch.optim.lr_scheduler.LambdaLR",
)

_CLIP_LATER = Remedy(
    "clip at a norm that most gradients are below, such as 1, or do not clip",
    "clip_grad_norm_ with max_norm=c makes every longer gradient c long: a step is then η·c, "
    "whatever the loss",
    "Pascanu, Mikolov, Bengio (2013), arXiv 1211.5063",
)

SCANS = 4
"""Scans with another batch that are needed; the later half of them, two at least, must agree."""

FULL_RATE = 0.5
"""Share of the run's largest learning rate from which a scan counts."""

JUDGED_FROM = 1000
"""Steps from which a run is judged by what it gained, and to which a shorter one is carried on:
runs of small networks with rates that work gain a tenth in the first 20 to 200 steps, whatever the
optimizer, and those with a hundredth of such a rate less than a twentieth in 1,000 (digits)."""


def check(case: Case) -> list[Finding]:
    """The finding, if much longer steps were better and the loss is still high."""
    if len(case.optimizers) != 1:
        return []
    scans = _counting(case)
    start, end = case.loss_start, case.loss_end
    if len(scans) < SCANS or not start > 0 or not end > STILL_HIGH * start:
        return []
    scans = scans[len(scans) // 2 :]
    late = _agreeing(scans)
    if not late:
        return []
    best = middle(_best(s) for s in late)
    slope = pace(case)
    if slope is None:
        return []
    # at the fastest pace that the losses allow: a line, while most curves are steeper at first
    carried_on = end + slope.low * max(0, JUDGED_FROM - case.run.steps)
    far_too_short = case.broke_at is None and min(_best(s) for s in late) >= FAR_TOO_SHORT
    divided, (asked, cut), shortened = _divided(case), _asked_for(case), _shortened(case, late)
    divided_away = MUCH_LONGER <= divided <= min(_best(s) for s in late)
    cut_away = cut >= MUCH_LONGER and all(asked <= _best(s) * s.learning_rate for s in late)
    clipped_away = bool(shortened) and all(
        MUCH_LONGER <= shorter <= _best(s) for shorter, s in zip(shortened, late, strict=True)
    )
    explained = divided_away or cut_away or clipped_away
    if not (far_too_short or explained) and not carried_on > STILL_HIGH * start:
        return []
    sharpest = min(late, key=lambda s: abs(math.log(max(_best(s), 1e-9) / best)))
    rate = sharpest.learning_rate
    made, possible = _drops(sharpest)
    if len(late) < len(scans) and not steps_needed(slope, possible) >= case.run.steps:
        return []
    here = sharpest.other_losses[sharpest.multiples.index(0.0)]
    evidence = {
        "best_multiple": Evidence(
            best,
            "times the step made",
            MUCH_LONGER,
            "twice the largest of runs that work",
            "step_scan " + ", ".join(str(s.step) for s in late),
        ),
        "loss_ratio": Evidence(
            end / start, "", STILL_HIGH, "a run that has gained a tenth is learning", "series loss"
        ),
        "learning_rate": Evidence(rate),
        "loss_drop_of_the_step": Evidence(made, rows=f"step_scan {sharpest.step}"),
        "loss_drop_of_the_best": Evidence(possible, rows=f"step_scan {sharpest.step}"),
        "promised_change": Evidence(sharpest.promised, rows=f"step_scan {sharpest.step}"),
        "loss_slope": Evidence(slope.slope, "loss per step", rows="series loss"),
        "loss_slope_low": Evidence(slope.low, "loss per step", rows="series loss"),
        "loss_slope_high": Evidence(slope.high, "loss per step", rows="series loss"),
        "steps_for_one_best_step": Evidence(steps_needed(slope, possible), "steps at least"),
    }
    why = ""
    if divided_away:
        evidence["loss_divided_by"] = Evidence(
            divided, "", MUCH_LONGER, "as for the best multiple", "forward_pass"
        )
        why = (
            f"\n\nThe loss is what the loss function gives, divided by {count(divided)}, and so is "
            "the step η∇L. Undone, a step would be that many times as long, and not too long yet."
        )
    if cut_away:
        evidence["rate_asked_for"] = Evidence(asked)
        evidence["rate_divided_by"] = Evidence(
            cut, "at least", MUCH_LONGER, "as for the best multiple", "series learning_rate"
        )
        why += (
            f"\n\nThe optimizer was made with η = {number(asked)}, and the largest rate that the "
            f"schedule ever gave it is {count(cut)} times smaller. At η = {number(asked)} the step "
            f"above would be {count(asked / rate)} times as long, and not too long yet."
        )
    if clipped_away:
        times = middle(shortened)
        evidence["gradient_shortened_by"] = Evidence(
            times, "", MUCH_LONGER, "as for the best multiple", "parameter_sample"
        )
        why += (
            "\n\nBetween the backward pass and the step the gradient was made "
            f"{count(times)} times shorter: the optimizer was given that much less than ‖∇L‖. With "
            "all of it a step would be that many times as long, and not too long yet."
        )
    if case.run.steps < JUDGED_FROM and not far_too_short and not explained:
        evidence["loss_ratio_in_1000_steps"] = Evidence(
            carried_on / start, "at least", STILL_HIGH, "at the fastest pace of its losses"
        )
    others = ""
    if len(late) < len(scans):
        evidence["agreeing_scans"] = Evidence(len(late) / len(scans), "", AGREEING, "one in four")
        others = (
            f" (On {len(scans) - len(late)} of {len(scans)} that was so on its own batch alone: "
            "the other batch pulled another way.)"
        )
    faster = ""
    if made > 0:
        evidence["times_faster"] = Evidence(possible / made, "times")
        faster = f", {count(possible / made)} times as much"
    return [
        Finding(
            fault=NAME,
            severity="error" if end > LEARNED_NOTHING * start else "warning",
            title=f"the steps are too short: one {count(best)} times as long would be the best",
            where=Place(),
            steps=(late[0].step, late[-1].step),
            evidence=evidence,
            explanation=(
                f"Descent goes θ ← θ − η∇L, here with η = {number(rate)}. Along the update of step "
                f"{count(sharpest.step)} the loss was measured further on, on the batch of step "
                f"{count(sharpest.other_step or 0)}, which the update was not made from:\n\n"
                f"    L(θ)            {number(here)}\n"
                f"    L(θ + Δθ)       lower by {number(made)}\n"
                f"    L(θ + {count(_best(sharpest))}·Δθ)  lower by {number(possible)}{faster}\n\n"
                f"The median best multiple of {plural(len(late), 'scanned step')} is "
                f"{count(best)}.{others} How fast this run learns:\n\n"
                f"{pace_in_words(slope, possible)}{why}"
            ),
            remedies=(
                Remedy(
                    f"raise the learning rate, {number(rate)}, threefold to tenfold and look again",
                    f"a single step could be {count(best)} times as long; many in a row less",
                ),
                *((_GIVE_A_FACTOR,) if cut_away else ()),
                *((_CLIP_LATER,) if clipped_away else ()),
                Remedy(
                    "do not divide the loss twice (by the batch size, by accumulation steps)",
                    "the gradient, and under SGD the step, is smaller by as much",
                ),
            ),
            consequences=(
                f"The loss went from {number(start)} to {number(end)} in "
                f"{plural(case.run.steps, 'step')}.",
            ),
        )
    ]


def _counting(case: Case) -> list[StepScan]:
    """The scans that count: at half of the largest rate or more.

    Where a schedule leaves fewer there than are needed, those at other rates count as well, once
    its largest is behind it: how long the best step is depends on the place, and not on the rate
    of the step that was made.
    """
    scans = [s for s in case.step_scans if s.other_losses and s.update_norm > 0]
    largest = max((s.learning_rate for s in scans), default=0.0)
    full = [s for s in scans if s.learning_rate >= FULL_RATE * largest]
    if len(full) >= SCANS or not _early_largest(case) > 0:
        return full
    others = [s for s in scans if s not in full]
    much = MUCH_LONGER * _early_largest(case)
    return scans if all(_best(s) * s.learning_rate >= much for s in others) else full


def _divided(case: Case) -> float:
    """The constant by which the loss function's mean is divided to make the loss; NaN if none is.

    With several passes a step it is what is left of it when their losses are added up.
    """
    loss = case.main_loss()
    if loss is None or not case.step_follows_gradient:
        return math.nan
    values = dict(zip(loss.steps, loss.values, strict=True))
    quotients = []
    for forward in case.forward_passes:
        means = [c.made.mean for c in forward.losses if c.reduction == "mean"]
        value = values.get(forward.step, math.nan)
        if means and len(means) == len(forward.losses) and value > 0:
            quotients.append(math.fsum(means) / len(means) / value)
    if len(quotients) < SCANS or not max(quotients) <= (1 + SAME) * min(quotients):
        return math.nan
    return middle(quotients)


def _asked_for(case: Case) -> tuple[float, float]:
    """The rate that a scheduler started from, and how many times below it the largest one stayed.

    NaN if none did, and of a rate that was still rising in the later half: a warm-up.
    """
    asked, largest = case.optimizers[0].hyperparameters.get("initial_lr"), _early_largest(case)
    if not isinstance(asked, (int, float)) or not largest > 0:
        return math.nan, math.nan
    return asked, asked / largest


def _early_largest(case: Case) -> float:
    """The largest rate of the run; NaN if it came in the later half, as in a warm-up cut short."""
    rates = case.rates.get(case.optimizers[0].index)
    if rates is None or not rates.values:
        return math.nan
    largest = max(rates.values)
    return largest if rates.steps[rates.values.index(largest)] <= case.run.steps / 2 else math.nan


def _shortened(case: Case, late: list[StepScan]) -> list[float]:
    """How many times shorter than ‖∇L‖ the gradient was that the optimizer got in scanned steps.

    Empty if a step was not measured in full, or follows the gradient's direction alone.
    """
    if not case.step_follows_gradient:
        return []
    used = {
        s.step: math.hypot(*(p.gradient_norm or 0.0 for p in s.parameters)) for s in case.samples
    }
    found = [s.gradient_norm / used[s.step] for s in late if used.get(s.step, 0.0) > 0]
    return found if len(found) == len(late) else []


def _agreeing(late: list[StepScan]) -> list[StepScan]:
    """The later scans that found the step much too short; none if too many others did not."""
    found = [s for s in late if _best(s) >= MUCH_LONGER]
    if len(found) == len(late):
        return found
    own = all(s.best_on_each[0] >= MUCH_LONGER for s in late)
    return found if own and len(found) >= max(AGREED, AGREEING * len(late)) else []


def _best(scan: StepScan) -> float:
    """The best multiple, the smaller of both batches'."""
    return min(scan.best_on_each)


def _drops(scan: StepScan) -> tuple[float, float]:
    """Fall of the other batch's loss by the step made, and by the best multiple."""
    values = dict(zip(scan.multiples, scan.other_losses, strict=True))
    return values[0.0] - values[1.0], values[0.0] - min(
        v for v in values.values() if not math.isnan(v)
    )
