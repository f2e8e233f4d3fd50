"""What watching may cost, and whether it did."""

from benchmarks.contenders import ChainruleDefault, ChainruleEveryStep
from benchmarks.interleave import Timing

DEFAULT = 1.02
"""Step time watched / bare at the default budget."""

EVERY_STEP = {"MLP": 1.7, "": 1.25}
"""The same with every step sampled, by how the workload's name begins ("" is any other)."""

SHARE_OF_PEER = 0.2
"""Extra time with every step sampled, as a share of a peer's extra time."""


def judged(workload: str, timings: list[Timing], peers: set[str]) -> list[str]:
    """Rows of a table: the bar, what was measured, whether it was met.

    At the default budget samples are rare and a median may pass over them all, so the larger of
    median and sums is held against the bar.

    Args:
        workload: Its name.
        timings: Of all contenders on it.
        peers: Names of those that are not chainrule.
    """
    rows = []
    by_name = {timing.contender: timing for timing in timings}
    if (default := by_name.get(ChainruleDefault.name)) is not None:
        figure = max(default.median, default.of_sums)
        rows.append(
            f"| {default.contender}: median and sums ≤ {DEFAULT} | {default.median:.3f} and "
            f"{default.of_sums:.3f} | {_met(figure <= DEFAULT)} |"
        )
    if (every := by_name.get(ChainruleEveryStep.name)) is not None:
        bar = next(value for start, value in EVERY_STEP.items() if workload.startswith(start))
        rows.append(
            f"| {every.contender}: median ≤ {bar} | {every.median:.3f} | "
            f"{_met(every.median <= bar)} |"
        )
        for peer in (timing for timing in timings if timing.contender in peers):
            rows.append(
                f"| {every.contender}: extra time < {SHARE_OF_PEER:.0%} of {peer.contender} | "
                + _share(every.extra_ms, peer.extra_ms)
            )
    return rows


def _share(ours_ms: float, theirs_ms: float) -> str:
    if theirs_ms <= 0:
        return f"{ours_ms:.2f} ms against {theirs_ms:.2f} ms | cannot be told |"
    share = ours_ms / theirs_ms
    return f"{ours_ms:.2f} of {theirs_ms:.2f} ms: {share:.0%} | {_met(share < SHARE_OF_PEER)} |"


def _met(met: bool) -> str:
    return "met" if met else "**not met**"
