"""The page `docs/verdicts.md`, made from outcomes alone."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.page import machine

from .baselines import BASELINES
from .outcome import Outcome
from .score import Score, by_fault, by_half, score, score_baseline

PAGE = Path("docs/verdicts.md")
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
- **since**: the first step for which the finding says that it held (median).
"""


def known_reasons(path: Path = KNOWN) -> dict[str, str]:
    """Reasons for misses and false alarms, by `fault/name variant`."""
    return {str(k): str(v) for k, v in tomllib.loads(path.read_text("utf-8")).items()}


def page(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> str:
    """The page as Markdown.

    Args:
        outcomes: One of each program and variant (and seed).
        reasons: Why some of them are judged wrongly.
    """
    lines = [_INTRODUCTION, machine(), "", "## By fault", ""]
    lines += _by_fault(outcomes)
    lines += ["", "## Both halves", "", *_halves(outcomes)]
    lines += ["", "## Beside published rules", "", *_baselines(outcomes)]
    lines += ["", "## Every miss", "", *_misses(outcomes, reasons)]
    lines += ["", "## Every false alarm", "", *_false_alarms(outcomes, reasons)]
    odd = [o for o in outcomes if not o.as_described]
    if odd:
        lines += ["", "## Not as described", ""]
        lines += [
            f"- `{o.program.name}`, {o.variant}, seed {o.seed}: {_metric(o)}, and it was to be "
            f"`{o.program.metric[o.variant].text}`"
            for o in odd
        ]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _by_fault(outcomes: Sequence[Outcome]) -> list[str]:
    lines = [
        "| fault | programs | found | root | place | since step | false alarms |",
        "|---|---|---|---|---|---|---|",
    ]
    for fault, group in [*by_fault(outcomes).items(), ("**all**", list(outcomes))]:
        s = score(group)
        since = f"{s.detected_at:.0f}" if math.isfinite(s.detected_at) else "–"
        lines.append(
            f"| {fault} | {len({o.program.name for o in group})} | {_share(s.found, s.faulty)} | "
            f"{_share(s.rooted, s.faulty)} | {_share(s.placed, s.places)} | {since} | "
            f"{_share(s.alarms, s.sound)} |"
        )
    return lines


def _halves(outcomes: Sequence[Outcome]) -> list[str]:
    halves = by_half(outcomes)
    scores = {half: score(group) for half, group in halves.items()}
    lines = [
        "Programs are in one of two halves by a hash of their name. Thresholds may be chosen by "
        "looking at the first half only; a gap between the two is over-fitting.",
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
        "they say anything, and as *root* if one of what they say is the fault; ours as above.",
        "",
        "| rules | found | root | false alarms |",
        "|---|---|---|---|",
        f"| chainrule | {_row(score(outcomes))} |",
    ]
    lines += [f"| {name} | {_row(score_baseline(name, outcomes))} |" for name in BASELINES]
    return lines


def _misses(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> list[str]:
    lines = []
    for o in outcomes:
        if o.variant != "faulty" or (o.found and o.root_right and o.place_right is not False):
            continue
        said = o.first.fault if o.first else o.complaint or "nothing"
        what = "not found" if not o.found else "not first" if not o.root_right else "elsewhere"
        place = f" at {o.first.where.strip()}" if what == "elsewhere" and o.first else ""
        lines.append(
            f"- `{o.program.name}`{_seed(o)}: {what}; the verdict is `{said}`{place}. "
            f"{_reason(o, reasons)}"
        )
    return lines or ["None."]


def _false_alarms(outcomes: Sequence[Outcome], reasons: Mapping[str, str]) -> list[str]:
    return [
        f"- `{o.program.name}`, {o.variant}{_seed(o)}: "
        f"{', '.join(f'`{f.fault}` ({f.severity})' for f in o.alarms)}. {_reason(o, reasons)}"
        for o in outcomes
        if o.variant != "faulty" and o.alarms
    ] or ["None."]


def _reason(outcome: Outcome, reasons: Mapping[str, str]) -> str:
    return reasons.get(f"{outcome.program.name} {outcome.variant}", "No reason is known yet.")


def _seed(outcome: Outcome) -> str:
    return f", seed {outcome.seed}" if outcome.seed else ""


def _metric(outcome: Outcome) -> str:
    if outcome.exit_code:
        return f"it ended with exit code {outcome.exit_code}"
    return f"{outcome.metric_name} {outcome.metric}" if outcome.metric_name else "no metric"


def _row(s: Score) -> str:
    return (
        f"{_share(s.found, s.faulty)} | {_share(s.rooted, s.faulty)} | {_share(s.alarms, s.sound)}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "–"
