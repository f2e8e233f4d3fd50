"""The question `scans`: the loss along the updates that a run made, and how long they could be."""

from collections.abc import Sequence
from typing import Literal, TypedDict, cast

from chainrule.faces.numerals import number
from chainrule.records import StepScan, StepSharpness
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .question import Context, Parameters, Question
from .run import CurvaturePoint, Live, curvature_point, live
from .series import Number


class Threshold(TypedDict):
    """A learning rate that the curvature singles out.

    Attributes:
        name: `1/λ`, `2/λ`, or `limit` for the optimizer's own stability limit.
        learning_rate: η.
        multiple: That as a multiple α of the step that was made.
    """

    name: str
    learning_rate: Number
    multiple: Number
    sentence: str


class Scan(TypedDict):
    """The loss along one update Δθ: φ(α) = L(θ + αΔθ).

    Attributes:
        multiples: α; 0 is no step and 1 the step that was made.
        losses: φ on the batch that made the step.
        other_losses: φ on the batch of step `other_step`; null if there was none.
        together: Their mean.
        promised: ∇L·Δθ: the tangent of `losses` at α = 0 is φ(0) + α · promised.
        best: α of the lowest mean loss that was measured, and that loss.
        curvature: λ_max at this step; null if it was not measured.
        thresholds: Learning rates that it singles out.
    """

    step: int
    optimizer: int
    optimizer_kind: str
    learning_rate: Number
    multiples: list[float]
    losses: list[Number]
    other_losses: list[Number] | None
    other_step: int | None
    together: list[Number]
    promised: Number
    gradient_norm: Number
    update_norm: Number
    best: list[Number]
    overshoots: bool
    curvature: CurvaturePoint | None
    thresholds: list[Threshold]
    sentence: str


class ScansDocument(TypedDict):
    """The landscape of a run, as far as it was measured: along its own steps."""

    view: Literal["landscape"]
    of: Literal["scans"]
    run: str
    live: Live
    scans: list[Scan]
    note: str


def scans_view(reader: RunReader) -> ScansDocument:
    """The document of a run's scanned steps.

    Raises:
        RunFileError: If the file is damaged.
    """
    run = reader.run()
    sharpness = {(s.step, s.optimizer): s for s in reader.step_sharpness()}
    kinds = {outline.index: outline.kind for outline in reader.optimizers()}
    scans = [
        _scan(scan, sharpness.get((scan.step, scan.optimizer)), kinds.get(scan.optimizer, ""))
        for scan in reader.step_scans()
    ]
    note = (
        "The loss against θ, along the step that was made; not the loss against steps."
        if scans
        else "No step of this run was scanned: scans are made of captured steps, when the budget "
        "allows, and after the training in the time that is left."
    )
    return {
        "view": "landscape",
        "of": "scans",
        "run": run.name,
        "live": live(reader, run),
        "scans": scans,
        "note": note,
    }


def _scan(scan: StepScan, sharpness: StepSharpness | None, kind: str) -> Scan:
    alpha, lowest = scan.best
    told = f"Step {scan.step:,} moved θ by {number(scan.update_norm)}. "
    if scan.overshoots:
        told += f"It raised the loss; {number(alpha)} of it would have been best."
    elif alpha == 1:
        told += "Of the lengths that were tried, its own was best."
    else:
        told += f"Of the lengths that were tried, {number(alpha)} times its own was best."
    return {
        "step": scan.step,
        "optimizer": scan.optimizer,
        "optimizer_kind": kind,
        "learning_rate": json_number(scan.learning_rate),
        "multiples": list(scan.multiples),
        "losses": _numbers(scan.losses),
        "other_losses": _numbers(scan.other_losses) if scan.other_losses else None,
        "other_step": scan.other_step,
        "together": _numbers(scan.together),
        "promised": json_number(scan.promised),
        "gradient_norm": json_number(scan.gradient_norm),
        "update_norm": json_number(scan.update_norm),
        "best": [json_number(alpha), json_number(lowest)],
        "overshoots": scan.overshoots,
        "curvature": None if sharpness is None else curvature_point(sharpness),
        "thresholds": [] if sharpness is None else thresholds(sharpness),
        "sentence": told,
    }


def thresholds(sharpness: StepSharpness) -> list[Threshold]:
    """1/λ and 2/λ, and the optimizer's own limit, as learning rates and as multiples of the step.

    The limit of λ is in proportion to 1/η for every optimizer that has one, so λ meets it at
    η · limit / λ. Nothing where λ is not positive: no direction bends upwards there.
    """
    spectrum, eta = sharpness.spectrum, sharpness.learning_rate
    sharpest = spectrum.sharpness
    if not (sharpest > 0 and eta > 0):
        return []
    scaled = spectrum.preconditioner not in ("", "SGD")
    descent = f"descent scaled as by {spectrum.preconditioner}" if scaled else "gradient descent"
    rates = [
        ("1/λ", 1 / sharpest, f"up to here {descent} nears the minimum from one side"),
        ("2/λ", 2 / sharpest, f"above it {descent} diverges in the sharpest direction"),
    ]
    if spectrum.limit is not None:
        name = spectrum.preconditioner or "the optimizer"
        rates.append(
            (
                "limit",
                eta * spectrum.limit / sharpest,
                f"above it {name} is unstable on a quadratic",
            )
        )
    return [
        {
            "name": name,
            "learning_rate": json_number(rate),
            "multiple": json_number(rate / eta),
            "sentence": f"η = {number(rate)}: {meaning}.",
        }
        for name, rate, meaning in rates
    ]


def _numbers(values: Sequence[float]) -> list[Number]:
    return [json_number(value) for value in values]


def _scans(parameters: Parameters, context: Context) -> dict[str, Json]:
    with context.open(parameters.text("run")) as reader:
        return cast(dict[str, Json], scans_view(reader))


QUESTIONS = (Question("scans", _scans),)
