"""`python -m benchmarks.feedback`: how long the grade of a wrong answer takes.

Every wrong answer of the sets is graded, in processor time, and where that takes long twice more
after the others of its set, the least of which counts: a slow time of the machine lasts for
seconds. *Again*: another answer to its exercise was graded before. *First*: none was,
but the exercise was prepared, as where it is shown; once, so with all that else went on.
Give the process a core of its own, or it measures what else runs.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from benchmarks.diagnoses import SETS, Wrong, read
from chainrule.calculus import FormulaError
from chainrule.learning.practice import AnswerError, grade, prepare
from chainrule.records.exercise import Exercise

BAR_S = 0.1
"""What answers within this time is taken for at once (Nielsen, Usability Engineering,
1993, chapter 5)."""

LONG_S = 0.07
"""From here on an answer is graded three times: what else a machine does can only add to it."""


def _seconds(row: Wrong) -> float:
    began = time.process_time()
    with suppress(AnswerError, FormulaError):  # that it cannot be read is an answer, too
        grade(row.formula, row.wrt, row.answer, dict(row.at) or None)
    return time.process_time() - began


def _exercise(row: Wrong) -> Exercise:
    return Exercise(
        id="", kind="derivative", skill="", level=1, question="", formula=row.formula, wrt=row.wrt
    )


def timed(rows: Sequence[Wrong], say: Callable[[str], object]) -> None:
    """Print the times of a set."""
    first: dict[tuple[str, str], float] = {}
    again: list[tuple[float, Wrong]] = []
    for row in rows:
        exercise = row.formula, row.wrt
        if exercise not in first:
            prepare(_exercise(row))
            first[exercise] = _seconds(row)
        again.append((_seconds(row), row))
    for _ in range(2):
        again = [(min(took, _seconds(row)) if took > LONG_S else took, row) for took, row in again]
    for name, times in (("again", [each for each, _ in again]), ("first", [*first.values()])):
        *_, high = statistics.quantiles(times, n=20)
        say(
            f"  {name}: {len(times)} answers, median {1e3 * statistics.median(times):.0f} ms, 95 % "
            f"within {1e3 * high:.0f} ms, longest {1e3 * max(times):.0f} ms; above 100 ms: "
            f"{sum(each > BAR_S for each in times)}\n"
        )
    longest, row = max(again, key=lambda each: each[0])
    if longest > LONG_S:
        say(f"  the longest: {row.formula} by {row.wrt}: {row.answer}\n")


def main() -> None:
    """Print the times of all sets."""
    grade("x^2", "x", "x")  # what is imported is not counted
    grade("norm(A x)^2", "x", "A x")
    for path in sorted(SETS.glob("*answers*.jsonl")):
        if "right" not in path.name:
            sys.stdout.write(f"{path.stem}\n")
            timed(read(path.name), sys.stdout.write)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
