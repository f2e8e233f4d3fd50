"""What watching costs, as Markdown made from the timings alone."""

from benchmarks.interleave import TURNS, Timing
from benchmarks.page import machine

BARS = {
    "chainrule, default budget": {"": 1.02},
    "chainrule, every step sampled": {"MLP": 1.7, "": 1.25},
}
"""Largest ratio allowed, by the first word of the workload ("" is any)."""

PEERS_SHARE = 0.2  # of the peers' extra time that every-step sampling may take


def watching(results: dict[str, list[Timing]], missing: list[str], device: str) -> list[str]:
    """The section on what watching costs.

    Args:
        results: Timings of each workload.
        missing: Peers that could not be run, each with its reason.
        device: Where the models were.
    """
    lines = [
        machine(device),
        "",
        "**How.** In a process for each row, segments of a few training steps alternate between "
        f"bare and watched (A B, B A, …); {TURNS} of each give one ratio of step times. The table "
        "has the median, in brackets the first and third quartile, and beside it an interval that "
        "holds the median with 95 % confidence, as far as ratios do not depend on each other. "
        "*Sums* is the ratio of the summed times: it also holds the rare sampled steps that a "
        "median passes over. The row "
        "*bare again* measures nothing against nothing: differences of its size are noise. Steps "
        "are captured, scanned and their sharpness measured as in any run.",
        "",
    ]
    if device != "cpu":
        lines += [
            "Measured in full, a step of these small models takes a multiple of its time on a GPU. "
            "The bars on this page were set for a processor, so none is judged here.",
            "",
        ]
    for workload, timings in results.items():
        bare = timings[0].bare_ms
        lines += [
            f"### {workload}",
            "",
            f"A bare step takes {bare:.1f} ms.",
            "",
            "| watched by | step time / bare | 95 % | sums | extra ms a step | ratios | |",
            "|---|---|---|---|---|---|---|",
        ]
        for t in timings:
            low, high = t.quartiles
            least, most = t.interval
            lines.append(
                f"| {t.contender} | **{t.median:.3f}** [{low:.3f}–{high:.3f}] | "
                f"{least:.3f}–{most:.3f} | {t.sum_ratio:.3f} | {t.extra_ms:.2f} | "
                f"{len(t.ratios)} | {t.note} |"
            )
        lines += ["", *(_bars(workload, timings) if device == "cpu" else ()), ""]
    if missing:
        lines += ["Not run: " + "; ".join(missing) + ".", ""]
    return lines


def _bars(workload: str, timings: list[Timing]) -> list[str]:
    """For each bar a sentence that says whether this run met it."""
    sentences = []
    peers = [t for t in timings if t.contender.startswith(("wandb", "TensorBoard"))]
    for t in timings:
        bars = BARS.get(t.contender)
        if bars is None:
            continue
        bar = next(value for key, value in bars.items() if workload.startswith(key))
        met = "met" if t.median <= bar else "**not met**"
        sentences.append(f"- {t.contender}: at most {bar}: {met} ({t.median:.3f}).")
        if t.contender.endswith("every step sampled") and peers:
            least = min(p.extra_ms for p in peers)
            share = t.extra_ms / least
            met = "met" if share < PEERS_SHARE else "**not met**"
            sentences.append(
                f"- {t.contender}: below a fifth of the cheaper peer's extra time: {met} "
                f"({100 * share:.0f} %)."
            )
    return sentences
