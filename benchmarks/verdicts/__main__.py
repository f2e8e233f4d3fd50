"""`python -m benchmarks.verdicts`: run the programs, and count how often the verdict is right."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .outcome import Outcome, judge_again, run_program
from .page import PAGE, UNSEEN_PAGE, known_reasons, page
from .program import HEALTHY, PROGRAMS, UNSEEN, Program, ProgramError, Variant, read_programs
from .stability import stability

_AT_A_TIME = 2  # each runs on one core


def main() -> int:
    """Run what was asked for; exit code 1 if a program does not behave as described."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="run each with 0 … N-1")
    parser.add_argument(
        "--healthy-seeds",
        type=int,
        default=5,
        metavar="N",
        help="run the healthy ones with as many at least: each is one run, and silence is asked of "
        "all",
    )
    parser.add_argument("--only", default="", metavar="FAULT[/NAME]", help="run only these")
    parser.add_argument(
        "--unseen", action="store_true", help="run the set whose author did not know the rules"
    )
    parser.add_argument("--healthy", action="store_true", help="run only the healthy ones")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the run files there")
    parser.add_argument(
        "--again", action="store_true", help="diagnose the runs kept there anew, without running"
    )
    parser.add_argument("-j", type=int, default=_AT_A_TIME, metavar="N", help="processes at a time")
    options = parser.parse_args()
    try:
        programs = read_programs(
            HEALTHY if options.healthy else options.only, UNSEEN if options.unseen else PROGRAMS
        )
    except ProgramError as error:
        print(error, file=sys.stderr)
        return 2
    asked = [
        (program, variant, seed)
        for program in programs
        for variant in program.variants
        for seed in range(_seeds(program, options))
    ]
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = (options.keep or Path(scratch)).absolute()

        def one(task: tuple[Program, Variant, int]) -> Outcome:
            outcome = judge_again(*task, folder) if options.again else None
            outcome = outcome or run_program(*task, folder)
            print(_line(outcome), flush=True)
            return outcome

        with ThreadPoolExecutor(options.j) as pool:
            outcomes = list(pool.map(one, asked))
    whole = not (options.only or options.healthy)
    _report(outcomes, everything=whole, unseen=options.unseen)
    return 0 if all(o.as_described for o in outcomes) else 1


def _seeds(program: Program, options: argparse.Namespace) -> int:
    seeds, healthy = int(options.seeds), int(options.healthy_seeds)
    return max(seeds, healthy) if program.fault == HEALTHY else seeds


def _report(outcomes: list[Outcome], *, everything: bool, unseen: bool) -> None:
    if any(o.seed for o in outcomes):
        print("\n" + "\n".join(stability(outcomes)))
    text = page(outcomes, known_reasons(), unseen=unseen)
    if everything:
        path = UNSEEN_PAGE if unseen else PAGE
        path.write_text(text, "utf-8")
        print(f"\nwritten to {path}")
    else:  # a part of the programs is no page
        print("\n" + text.partition("## By fault")[2].strip())


def _line(o: Outcome) -> str:
    if o.complaint:
        mark = "no verdict"
    elif o.variant == "faulty":
        mark = "ok" if o.root_right else "not first" if o.found else "MISSED"
        if mark == "ok" and o.place_right is False:
            mark = "elsewhere"
        if mark == "ok" and not o.found:
            mark = "too mild"
    else:
        mark = "FALSE ALARM" if o.alarms else "ok"
    behaved = "" if o.as_described else "  NOT AS DESCRIBED"
    metric = "none" if o.metric is None else f"{o.metric:.4g}"
    said = ", ".join(f"{f.fault}[{f.severity[0]}]{'' if f.root else '↳'}" for f in o.findings)
    return (
        f"{mark:12}{o.program.name:48} {o.variant:8} {o.seed}  {o.metric_name} {metric}{behaved}  "
        f"{o.seconds:4.1f} s  {said or o.complaint}"
    )


if __name__ == "__main__":
    sys.exit(main())
