"""The page `docs/benchmarks.md`, made from the timings alone."""

import datetime
import os
from dataclasses import dataclass

import torch

from benchmarks import bars, machine
from benchmarks.interleave import Timing

HOW = """\
**How.** In one process, segments of a few training steps are run in pairs, one bare and one
watched, and the two take turns at going first (bare watched, watched bare, …). Each pair gives one
ratio of step times. The table has their median and, in brackets, their first and third quartile.
*Sums* is the summed time of all watched segments over that of all bare ones: it also holds rare
slow steps, ours or the machine's, that a median passes over. *Extra* is watched less bare, for one
step: the median over the pairs, and the mean. A step includes `loss.item()`. *Bare again* is
nothing against nothing: differences of its size are noise. Bare steps beside wandb may themselves
be slowed by its background process, so that its ratios are if anything too low.
"""

SMOKE = """\
**This was a smoke run (`--quick`). It shows that the benchmarks run; its numbers mean nothing.**
"""


@dataclass(frozen=True)
class Results:
    """Everything that a run measured.

    Attributes:
        timings: Of each workload, one for each contender.
        peers: Names of the contenders that are not chainrule, whether or not they ran.
        packages: Packages of the peers that ran.
        absent: Contenders that did not run, each with the reason.
        load: Load of the machine before the run.
        took_s: Duration of the whole run.
        quick: True for a smoke run.
    """

    timings: dict[str, list[Timing]]
    peers: set[str]
    packages: list[str]
    absent: dict[str, str]
    load: float
    took_s: float
    quick: bool


def page(results: Results) -> str:
    """The page as Markdown."""
    lines = ["# Benchmarks", ""]
    if results.quick:
        lines += [SMOKE]
    lines += [
        "Made by `make bench`; every figure on this page was measured in that one run.",
        "",
        f"**Machine.** {machine.processor()}, {os.cpu_count()} cores, of which torch used "
        f"{torch.get_num_threads()}; load before the run {results.load:.2f}. "
        f"{machine.versions(results.packages)}. {datetime.date.today().isoformat()}; the run took "
        f"{results.took_s / 60:.1f} minutes. GPU: not measured.",
        "",
        HOW,
    ]
    for workload, timings in results.timings.items():
        lines += _workload(workload, timings, results)
    return "\n".join(lines)


def _workload(workload: str, timings: list[Timing], results: Results) -> list[str]:
    floor = timings[0]
    low, high = floor.quartiles
    rows = [_row(timing) for timing in timings]
    rows += [f"| {name} | {reason} | | | | |" for name, reason in results.absent.items()]
    return [
        f"## {workload}",
        "",
        f"A bare step takes {floor.bare_ms:.1f} ms; a segment has {floor.steps} steps.",
        "",
        "| watched by | step time / bare | sums | extra ms, median | extra ms, mean | pairs |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        *_counts(timings),
        "",
        f"| bar (noise floor: median {floor.median:.3f} [{low:.3f}–{high:.3f}], sums "
        f"{floor.of_sums:.3f}) | measured | |",
        "|---|---|---|",
        *bars.judged(workload, timings, results.peers),
        "",
    ]


def _row(timing: Timing) -> str:
    low, high = timing.quartiles
    return (
        f"| {timing.contender} | **{timing.median:.3f}** [{low:.3f}–{high:.3f}] | "
        f"{timing.of_sums:.3f} | {timing.extra_ms:.2f} | {timing.extra_mean_ms:.2f} | "
        f"{len(timing.ratios)} |"
    )


def _counts(timings: list[Timing]) -> list[str]:
    """What chainrule says of itself, beside the clock."""
    sentences = []
    for timing in timings:
        count = timing.count
        if count is None:
            continue
        if count.sampled:
            often = f"one in {count.steps / count.sampled:.1f}"
        else:
            often = "too few steps to see what sampling costs"
        sentences.append(
            f"- {timing.contender}: {count.sampled} of {count.steps} timed steps sampled ({often})."
            f" It says it took {count.spent_s:.2f} s of {timing.training_s:.2f} s, "
            f"{count.spent_s / timing.training_s:.1%}; by the clock (sums) it was "
            f"{1 - 1 / timing.of_sums:.1%}."
        )
    return sentences
