"""`python -m benchmarks.products [--quick] [--output FILE]`: what one Hessian-vector product costs.

The ways of making one, in units of one forward-and-backward pass, interleaved; and how far each
lies from double backward. It is why `auto` never takes forward-over-reverse.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from benchmarks.page import PAGE, machine, put_section
from benchmarks.sharpness import Problem, problems
from chainrule.objective import Hessian, Objective
from chainrule.objective.hessian import Method

WAYS: tuple[Method, ...] = ("double-backward", "forward-over-reverse", "finite-differences")
PRODUCTS = 5
"""From one graph, as Lanczos makes them."""

ROUNDS = 9


def seconds(objective: Objective, way: Method, v: torch.Tensor) -> tuple[float, torch.Tensor]:
    """Of one product out of several, and the product."""
    began = time.perf_counter()
    hessian = Hessian(objective, method=way)
    for _ in range(PRODUCTS):
        found = hessian.product(v)
    hessian.release()
    return (time.perf_counter() - began) / PRODUCTS, found


def row(problem: Problem, rounds: int) -> str:
    """One network."""
    objective = Objective.from_module(problem.model, F.cross_entropy, problem.batch)
    generator = torch.Generator().manual_seed(0)
    v = torch.randn(objective.numel, generator=generator)
    v /= v.norm()
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    found: dict[str, torch.Tensor] = {}
    with sdpa_kernel(SDPBackend.MATH):
        for turn in range(rounds + 1):
            for way in WAYS:
                began = time.perf_counter()
                problem.forward_and_backward()
                unit = time.perf_counter() - began
                taken, found[way] = seconds(objective, way, v)
                if turn:  # the first round warms up
                    times[way].append(taken / unit)
    exact = found["double-backward"]
    cells = [f"{problem.name}, {objective.numel:,} parameters"]
    for way in WAYS:
        error = float((found[way] - exact).norm() / exact.norm())
        cells.append(
            f"**{statistics.median(times[way]):.1f}**" + (f" ({error:.0e})" if error else "")
        )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds each: does it run?")
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rounds = 2 if options.quick else ROUNDS
    lines = [
        f"One Hessian-vector product, in passes: medians of {rounds} rounds of {PRODUCTS} "
        f"products, each beside its own pass. {machine()}",
        "",
        "In brackets the relative difference from double backward.",
        "",
        f"| network | {' | '.join(way.replace('-', ' ') for way in WAYS)} |",
        "|---|---|---|---|",
        *(row(problem, rounds) for problem in problems(options.quick)),
        "",
        "`auto` takes double backward, and finite differences only where an operation has no "
        "second derivative: of a network of relus a difference of gradients crosses kinks. "
        "Forward-over-reverse is there for who asks for it by name.",
    ]
    put_section("Hessian products", lines, options.output)


if __name__ == "__main__":
    main()
