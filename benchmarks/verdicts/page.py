"""The pages `docs/verdicts.md` and `docs/verdicts-unseen.md`, made from outcomes alone."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median_high

from benchmarks.page import machine
from chainrule.diagnosis.wording import plural

from .baselines import BASELINES
from .outcome import Outcome
from .score import Score, by_fault, by_half, by_program, score, score_baseline

PAGE = Path("docs/verdicts.md")
UNSEEN_PAGE = Path("docs/verdicts-unseen.md")
KNOWN = Path(__file__).with_name("known.toml")

_INTRODUCTION = """# How often the verdict is right

Made by `make verdicts`; every number on this page was measured.

Each program is an ordinary training script with one known mistake. Its *fixed twin* is the same
script with that mistake repaired. *Healthy* programs have none, and look as if they had. A faulty
program counts only if it really misbehaves, by a number that it prints, and a twin only if it does
not.

- **found**: the fault is named, as a warning or an error, first or as what followed from another.
- **root**: it is named first. **place**: and at the right place, where the program describes one.
- **false alarms**: fixed or healthy programs of which anything is said as a warning or an error.
- **steps**: how many steps of training it took until the fault was named first and stayed so: the
  median, and the worst. The run files are cut after 1, 2, 3, 4, 6, 8, ... steps, each
  time about 1.4 times as many, and diagnosed as if the training had been stopped there. What is
  measured at the end (an exception, the last place) is not there before; which weights never had a
  gradient or moved by hand is known of the whole run only, and is not cut. While a training goes
  on, some of the faults are kept back until it is over.

Shares are of runs: a program that was run with several seeds counts once for each.
"""


_FIRST_RUN = """# How often the verdict is right on programs that it was not made with

Made by `python -m benchmarks.verdicts --unseen`, in the terms of [the larger table](verdicts.md).

The rules behind the larger table were mended with its programs in sight. These programs were
written afterwards, in three batches, by people who knew the names of the faults and mistakes from
forums and research code, and not the rules. What counts is the first run of each batch, before
anything was changed for it:

| batch | first run | faulty | found | named first | false alarms |
|---|---|---|---|---|---|
| 30 faulty, their twins, 10 healthy | 2026-11-26 | 30 | 26 (87 %) | 26 (87 %) | 0 of 40 |
| 48 faulty, their twins, 14 healthy | 2026-11-26 | 48 | 34 (71 %) | 32 (67 %) | 1 of 62 |
| 29 faulty, their twins, 8 healthy | 2026-11-26 | 29 | 16 (55 %) | 15 (52 %) | 1 of 37 |
| together | | 107 | 76 (71 %) | 73 (68 %) | 2 of 139 |

So the larger table flatters: of a mistake that nobody has thought of here, expect that seven in ten
are found, and fewer where the idea is rarer: each batch was told not to repeat the ideas of those
before it. Of the 14 that the second batch missed, six were called healthy, six ended in
`cannot-tell`, and two scripts that die of the mistake were told by their end alone. Of the 13 of
the third, five were called healthy, five ended in `cannot-tell`, and three were given another
fault.

Missed in the first batch, and mended since:

- `gradient_ascent/wrong_sign` was called healthy. `torch.distributions` writes a log-softmax as
  z − log Σ exp z, and that was not read as a logarithm of probabilities.
- `learning_rate_too_high/least_squares` was called a bad initialisation. Of one product the loss is
  convex, and where it begins does not decide whether steps diverge; and of a run that ends ten
  times higher any step that overshot counts, not only those of which a quarter would have been
  better.
- `learning_rate_too_high/adam_rate`: only the dead units were named that one step of 2.8 times the
  size of the weights had left. Such a step is a finding now.
- `exploding_gradient/pixel_rnn`: the same, where the step was that long because the gradient had
  exploded in it; from step 2 on all units are dead, and nothing is left to measure. A single step
  as long as the weights is an effect of the growth now, if without it the step would have been one
  of usual size; the dead units follow.

Missed in the second:

- `batch_norm_misuse/left_in_eval` and `…/lagging_statistics` were called healthy: of a running
  variance nothing was recorded. It is now, and compared with the batch's.
- `dead_units/sparse_autoencoder` was called healthy with a note: units that a price on the code
  puts out one after another were not all dead on three samples. `dead_units/high_threshold` was
  called a bad initialisation, by factors behind an exact 0.
- `learning_rate_too_low/adadelta`: one scanned batch of four pulled the other way, and every one
  was asked for. `…/lambda_is_rate`: a schedule that never gives the rate asked for.
- `no_gradient/frozen_after_head` and `schedule_out_of_step/one_cycle_short` die, and only that
  was told. The cause is the root now. `no_gradient/sample_not_rsample` was called healthy: a draw
  cuts a path, and other paths reach the encoder.
- `oscillating_loss/matching_game`, two players that go round each other, was called healthy.
- `plateau/far_centres` and `saturated_units/sharp_attention`: an exp and a softmax at their
  limits.
- `saddle/phase_retrieval`: a maximum is left as slowly as a saddle.
- `symmetric_initialization/one_mean` was called healthy: two of three components stayed equal.
- `vanishing_gradient/recall_first`: a recurrence that forgets over 20 steps. `…/plain_tower`: the
  dead units were called the root of what the weights of 24 layers had lost.
- The false alarm, `loss_misuse/ink_as_probability` with its mistake mended: targets that are
  shares have an entropy of their own, which is not left to learn.

Missed in the third:

- `badly_scaled_initialization/siren_unscaled` was called a saddle, at a gradient of length
  16,538: a place that steep is none.
- `dead_units/negative_spectra`: the dead layer shares its line with another, and the two were
  looked at as one, so that the vanished gradient came first.
- `gradient_ascent/reversal_everywhere` ends in `cannot-tell`, and still does. That the gradient
  points up at the loss is measured, but a network that is meant to play against its own head, as
  its mended twin does, shows the same.
- `learning_rate_too_low/noam_times_base` and `…/tight_clip`: scans of a warm-up were not put side
  by side, and what a clip takes from a step was not counted.
- `loss_misuse/kl_of_probabilities`, `…/view_for_transpose` and `…/zero_one_pairs` were called
  healthy: what each loss documents that it takes is one table now, and a reshape where axes were
  to be exchanged shows in the strides of units and classes.
- `not_optimized/layer_in_forward`: a weight that is new in each pass was reached once, and two
  were asked for.
- `oscillating_loss/sorted_classes` was called a rate too high. The recorded targets tell that
  batches hold one class each.
- `plateau/wrong_frequency` ends in `cannot-tell`, and still does: a fit of noise looks the same.
- `schedule_out_of_step/plateau_per_batch`: an eighth of the loss was left, and a quarter was
  asked for. What one step of the earlier length would gain is measured now.
- `unscaled_input/unix_time` was called healthy: no constant answer was known for a Huber loss,
  and from 6·10⁷ to 8·10⁵ it had fallen far.
- `weight_decay_too_strong/proximal_step` was called a rate too high: a line of the script shrinks
  the weights after the step.
- The false alarm, `overfitting/stops_on_train` with its mistake mended, loads its best weights
  again.

With what is mended these programs are seen, too. The table below is of the rules as they are now.
"""


def known_reasons(path: Path = KNOWN) -> dict[str, str]:
    """Reasons for misses and false alarms, by `fault/name variant`."""
    return {str(k): str(v) for k, v in tomllib.loads(path.read_text("utf-8")).items()}


def page(outcomes: Sequence[Outcome], reasons: Mapping[str, str], *, unseen: bool = False) -> str:
    """The page as Markdown.

    Args:
        outcomes: One of each program and variant (and seed).
        reasons: Why some of them are judged wrongly.
        unseen: They are the programs that the rules were not made with.
    """
    introduction = _FIRST_RUN if unseen else _INTRODUCTION
    lines = [introduction, machine(), "", *_extent(outcomes), "", "## By fault", ""]
    lines += _by_fault(outcomes)
    if not unseen:
        lines += ["", "## Both halves", "", *_halves(outcomes)]
    lines += ["", "## Beside published rules", "", *_baselines(outcomes)]
    lines += ["", "## Every miss", "", *_misses(outcomes, reasons)]
    lines += ["", "## Every false alarm", "", *_false_alarms(outcomes, reasons)]
    lines += ["", "## Every program", "", *_programs(outcomes)]
    odd = [o for o in outcomes if not o.as_described]
    if odd:
        lines += ["", "## Not as described", ""]
        lines += [
            f"- `{o.program.name}`, {o.variant}, seed {o.seed}: {_metric(o)}, and it was to be "
            f"`{o.program.metric[o.variant].text}`"
            for o in odd
        ]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _extent(outcomes: Sequence[Outcome]) -> list[str]:
    seeds: dict[str, set[int]] = {}
    for o in outcomes:
        seeds.setdefault(o.variant, set()).add(o.seed)
    return [
        f"{len(outcomes)} runs: "
        + ", ".join(
            f"{variant} programs with {plural(len(seeds[variant]), 'seed')} each"
            for variant in ("faulty", "fixed", "healthy")
            if variant in seeds
        )
        + "."
    ]


def _by_fault(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [
        "| fault | programs | found | root | place | steps, median | worst | false alarms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for fault, group in [*by_fault(outcomes).items(), ("**all**", list(outcomes))]:
        s = score(group)
        lines.append(
            f"| {fault} | {len({o.program.name for o in group})} | {_share(s.found, s.faulty)} | "
            f"{_share(s.rooted, s.faulty)} | {_share(s.placed, s.places)} | "
            f"{_steps(s)} | {_share(s.alarms, s.sound)} |"
        )
    return lines


def _halves(outcomes: Sequence[Outcome]) -> list[str]:
    halves = by_half(outcomes)
    scores = {half: score(group) for half, group in halves.items()}
    lines = [
        "Programs are in one of two halves by a hash of their name. Thresholds may be chosen by "
        "looking at the first half only; a gap between the two is over-fitting. Misses are listed "
        "for both halves, and rules were mended after reading them: the second half is not unseen "
        "any more, and a small gap proves little. What does is "
        "[a set that was written later](verdicts-unseen.md).",
        "",
        "| half | found | root | false alarms |",
        "|---|---|---|---|",
        *(f"| {half} | {_row(s)} |" for half, s in scores.items()),
    ]
    tuning, held = scores["tuning"], scores["held out"]
    if tuning.faulty and held.faulty:
        lines.append(
            f"| gap | {100 * (tuning.recall - held.recall):+.0f} points | "
            f"{100 * (tuning.root - held.root):+.0f} points | |"
        )
    return lines


def _baselines(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [
        "The rules of other tools, re-stated over the same run files (see "
        "`benchmarks/verdicts/baselines` for what stands for what). Theirs count as *found* if "
        "they say anything, and as *root* if one of what they say is the fault; ours as above. "
        "Their *steps* are counted as ours are, from when that fault is among what they say. "
        "(A rule that asks for the accuracy is given the last one, also of a run that is cut.)",
        "",
        "| rules | found | root | steps, median | worst | false alarms |",
        "|---|---|---|---|---|---|",
    ]
    scores = {"chainrule": score(outcomes)}
    scores |= {name: score_baseline(name, outcomes) for name in BASELINES}
    lines += [
        f"| {name} | {_share(s.found, s.faulty)} | {_share(s.rooted, s.faulty)} | {_steps(s)} | "
        f"{_share(s.alarms, s.sound)} |"
        for name, s in scores.items()
    ]
    return lines


def _programs(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [
        "In how many of its runs each is judged rightly, and how many steps that took (the worst).",
        "",
        "| program | root right | steps | no false alarm |",
        "|---|---|---|---|",
    ]
    for name, group in by_program(outcomes).items():
        s = score(group)
        steps = str(s.detected_after[-1]) if s.detected_after else "–"
        lines.append(
            f"| {name} | {_of(s.rooted, s.faulty)} | {steps} | {_of(s.sound - s.alarms, s.sound)} |"
        )
    return lines


def _misses(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> list[str]:
    missed = [
        o
        for o in outcomes
        if o.variant == "faulty" and not (o.found and o.root_right and o.place_right is not False)
    ]
    lines = []
    for group in by_program(missed).values():
        o = group[0]
        said = o.first.fault if o.first else o.complaint or "nothing"
        what = "not found" if not o.found else "not first" if not o.root_right else "elsewhere"
        place = ""
        if what == "elsewhere" and o.first:
            place = f" at {o.first.where.strip()}" if o.first.where.strip() else " without a place"
        lines.append(
            f"- `{o.program.name}`{_seeds(group, outcomes)}: {what}; the verdict is `{said}`"
            f"{place}. {_reason(o, reasons)}"
        )
    return lines or ["None."]


def _false_alarms(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> list[str]:
    alarmed = [o for o in outcomes if o.variant != "faulty" and o.alarms]
    return [
        f"- `{o.program.name}`, {o.variant}{_seeds(group, outcomes)}: "
        f"{', '.join(f'`{f.fault}` ({f.severity})' for f in o.alarms)}. {_reason(o, reasons)}"
        for group in by_program(alarmed).values()
        for o in group[:1]
    ] or ["None."]


def _reason(outcome: Outcome, reasons: Mapping[str, str]) -> str:
    return reasons.get(f"{outcome.program.name} {outcome.variant}", "No reason is known yet.")


def _seeds(group: Sequence[Outcome], outcomes: Sequence[Outcome]) -> str:
    """Which seeds it is about, if the program was run with more than one."""
    first = group[0]
    alike = [o for o in outcomes if (o.program, o.variant) == (first.program, first.variant)]
    if len(alike) == 1:
        return ""
    return f", in {len(group)} of {len(alike)} runs (seeds {', '.join(str(o.seed) for o in group)})"


def _metric(outcome: Outcome) -> str:
    if outcome.exit_code:
        return f"it ended with exit code {outcome.exit_code}"
    return f"{outcome.metric_name} {outcome.metric}" if outcome.metric_name else "no metric"


def _row(s: Score) -> str:
    return (
        f"{_share(s.found, s.faulty)} | {_share(s.rooted, s.faulty)} | {_share(s.alarms, s.sound)}"
    )


def _steps(s: Score) -> str:
    steps = s.detected_after
    return f"{median_high(steps)} | {steps[-1]}" if steps else "– | –"


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "–"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "–"
