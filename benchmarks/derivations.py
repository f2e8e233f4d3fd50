"""`python -m benchmarks.derivations [--quick] [--output FILE]`: what pen and paper costs.

Each textbook problem of the corpus is derived, evaluated at its point and told in words, each stage
timed by itself; beside it SymPy's `diff` of the same formula, which gives a result and no steps.
"""

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import sympy

from benchmarks.page import PAGE, machine, put_section
from chainrule.calculus import Derivation, Evaluation, Formula, derive, parse, to_sympy
from chainrule.calculus.definitions import values_at
from chainrule.calculus.narrate import narrate
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Call, Power, Product, Quotient, Sum, Unary
from chainrule.faces.explained import explained_formula

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "oracles"))
from corpus import problems
from networks import Network, deep, shared, wide

ROUNDS = 5
MEDIAN_BAR = 5e-3
SLOWEST_BAR = 0.2
NETWORK_BAR = 1.0
MOST_OPERATIONS = 250
"""Of a network that counts as one of 200: a layer more or less."""

Point = dict[str, float]
T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A formula to differentiate."""

    title: str
    formula: Formula
    variable: str
    point: Point
    definitions: dict[str, Formula] = field(default_factory=dict)


@dataclass
class Stopwatch:
    """Seconds of each stage for one question, over the rounds."""

    derive: list[float] = field(default_factory=list)
    evaluate: list[float] = field(default_factory=list)
    narrate: list[float] = field(default_factory=list)
    sympy: list[float] = field(default_factory=list)

    @property
    def total(self) -> float:
        """All that a learner waits for, in the fastest round."""
        rounds = zip(self.derive, self.evaluate, self.narrate, strict=True)
        return min(sum(stages) for stages in rounds)


def evaluate(derivation: Derivation, point: Point) -> Evaluation:
    """Numbers on all parts of the formula and of the three results."""
    at = Evaluation(point, derivation.formula.text)
    for node in (derivation.formula.root, derivation.raw, derivation.tidy, derivation.factored):
        at(node)
    return at


def time_once(question: Question, watch: Stopwatch) -> None:
    """One round: each stage, then SymPy."""
    derivation, seconds = timed(
        lambda: derive(question.formula, question.variable, definitions=question.definitions)
    )
    watch.derive.append(seconds)
    at, seconds = timed(
        lambda: evaluate(derivation, values_at(question.definitions, question.point))
    )
    watch.evaluate.append(seconds)
    _, seconds = timed(lambda: narrate(derivation, "leibniz", evaluation=at))
    watch.narrate.append(seconds)
    if question.definitions:
        return  # SymPy would be asked about another formula, the one written out
    expression = to_sympy(question.formula)
    symbol = sympy.Symbol(question.variable, real=True)
    # what SymPy remembers from the round before is no work
    sympy.core.cache.clear_cache()
    _, seconds = timed(lambda: expression.diff(symbol))
    watch.sympy.append(seconds)


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and the processor time it took: what else the machine does is left out."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def measure(questions: list[Question], rounds: int) -> list[Stopwatch]:
    """All questions, in as many rounds; the first round only warms up."""
    warm = [Stopwatch() for _ in questions]
    watches = [Stopwatch() for _ in questions]
    for round_ in range(rounds + 1):
        for question, watch in zip(questions, watches if round_ else warm, strict=True):
            gc.collect(0)
            time_once(question, watch)
    return watches


# ---- networks ------------------------------------------------------------------------------------


def network(units: int, inner: int) -> Question:
    """Two hidden layers of tanh, written out as one formula; by its input, so all ways count."""

    def first(unit: int) -> str:
        return " + ".join(f"w{unit}{i}*tanh(u{i}*x + c{i})" for i in range(inner))

    outer = " + ".join(f"v{unit}*tanh({first(unit)} + b{unit})" for unit in range(units))
    formula = parse(f"({outer} - t)^2")
    point = {name: 0.1 + 0.8 * i / len(formula.names) for i, name in enumerate(formula.names)}
    return Question(f"{units} × {inner} tanh", formula, "x", point)


def named(title: str, network: Network) -> Question:
    """A network whose parts have names."""
    text, variable, point = network
    problem = read_problem(text)
    return Question(title, problem.formula, variable, point, problem.defined)


def operations(question: Question) -> int:
    """Additions, multiplications, powers and functions, each time that they are written."""
    count = 0
    formulas = (question.formula, *question.definitions.values())
    for node in (node for formula in formulas for node in formula.nodes()):
        match node:
            case Sum():
                count += len(node.terms) - 1
            case Product():
                count += len(node.factors) - 1
            case Call() | Power() | Quotient() | Unary():
                count += 1
    return count


# ---- the page ------------------------------------------------------------------------------------


def row(name: str, seconds: list[float], note: str = "") -> str:
    """Median and slowest of the questions."""
    ordered = sorted(seconds)
    ninetieth = ordered[int(0.9 * (len(ordered) - 1))]
    return (
        f"| {name} | **{1e3 * statistics.median(seconds):.2f} ms** | {1e3 * ninetieth:.2f} ms | "
        f"{1e3 * ordered[-1]:.1f} ms | {note} |"
    )


def verdict(seconds: float, bar: float) -> str:
    """Whether a bar is met."""
    return f"{'met' if seconds < bar else '**not met**'} ({_duration(seconds)})"


def _duration(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def section(quick: bool) -> list[str]:
    """The Markdown section."""
    questions = [Question(p.title, p.formula, p.variable, p.point) for p in problems()]
    if quick:
        questions = questions[::20]
    watches = measure(questions, 1 if quick else ROUNDS)
    totals = [watch.total for watch in watches]
    slowest = max(range(len(totals)), key=totals.__getitem__)
    median = statistics.median
    lines = [
        machine(),
        "",
        f"**How.** The {len(questions)} textbook problems in `tests/calculus/corpus`, "
        f"{1 if quick else ROUNDS} rounds after one that warms up; the fastest round for "
        "each problem; processor time of one process with one thread, which is what a learner "
        "waits for where nothing else runs. "
        "*Derived* is the formula, already read, with all its steps, other routes, and the algebra "
        "to the tidy and the factored result; "
        "*evaluated* is a number on every part at a point; *told* is the narration in Leibniz's "
        "notation with those numbers. SymPy's `diff` gives the result alone, without steps and "
        "not simplified; its cache is emptied before each, since a learner asks once.",
        "",
        "| | median problem | 90 % below | slowest | |",
        "|---|---|---|---|---|",
        row("derived", [min(w.derive) for w in watches]),
        row("evaluated", [min(w.evaluate) for w in watches]),
        row("told", [min(w.narrate) for w in watches]),
        row("all three", totals, f"slowest: `{questions[slowest].title}`"),
        row("SymPy `diff` alone", [min(w.sympy) for w in watches]),
        "",
        f"- median problem derived, evaluated and told in under {_duration(MEDIAN_BAR)}: "
        f"{verdict(median(totals), MEDIAN_BAR)}.",
        f"- slowest in under {_duration(SLOWEST_BAR)}: {verdict(max(totals), SLOWEST_BAR)}.",
        "",
        "### A network as one formula",
        "",
        "Two hidden layers of tanh and a squared error, written out and differentiated by the "
        "input, so that every way through the network counts.",
        "",
        "| units | operations written | derived | evaluated | told | all three | SymPy `diff` |",
        "|---|---|---|---|---|---|---|",
    ]
    for units, inner in (3, 4), (6, 7):
        question = network(units, inner)
        (watch,) = measure([question], 1 if quick else ROUNDS)
        stages = (watch.derive, watch.evaluate, watch.narrate)
        lines.append(
            f"| {question.title} | {operations(question)} | "
            + " | ".join(_duration(min(stage)) for stage in stages)
            + f" | **{_duration(watch.total)}** | {_duration(min(watch.sympy))} |"
        )
    lines += [
        "",
        f"- {operations(question)} operations in under {_duration(NETWORK_BAR)}: "
        f"{verdict(watch.total, NETWORK_BAR)}.",
        "",
        "### A network of named parts",
        "",
        "A loss over layers or units that have names, as `h2 = sigmoid(w*tanh(h1) + b)`: each name "
        "is told by itself, and what differs in its names alone is referred to. *Told* is all of "
        "the narration; the characters are those that `print` writes.",
        "",
        "| network | operations | derived | evaluated | told | all three | characters |",
        "|---|---|---|---|---|---|---|",
    ]
    slowest_network = 0.0
    for title, drawn in (
        ("50 layers, shared weights", deep(50)),
        ("100 layers, shared weights", deep(100)),
        ("40 units, weights of their own", wide(40)),
        ("40 units, one shared weight", shared(40)),
    ):
        question = named(title, drawn)
        (watch,) = measure([question], 1 if quick else ROUNDS)
        stages = (watch.derive, watch.evaluate, watch.narrate)
        lines.append(
            f"| {title} | {operations(question)} | "
            + " | ".join(_duration(min(stage)) for stage in stages)
            + f" | **{_duration(watch.total)}** | {len(printed(question)):,} |"
        )
        if operations(question) <= MOST_OPERATIONS:
            slowest_network = max(slowest_network, watch.total)
    lines += [
        "",
        f"- the slowest of those of some 200 operations in under {_duration(NETWORK_BAR)}: "
        f"{verdict(slowest_network, NETWORK_BAR)}.",
    ]
    return lines


def printed(question: Question) -> str:
    """What `print` writes of it."""
    found = derive(question.formula, question.variable, definitions=question.definitions)
    return str(explained_formula(found, question.point, "leibniz"))


def main() -> None:
    """Run it and write its section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth, once: does it run?")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    lines = section(options.quick)
    sys.stdout.write("\n".join(lines) + "\n")
    put_section("Derivations", lines, options.output)


if __name__ == "__main__":
    main()
