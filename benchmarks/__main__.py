"""`python -m benchmarks [--quick]`: time everything and write `docs/benchmarks.md`."""

import argparse
import gc
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks import machine
from benchmarks.contenders import ChainruleDefault, ChainruleEveryStep, Contender
from benchmarks.interleave import Timing, compare
from benchmarks.peers import TensorBoard, WandbWatch
from benchmarks.report import Results, page
from benchmarks.workloads import WORKLOADS, Workload

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
PEERS = (WandbWatch, TensorBoard)
SECONDS: dict[type[Contender], float] = {
    Contender: 45,
    ChainruleDefault: 70,  # its samples are rare, and its bar is near the noise
    ChainruleEveryStep: 35,
    WandbWatch: 30,
    TensorBoard: 30,
}
"""How long each contender is timed on each workload: ten and a half minutes in all."""


@dataclass(frozen=True)
class Effort:
    """How much is timed.

    Attributes:
        share: Of `SECONDS`.
        fewest: Pairs, however long they take.
        longest: Steps in a segment.
        warm_up: Steps before any is timed; None for the contender's own number.
    """

    share: float
    fewest: int
    longest: int
    warm_up: int | None


FULL = Effort(1.0, 6, 1000, None)
QUICK = Effort(0.0, 2, 2, 5)


def timed(kind: type[Contender], workload: Workload, effort: Effort) -> Timing:
    """Time one contender on a fresh workload."""
    for _ in range(3):
        workload.step()
    contender = kind(workload, effort.warm_up)
    try:
        return compare(
            contender,
            seconds=effort.share * SECONDS[kind],
            fewest=effort.fewest,
            steps=min(workload.segment, effort.longest),
        )
    finally:
        contender.finish()


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run of a few seconds")
    parser.add_argument("--no-peers", action="store_true", help="chainrule alone")
    parser.add_argument(
        "--output", type=Path, help="the page; docs/benchmarks.md, or with --quick none but stdout"
    )
    options = parser.parse_args()
    torch.set_num_threads(2)
    began, load = time.perf_counter(), machine.load()
    effort = QUICK if options.quick else FULL
    timings: dict[str, list[Timing]] = {}
    absent = {peer.name: "left out (`--no-peers`)" for peer in PEERS if options.no_peers}
    for make in WORKLOADS:
        for kind in SECONDS:
            if kind.name in absent:
                continue
            workload = make()
            try:
                timing = timed(kind, workload, effort)
            except ImportError:
                if not kind.package:
                    raise
                absent[kind.name] = "not installed"
                continue
            timings.setdefault(workload.name, []).append(timing)
            sys.stderr.write(
                f"{workload.name}: {kind.name}: {timing.median:.3f} (sums {timing.of_sums:.3f})\n"
            )
            gc.collect()
    text = page(
        Results(
            timings=timings,
            peers={peer.name for peer in PEERS},
            packages=[peer.package for peer in PEERS if peer.name not in absent],
            absent=absent,
            load=load,
            took_s=time.perf_counter() - began,
            quick=options.quick,
        )
    )
    output = options.output or (None if options.quick else PAGE)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
