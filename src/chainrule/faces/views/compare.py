"""The question `compare`: two or more runs side by side."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Literal, TypedDict, cast

from chainrule.faces.document import finding_document, run_document
from chainrule.records import OptimizerOutline, Run
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .layers import Layer, layer_table
from .question import Context, Parameters, Question, Refusal
from .run import Live, Verdict, is_loss, live, verdict
from .series import POINTS, SeriesDocument, points_asked, series_document, steps_asked

MOST_RUNS = 8
"""Runs side by side: as many as there are colours that can be told apart (Okabe and Ito)."""


class ComparedRun(TypedDict):
    """One of the runs."""

    name: str
    run: dict[str, Json]
    live: Live
    verdict: Verdict
    losses: list[SeriesDocument]


class Difference(TypedDict):
    """Something in which the runs differ: one value a run; null where a run has none."""

    group: Literal["command", "versions", "options", "optimizer", "model", "outcome"]
    name: str
    values: list[Json]


class ComparedLayer(TypedDict):
    """A layer by name, as each run has it; null where a run has none of that name."""

    name: str
    layers: list[Layer | None]


class CompareDocument(TypedDict):
    """Runs side by side; every list of values has one entry a run, in the order asked for.

    Attributes:
        same: Names of what was looked at and is the same in all runs.
        sampled: For the sparklines of each run's layers: its `sampled` and `activation_steps`.
    """

    view: Literal["compare"]
    runs: list[ComparedRun]
    differences: list[Difference]
    same: list[str]
    layers: list[ComparedLayer]
    sampled: list[dict[str, Json]]


def compare_view(
    readers: Sequence[RunReader], *, first: int = 0, last: int | None = None, points: int = POINTS
) -> CompareDocument:
    """The document of runs side by side.

    Args:
        readers: The runs.
        first: First step of the losses on view.
        last: Last step of it.
        points: Buckets of a loss at most.

    Raises:
        RunFileError: If a file is damaged.
    """
    runs: list[ComparedRun] = []
    tables = []
    for reader in readers:
        run = reader.run()
        source, findings = verdict(reader, run)
        runs.append(
            {
                "name": run.name,
                "run": run_document(run),
                "live": live(reader, run),
                "verdict": {"source": source, "findings": [finding_document(f) for f in findings]},
                "losses": [
                    series_document(reader, name, first, last, points)
                    for name in reader.series_names()
                    if is_loss(name)
                ],
            }
        )
        tables.append(layer_table(reader, findings))
    differences, same = _differences(readers)
    by_name = [{row["name"]: row for row in table["rows"]} for table in tables]
    names = dict.fromkeys(name for rows in by_name for name in rows)
    return {
        "view": "compare",
        "runs": runs,
        "differences": differences,
        "same": same,
        "layers": [{"name": n, "layers": [rows.get(n) for rows in by_name]} for n in names],
        "sampled": [
            cast(
                dict[str, Json],
                {"sampled": t["sampled"], "activation_steps": t["activation_steps"]},
            )
            for t in tables
        ],
    }


Group = Literal["command", "versions", "options", "optimizer", "model", "outcome"]


def _differences(readers: Sequence[RunReader]) -> tuple[list[Difference], list[str]]:
    """What the runs differ in, and the names of what they do not differ in."""
    described = [_described(reader) for reader in readers]
    keys = dict.fromkeys(key for values in described for key in values)
    differences: list[Difference] = []
    same = []
    for group, name in keys:
        values = [values.get((group, name)) for values in described]
        if all(value == values[0] for value in values):
            same.append(name)
        else:
            differences.append({"group": group, "name": name, "values": values})
    return differences, same


def _described(reader: RunReader) -> dict[tuple[Group, str], Json]:
    run = reader.run()
    found: dict[tuple[Group, str], Json] = {("command", "command"): " ".join(run.command)}
    found["command", "folder"] = run.cwd
    for name, version in run.versions.items():
        found["versions", name] = version
    for name, value in run.options.items():
        found["options", name] = json_number(value) if isinstance(value, float) else value
    for outline in reader.optimizers():
        found |= _hyperparameters(outline)
    parameters = reader.parameters()
    found["model", "parameters"] = sum(parameter.numel for parameter in parameters)
    found["model", "tensors"] = len(parameters)
    found["model", "device"] = run.device
    outcomes: dict[str, Callable[[Run], Json]] = {
        "status": lambda r: r.status,
        "exception": lambda r: r.exception,
        "steps": lambda r: r.steps,
        "seconds of training": lambda r: json_number(r.training_s),
    }
    for name, of in outcomes.items():
        found["outcome", name] = of(run)
    return found


def _hyperparameters(outline: OptimizerOutline) -> dict[tuple[Group, str], Json]:
    number = f" of optimizer {outline.index}" if outline.index else ""
    found: dict[tuple[Group, str], Json] = {("optimizer", f"optimizer{number}"): outline.kind}
    for name, value in outline.hyperparameters.items():
        known = json_number(value) if isinstance(value, float) else value
        found["optimizer", f"{name}{number}"] = known
    return found


def _compare(parameters: Parameters, context: Context) -> dict[str, Json]:
    names = tuple(dict.fromkeys(parameters.texts("runs")))
    if not 2 <= len(names) <= MOST_RUNS:
        raise Refusal(
            f"Expected the names of 2 to {MOST_RUNS} different runs, found {len(names)}.",
            field="runs",
        )
    first, last = steps_asked(parameters)
    points = points_asked(parameters)
    with ExitStack() as opened:
        readers = [opened.enter_context(context.open(name)) for name in names]
        return cast(dict[str, Json], compare_view(readers, first=first, last=last, points=points))


QUESTIONS = (Question("compare", _compare),)
