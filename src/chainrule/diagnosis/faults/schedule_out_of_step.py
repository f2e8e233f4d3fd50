"""Schedule out of step.

What it is
    A learning-rate schedule that was planned in one unit and is stepped in another: the rate is
    gone long before the run ends, never leaves its warm-up, or goes up and down many times.

Why it happens
    `scheduler.step()` stands in the loop over batches where the schedule counts epochs, or in the
    loop over epochs where it counts batches.

How it is found
    By the rates themselves, and an effect. *Gone too soon*: from some step in the first half of
    the run on (quantity `rate_gone_at`, threshold 0.5 of the run) the rate stays at a hundredth of
    its largest or below (`rate_left`, threshold 0.01), and each replayed step since then would gain
    a hundredth of the loss if it were as long as the early ones, also on another batch
    (`fall_of_one_step`, threshold 0.01); or a quarter of the loss is left at the end (`loss_left`,
    threshold 0.25), and until then it was falling (`loss_slope_before`, threshold 0, by its 95 %
    interval, where there are ten losses: of fewer, or noisier, only a replay can tell). *Still
    warming up*: the rate at the end is the largest of the run and has risen in its last fifth
    (`last_rise`, threshold 0.8 of the run), it stood still for two or more steps at a time
    (`steps_a_change`, threshold 2), and half of the loss is left. *Planned length*: the scheduler
    was stepped as often as a whole plan twice over, and comes back up (`plans_run_through`,
    threshold 2), with a quarter of the loss left. *Plan at its end*: the schedule itself refused a
    step beyond its plan, as `OneCycleLR` does, and that ended the training (`steps_asked_for`,
    threshold `planned_steps`).

Example that has it
    `CosineAnnealingLR(optimizer, T_max=epochs)` stepped after every batch.

Example that has not
    A cosine to 0 over the whole run: its rate is below a hundredth on the last 6 % of the steps
    only. A step schedule that goes down when the loss is low.

Remedies
    Step the scheduler where its plan counts, or plan in the unit in which it is stepped.

Known limits
    Schedules that miss their later milestones because they are stepped too rarely do little harm
    and are not reported. A rate set by hand is judged like any other. Only the first parameter
    group's rate is looked at.

References
    PyTorch documentation of torch.optim.lr_scheduler; Smith and Topin (2018), arXiv 1708.07120.
"""

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.death import death_of
from chainrule.diagnosis.unlearned import Unlearned, unlearned
from chainrule.diagnosis.wording import count, number, percent, plural
from chainrule.instruments.loss_curve import FEWEST, loss_curve_slope
from chainrule.records import Evidence, Finding, Place, Remedy, Scheduler, Series

NAME = "schedule-out-of-step"
SUMMARY = "A learning-rate schedule stepped in another unit than it was planned in."

GONE = 0.01
"""Rate over the largest rate from which on a run stands still: steps of a hundredth take a hundred
times as long, and half of a run has not that many more."""

ONE_STEP_GAINS = 0.01
"""Share of the loss that one step, a quarter as long as at the largest rate or more, must gain once
the rate is gone, on its own batch and on another: a run at its lowest gains nothing there, and less
is within what batches vary."""

SCANS = 2
"""Scans since then, all of which must show it."""

TOO_SOON = 0.5
"""Share of the run: a decay that ends with the run, or in its later half, is a plan."""

STILL_MUCH = 0.25
"""Share of the loss left: a run that has got rid of three quarters of it may well be done when its
rate is gone."""

LATE_RISE = 0.8
"""Share of the run after which a warm-up must still rise: the usual ones take up to a third."""

STEPS_A_CHANGE = 2.0
"""Steps between two changes of the rate: a warm-up that is stepped with each step has one."""

CHANGES = 3
"""Rises that make a warm-up; fewer are steps set by hand."""

PLANS = 2.0
"""Plans run through: a cosine is up again at the end of the second."""

ONCE = 1.0
"""Steps of a scheduler for each of the optimizer where it is stepped with every batch. Up to twice
as many or half of it are taken for that: the last batch may have been left out."""

ROUNDING = 1.001
"""Two cuts by ten leave a hundredth, give or take a rounding."""


@dataclass(frozen=True, slots=True)
class _Told:
    title: str
    step: int
    evidence: dict[str, Evidence]
    explanation: str
    remedy: str


_REFUSED = re.compile(r"Tried to step (\d+) times\. The specified number of total steps is (\d+)")
"""What a schedule says that has come to the end of its plan."""


def check(case: Case) -> list[Finding]:
    """The finding, if the schedule ended the run, or the rates of the only optimizer show it."""
    refused = _refused(case)
    if refused is not None:
        return [refused]
    if len(case.optimizers) != 1:
        return []
    optimizer = case.optimizers[0].index
    rates = case.rates.get(optimizer)
    schedulers = [s for s in case.schedulers if s.optimizer == optimizer]
    if rates is None or len(rates.values) < 2:
        return []
    left = unlearned(case)
    told = (
        _gone(case, rates, left)
        or _warming_up(case, rates, left)
        or _repeated(case, rates, schedulers, left)
    )
    if told is None:
        return []
    return [
        Finding(
            fault=NAME,
            severity="error" if left.most else "warning",
            title=told.title,
            where=Place(),
            steps=(told.step, case.last_step),
            evidence={**told.evidence, **_of(schedulers), **left.evidence},
            explanation=told.explanation + _in_words(schedulers),
            remedies=(
                Remedy(
                    told.remedy,
                    "a schedule counts its own steps, and knows nothing of epochs or batches",
                    "PyTorch documentation of torch.optim.lr_scheduler",
                ),
            ),
        )
    ]


def _of(schedulers: list[Scheduler]) -> dict[str, Evidence]:
    if not schedulers:
        return {}
    last = schedulers[-1]
    return {
        "scheduler_steps": Evidence(float(last.steps), "steps of the scheduler"),
        "optimizer_steps": Evidence(float(last.seen_at + 1), "steps"),
    }


def _in_words(schedulers: list[Scheduler]) -> str:
    return "".join(
        f"\n\n{s.kind} was stepped {count(s.steps)} times in {count(s.seen_at + 1)} steps of the "
        "optimizer" + (f"; its plan: {_settings(s)}." if _settings(s) else ".")
        for s in schedulers
    )


def _settings(scheduler: Scheduler) -> str:
    wanted = ("T_max", "total_steps", "step_size", "gamma", "milestones", "total_iters", "patience")
    found = {k: scheduler.settings.get(k) for k in wanted}
    return ", ".join(f"{k} {v}" for k, v in found.items() if v is not None)


def _refused(case: Case) -> Finding | None:
    died = death_of(case)
    said = _REFUSED.search(died.message) if died is not None and died.family == "schedule" else None
    if died is None or said is None:
        return None
    asked, planned = int(said[1]), int(said[2])
    ended = [s for s in case.schedulers if s.settings.get("total_steps") == planned]
    schedule = ended[0].kind if len({s.kind for s in ended}) == 1 else "the schedule"
    rates = case.rates.get(ended[0].optimizer) if len(ended) == 1 else None
    each = (asked - 1) / max(1, died.step)
    return Finding(
        fault=NAME,
        severity="error",
        title=f"{schedule} was planned for {plural(planned, 'step')} and asked for one more",
        where=Place(source=died.place.source),
        steps=(died.step, max(died.step, case.last_step)),
        evidence={
            "steps_asked_for": Evidence(
                float(asked), "steps of the scheduler", float(planned), "its plan", "event died"
            ),
            "planned_steps": Evidence(float(planned), "steps of the scheduler", rows="event died"),
            "optimizer_steps": Evidence(float(died.step), "steps", rows="event died"),
            **(_left(rates) if rates is not None and rates.values else {}),
        },
        explanation=(
            f"At {died.place.source} the scheduler was stepped for the {asked:,}th time, and its "
            f"plan has {plural(planned, 'step')}: it refused, and that ended the training after "
            f"{plural(died.step, 'step')} of the optimizer. {_pace(each)} A schedule gives the "
            "rate as a function of its own count t,\n\n"
            f"    θ ← θ − η(t) ∂L/∂θ,   t = 0 … {planned - 1:,}\n\n"
            "and where that count ends so does the plan." + _went(rates, planned)
        ),
        remedies=(
            Remedy(
                "plan it for the steps that it gets: total_steps = epochs * len(loader) if it is "
                "stepped after each batch, total_steps = epochs if once an epoch",
                "a schedule counts its own steps, and knows nothing of epochs or batches",
                "PyTorch documentation of torch.optim.lr_scheduler",
            ),
            Remedy(
                "if the plan is in epochs, move scheduler.step() out of the loop over the batches",
                "then it is stepped as often as it was planned for",
            ),
        ),
    )


def _left(rates: Series) -> dict[str, Evidence]:
    peak = max(rates.values)
    return {
        "largest_rate": Evidence(peak),
        "smallest_rate_after_it": Evidence(min(rates.values[rates.values.index(peak) :])),
    }


def _pace(each: float) -> str:
    if ONCE / 2 < each < ONCE * 2:
        return "It was stepped once with each step of the optimizer, as after every batch."
    if each < 1:
        return f"It was stepped once in {number(1 / each)} steps of the optimizer."
    return f"It was stepped {number(each)} times with each step of the optimizer."


def _went(rates: Series | None, planned: int) -> str:
    if rates is None or not rates.values:
        return ""
    peak = max(rates.values)
    least = min(rates.values[rates.values.index(peak) :])
    return (
        f" Here the rate had gone up to {number(peak)} and down to {number(least)}: the whole "
        f"course, meant for the whole training, was over after {plural(planned, 'step')}."
    )


def _gone(case: Case, rates: Series, left: Unlearned) -> _Told | None:
    peak = max(rates.values)
    low = [v <= GONE * peak * ROUNDING for v in rates.values]
    if not peak > 0 or not low[-1]:
        return None
    back = next((i for i in range(len(low) - 1, -1, -1) if not low[i]), -1)
    at = rates.steps[back + 1]
    if not 0 < at <= TOO_SOON * case.run.steps:
        return None
    slope = _slope(case, at)
    fall = _one_step_would_gain(case, at, peak)
    fell = slope is None or slope < 0
    if not (fall > 0 or (fell and left.share >= STILL_MUCH)):
        return None
    share = at / case.run.steps
    return _Told(
        title=f"the learning rate was gone after {percent(share)} of the run",
        step=at,
        evidence={
            "rate_gone_at": Evidence(share, "of the run", TOO_SOON, "a decay ends with the run"),
            "rate_left": Evidence(
                rates.values[-1] / peak, "of the largest rate", GONE, "a hundredth stands still"
            ),
            "largest_rate": Evidence(peak),
            **(
                {"loss_slope_before": Evidence(slope, "a step at most", 0.0, "it was falling")}
                if slope is not None and fell
                else {}
            ),
            **(
                {
                    "fall_of_one_step": Evidence(
                        fall, "of the loss", ONE_STEP_GAINS, "more than batches vary", "step_scan"
                    )
                }
                if fall > 0
                else {}
            ),
        },
        explanation=(
            f"The rate went from {number(peak)} to a hundredth of it by step {count(at)} of "
            f"{count(case.run.steps)}, and to {number(rates.values[-1])} at the end. A step is\n\n"
            "    θ ← θ − η ∂L/∂θ\n\n"
            f"so the other {percent(1 - share)} of the run moved next to nothing"
            + (", although the loss was still falling when the rate went. " if fell else ". ")
            + f"It ended at {left.in_words}."
            + (
                f" Afterwards one step as long as those at {number(peak)} lowers the loss by "
                f"{percent(fall)} still, also on a batch that it was not made from."
                if fall > 0
                else ""
            )
        ),
        remedy=(
            "step the scheduler once an epoch, or plan it for the number of steps of the whole run"
        ),
    )


def _one_step_would_gain(case: Case, since: int, peak: float) -> float:
    """What one step of the length of early ones would gain once the rate is gone; 0 if not much.

    A share of the loss, the least over the scans since then, on the batch where it is less.
    """
    scans = [s for s in case.step_scans if s.step >= since and s.other_losses and s.update_norm > 0]
    least = math.inf if len(scans) >= SCANS else 0.0
    for scan in scans:
        at = [i for i, alpha in enumerate(scan.multiples) if alpha * scan.learning_rate >= peak / 4]
        start = scan.multiples.index(0.0)
        gains = [
            min(1 - losses[i] / losses[start] for losses in (scan.losses, scan.other_losses))
            for i in at
            if scan.losses[start] > 0 and scan.other_losses[start] > 0
        ]
        least = min(least, max((g for g in gains if math.isfinite(g)), default=0.0))
    return least if least >= ONE_STEP_GAINS else 0.0


def _slope(case: Case, until: int) -> float | None:
    """Upper end of the slope of the losses before a step; None if there are too few."""
    loss = case.main_loss()
    if loss is None:
        return None
    values = loss.values[: bisect_right(loss.steps, until)]
    if sum(map(math.isfinite, values)) < FEWEST:
        return None
    return loss_curve_slope(values).high


def _warming_up(case: Case, rates: Series, left: Unlearned) -> _Told | None:
    rises = sum(b > a for a, b in pairwise(rates.values))
    a_change = rates.steps[-1] / max(1, len(rates.steps) - 1)
    last = rates.steps[-1] / max(1, case.run.steps)
    if (
        rises < CHANGES
        or rises < len(rates.values) - 1
        or not a_change >= STEPS_A_CHANGE
        or not last >= LATE_RISE
        or not left.most
    ):
        return None
    return _Told(
        title=f"the learning rate was still warming up at the end, at {number(rates.values[-1])}",
        step=0,
        evidence={
            "last_rise": Evidence(last, "of the run", LATE_RISE, "a warm-up takes a third at most"),
            "steps_a_change": Evidence(
                a_change, "steps", STEPS_A_CHANGE, "a warm-up changes with each step"
            ),
            "first_rate": Evidence(rates.values[0]),
            "last_rate": Evidence(rates.values[-1]),
        },
        explanation=(
            f"The rate rose {rises} times in {count(case.run.steps)} steps, once in "
            f"{number(a_change)} steps, from {number(rates.values[0])} to "
            f"{number(rates.values[-1])}, and was still rising at the end. A warm-up changes the "
            "rate with each step and is over early; stepped more rarely it lasts as many times as "
            "long, and the run learns at the rate of its beginning:\n\n"
            "    θ ← θ − η ∂L/∂θ   with an η that never gets to its size\n\n"
            f"The loss ended at {left.in_words}."
        ),
        remedy="step the scheduler after each step of the optimizer, or plan it in epochs",
    )


def _repeated(
    case: Case, rates: Series, schedulers: list[Scheduler], left: Unlearned
) -> _Told | None:
    for scheduler in schedulers:
        planned = scheduler.settings.get("T_max")
        if scheduler.kind != "CosineAnnealingLR" or not isinstance(planned, (int, float)):
            continue
        plans = scheduler.steps / planned if planned > 0 else math.inf
        returns = sum(b > a for a, b in pairwise(rates.values))
        if not plans >= PLANS or not returns or not left.share >= STILL_MUCH:
            continue
        return _Told(
            title=f"the schedule was run through {number(plans)} times: the rate goes up and down",
            step=rates.steps[min(len(rates.steps) - 1, max(1, round(planned)))],
            evidence={
                "plans_run_through": Evidence(
                    plans, "plans", PLANS, "a cosine is up again at the end of the second"
                ),
                "planned_steps": Evidence(float(planned), "steps of the scheduler"),
                "rises_of_the_rate": Evidence(float(returns), "steps"),
            },
            explanation=(
                f"The cosine was planned to come down once, in {count(planned)} steps, and was "
                f"stepped {count(scheduler.steps)} times. Beyond its plan a cosine goes up again: "
                f"{number(plans)} half periods of it were run through, and the rate at the end is "
                f"{number(rates.values[-1])}, wherever it happened to be. The loss ended at "
                f"{left.in_words}."
            ),
            remedy="step the scheduler once an epoch, or give T_max the number of all steps",
        )
    return None
