"""The question `run`: how a run went; its verdict, its layers, its curvature, what happened."""

import itertools
import re
from collections.abc import Sequence
from typing import Literal, TypedDict, cast

from chainrule.faces.document import finding_document, run_document
from chainrule.records import Event, Finding, OptimizerOutline, Run, StepSharpness
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .layers import LayerTable, layer_table
from .question import Context, Parameters, Question
from .series import Number, SeriesDocument, series_document

MOST_HAPPENINGS = 100
"""Told at most; of more, the first."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")

CURVE = 300
"""Buckets of the curves beside the verdict."""

PROVISIONAL_STEPS = 20_000
PROVISIONAL_SAMPLES = 400
"""Longer runs are not diagnosed while one waits: their verdict comes with their end."""


class Verdict(TypedDict):
    """What was found.

    Attributes:
        source: `stored` with the run; `provisional`, made of what a run has measured so far;
            `none` yet.
        findings: As `findings` of `docs/verdict.schema.json`.
    """

    source: Literal["stored", "provisional", "none"]
    findings: list[dict[str, Json]]


class CurvaturePoint(TypedDict):
    """The curvature of the loss at one captured step.

    Attributes:
        sharpness: λ_max, of the Hessian or as the preconditioner sees it.
        bound: An eigenvalue lies within this distance of it.
        limit: The largest λ_max at which the optimizer is stable at this η; null if not known.
        share: λ_max / limit; above 1 the optimizer diverges on a quadratic.
        of: What λ_max is of, in words.
    """

    step: int
    optimizer: int
    learning_rate: Number
    sharpness: Number
    bound: Number
    converged: bool
    limit: Number | None
    share: Number | None
    of: str
    method: str


class Happening(TypedDict):
    """An event as a sentence, or several that say the same of one step after the other.

    Attributes:
        step: Of the first.
        last: Of the last.
        count: How many.
        sentence: Of the first; the others differ from it in numbers alone.
    """

    step: int
    last: int
    count: int
    kind: str
    sentence: str


class Live(TypedDict):
    """How far the run has come; while `status` is `running` its numbers grow.

    Attributes:
        stamp: Changes whenever the file is written to; `changed` of the server has the same.
    """

    status: str
    stamp: str
    steps: int
    sampled_steps: int
    backward_passes: int


class RunDocument(TypedDict):
    """The view of a run.

    Attributes:
        run: As `run` of `docs/verdict.schema.json`.
        series: Names of what the question `series` can be asked.
        losses: Each loss over the whole run.
        learning_rates: Each learning rate over the whole run.
        events_left_out: How many events are not told in `events`.
    """

    view: Literal["run"]
    run: dict[str, Json]
    live: Live
    verdict: Verdict
    optimizers: list[dict[str, Json]]
    layers: LayerTable
    curvature: list[CurvaturePoint]
    series: list[str]
    losses: list[SeriesDocument]
    learning_rates: list[SeriesDocument]
    events: list[Happening]
    events_left_out: int


def run_view(reader: RunReader) -> RunDocument:
    """The document of a run.

    Raises:
        RunFileError: If the file is damaged.
    """
    run = reader.run()
    source, findings = verdict(reader, run)
    names = reader.series_names()
    events = reader.events()
    told = happenings(events)[:MOST_HAPPENINGS]
    return {
        "view": "run",
        "run": run_document(run),
        "live": live(reader, run),
        "verdict": {"source": source, "findings": [finding_document(f) for f in findings]},
        "optimizers": [optimizer_document(outline) for outline in reader.optimizers()],
        "layers": layer_table(reader, findings),
        "curvature": [curvature_point(point) for point in reader.step_sharpness()],
        "series": list(names),
        "losses": [series_document(reader, n, points=CURVE) for n in names if is_loss(n)],
        "learning_rates": [
            series_document(reader, n, points=CURVE)
            for n in names
            if n.startswith("learning_rate/")
        ],
        "events": told,
        "events_left_out": len(events) - sum(each["count"] for each in told),
    }


def happenings(events: Sequence[Event]) -> list[Happening]:
    """Events as sentences, in their order; what follows one and says the same is told with it.

    That is of the same kind, has the same data, and a sentence that differs in numbers alone.
    """
    found: list[Happening] = []
    for _, alike in itertools.groupby(
        events, lambda each: (each.kind, each.data, _NUMBER.sub("#", each.text))
    ):
        first, *others = alike
        found.append(
            {
                "step": first.step,
                "last": others[-1].step if others else first.step,
                "count": 1 + len(others),
                "kind": first.kind,
                "sentence": first.text,
            }
        )
    return found


def is_loss(name: str) -> bool:
    """True for the series of a loss: `loss`, `loss/1`, one for each optimizer."""
    return name == "loss" or name.startswith("loss/")


def verdict(
    reader: RunReader, run: Run
) -> tuple[Literal["stored", "provisional", "none"], Sequence[Finding]]:
    """The findings of a run, from its file, or made of what it has measured so far.

    Raises:
        RunFileError: If the file is damaged.
    """
    findings = reader.findings()
    if findings:
        return "stored", findings
    short = run.steps <= PROVISIONAL_STEPS and 0 < run.sampled_steps <= PROVISIONAL_SAMPLES
    if not short:
        return "none", ()
    from chainrule.diagnosis import diagnose

    return "provisional", diagnose(reader)


def live(reader: RunReader, run: Run) -> Live:
    """How far a run has come."""
    return {
        "status": run.status,
        "stamp": reader.stamp,
        "steps": run.steps,
        "sampled_steps": run.sampled_steps,
        "backward_passes": run.backward_passes,
    }


def optimizer_document(outline: OptimizerOutline) -> dict[str, Json]:
    """An optimizer with the numbers and flags of its first parameter group."""
    return {
        "index": outline.index,
        "kind": outline.kind,
        "hyperparameters": {
            name: json_number(value) if isinstance(value, float) else value
            for name, value in outline.hyperparameters.items()
        },
    }


def curvature_point(measured: StepSharpness) -> CurvaturePoint:
    """What was measured of the curvature at one step."""
    spectrum, share = measured.spectrum, measured.share_of_limit
    largest = spectrum.largest[0] if spectrum.largest else None
    preconditioned = spectrum.preconditioner not in ("", "SGD")
    return {
        "step": measured.step,
        "optimizer": measured.optimizer,
        "learning_rate": json_number(measured.learning_rate),
        "sharpness": json_number(spectrum.sharpness),
        "bound": json_number(largest.bound) if largest else "NaN",
        "converged": bool(largest and largest.converged),
        "limit": None if spectrum.limit is None else json_number(spectrum.limit),
        "share": None if share is None else json_number(share),
        "of": (
            f"the Hessian as {spectrum.preconditioner} scales it"
            if preconditioned
            else "the Hessian"
        ),
        "method": spectrum.method,
    }


def _run(parameters: Parameters, context: Context) -> dict[str, Json]:
    with context.open(parameters.text("run")) as reader:
        return cast(dict[str, Json], run_view(reader))


QUESTIONS = (Question("run", _run),)
