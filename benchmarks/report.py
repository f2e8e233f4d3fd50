"""The table of `docs/benchmarks.md`, made from the timings alone."""

import datetime
import os
import platform
from pathlib import Path

import torch

from benchmarks.interleave import Timing

BARS = {
    "chainrule, default budget": {"": 1.02},
    "chainrule, every step sampled": {"MLP": 1.7, "": 1.25},
}
"""Largest ratio allowed, by the first word of the workload ("" is any)."""

PEERS_SHARE = 0.2  # of the peers' extra time that every-step sampling may take


def processor() -> str:
    """Name of the processor, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def write(path: Path, results: dict[str, list[Timing]], missing: list[str]) -> None:
    """Write the page.

    Args:
        path: The Markdown file.
        results: Timings of each workload.
        missing: Peers that could not be run, each with its reason.
    """
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`; every number on this page was measured in that one run.",
        "",
        f"Machine: {processor()}, {os.cpu_count()} cores, torch {torch.__version__}, Python "
        f"{platform.python_version()}, {torch.get_num_threads()} threads, "
        f"{datetime.date.today().isoformat()}. GPU: not measured.",
        "",
        "**How.** In one process, segments of a few training steps alternate between bare and "
        "watched (A B, B A, …). Each pair gives one ratio of step times; the table has the median "
        "and, in brackets, the first and third quartile. *Sums* is the ratio of the summed times: "
        "it also holds the rare sampled steps that a median passes over. The row *bare again* "
        "measures nothing against nothing: differences of its size are noise.",
        "",
    ]
    for workload, timings in results.items():
        bare = timings[0].bare_ms
        lines += [
            f"## {workload}",
            "",
            f"A bare step takes {bare:.1f} ms.",
            "",
            "| watched by | step time / bare | sums | extra ms a step | pairs | |",
            "|---|---|---|---|---|---|",
        ]
        for t in timings:
            low, high = t.quartiles
            lines.append(
                f"| {t.contender} | **{t.median:.3f}** [{low:.3f}–{high:.3f}] | "
                f"{t.sum_ratio:.3f} | {t.extra_ms:.2f} | {len(t.ratios)} | {t.note} |"
            )
        lines += ["", *_bars(workload, timings), ""]
    if missing:
        lines += ["Not run: " + "; ".join(missing) + ".", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


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
