"""`python -m benchmarks [--quick] [--device cuda]`: what watching a run costs, for the page."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from benchmarks.contenders import CONTENDERS, ChainruleDefault
from benchmarks.interleave import Timing, timed
from benchmarks.page import PAGE, put_section
from benchmarks.report import watching
from benchmarks.workloads import WORKLOADS

RATIOS = {"MLP": (30, 120), "ResNet-20,": (15, 40), "character": (12, 40)}
"""Ratios of a row, and of that of the default budget, whose samples are rare."""


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two ratios each: does it run?")
    parser.add_argument("--ratios", type=int, help="ratios of a row of the table")
    parser.add_argument("--no-peers", action="store_true", help="chainrule alone")
    parser.add_argument("--device", default="cpu", help="where the models are: cpu or cuda")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    torch.set_num_threads(2)
    title = "Watching a run" if options.device == "cpu" else "Watching a run on a GPU"
    results: dict[str, list[Timing]] = {}
    missing: list[str] = []
    kinds = CONTENDERS[:3] if options.no_peers else CONTENDERS
    # a process for each: the threads and the heap that one leaves behind slow the next one down
    fresh = ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1)
    with fresh:
        for workload, make in enumerate(WORKLOADS):
            name = make("cpu").name
            few, many = (2, 2) if options.quick else RATIOS[name.split()[0]]
            if options.ratios:
                few, many = options.ratios, options.ratios * many // few
            for number, kind in enumerate(kinds):
                ratios = many if kind is ChainruleDefault else few
                try:
                    timing = fresh.submit(timed, workload, number, ratios, options.device).result()
                except ImportError as error:
                    missing.append(f"{kind.name} ({error})")
                    continue
                results.setdefault(name, []).append(timing)
                sys.stdout.write(f"{name}: {timing.contender}: {timing.median:.3f}\n")
                sys.stdout.flush()
    put_section(title, watching(results, sorted(set(missing)), options.device), options.output)


if __name__ == "__main__":
    main()
