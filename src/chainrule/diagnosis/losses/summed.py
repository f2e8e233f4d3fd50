"""A loss that is summed over the examples, with a learning rate for their mean."""

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.wording import count, number, plural
from chainrule.records import Evidence, OptimizerOutline, Place, Remedy, StepScan

from .calls import calls_of
from .head import heads
from .misuse import NOT_LEARNED, Misuse

FEWEST = 8
"""Examples from which the factor N, and not some other reason, can make a step that much longer:
steps are too long from twice the best length on, and the best of one step is known to a factor of
about 4 (see `learning-rate-too-high`)."""

TOO_LONG = 0.5
"""Best multiple of the step: φ(1) is above φ(0) of a parabola from there on."""


def summed(case: Case) -> list[Misuse]:
    """The mistake, if the sum makes steps of the run too long."""
    if not case.step_follows_gradient:
        return []
    seen = _sum(case)
    if seen is None:
        return []
    place, terms, examples = seen
    if examples < FEWEST:
        return []
    scans = [s for s in case.step_scans if s.update_norm > 0]
    over = [s for s in scans if s.best[0] <= TOO_LONG]
    start, end = case.loss_start, case.loss_end
    worse = not end < NOT_LEARNED * start or case.broke_at is not None
    if not worse or (scans and not 2 * len(over) >= len(scans)):
        return []
    if not scans and case.broke_at is None:
        return []
    return [_misuse(case, place, terms, examples, over, case.optimizers[0])]


def _sum(case: Case) -> tuple[Place, int, int] | None:
    """Where the loss is summed, over how many terms and over how many examples."""
    calls = [
        c
        for c in calls_of(case)
        if c.prediction.shape and (c.reduction == "sum" or c.function == "sub")
    ]
    for call in reversed(calls):
        if call.reduction == "sum":
            terms = 1
            for size in call.prediction.shape:
                terms *= size
            return call.place, terms, call.prediction.shape[0]
    for head in heads(case):
        root = head.name(0)
        if root.startswith("NllLoss") and (target := next(iter(head.targets(0)), None)) is not None:
            # −1 at the right class of each example if summed, −1/N if it is a mean
            norms = head.chain.backward_pass.node_norms
            examples = round((norms[target] / norms[0]) ** 2) if norms[0] > 0 else 0
            if examples >= FEWEST:
                return head.place(0), examples, examples
        if root != "Sum":  # a constant factor, as of a mean written by hand, makes it a Div or Mul
            continue
        target = next(iter(head.targets(0)), None)
        if target is None:
            continue
        terms = head.chain.backward_pass.numels[target]
        examples = calls[-1].prediction.shape[0] if calls else terms
        return head.place(0), terms, min(terms, examples)
    return None


def _misuse(
    case: Case,
    place: Place,
    terms: int,
    examples: int,
    over: list[StepScan],
    optimizer: OptimizerOutline,
) -> Misuse:
    best = middle(s.best[0] for s in over)
    rate = optimizer.hyperparameters.get("lr")
    start, end = case.loss_start, case.loss_end
    evidence = {
        "examples_summed": Evidence(float(examples), "examples", float(FEWEST), "see FEWEST"),
        "terms_summed": Evidence(float(terms), "elements"),
        "loss_first": Evidence(start, rows="series loss"),
        "loss_last": Evidence(end, "", NOT_LEARNED * start, "not a tenth gained", "series loss"),
    }
    measured = ""
    if over:
        rows = "step_scan " + ", ".join(str(s.step) for s in over)
        evidence["best_multiple"] = Evidence(best, "of the step made", TOO_LONG, "", rows)
        measured = (
            f" Along {plural(len(over), 'update')} the loss was lowest at {number(best)} of the "
            "step that was made (median)."
        )
    broke = (
        "" if case.broke_at is None else f" From step {count(case.broke_at)} on it is no number."
    )
    return Misuse(
        severity="error",
        title=f"the loss is a sum over {examples} examples: every step is {examples} times as long",
        where=place,
        first_step=case.chains[0][0] if case.chains else 0,
        evidence=evidence,
        explanation=(
            f"At {place} the loss of a batch is summed, not averaged. The gradient of a sum is "
            f"the sum of the gradients, so with {examples} examples\n\n"
            f"    Δθ = −η Σ_i ∇ℓ_i = −(η·{examples}) · mean of ∇ℓ_i\n\n"
            "it is as if the learning rate"
            + (f", {number(rate)}," if isinstance(rate, float) else "")
            + f" were {examples} times as large, and it changes with the size of the batch."
            f"{measured} The loss went from {number(start)} to {number(end)}.{broke}"
        ),
        remedies=(
            Remedy(
                "take the mean over the batch (reduction='mean', .mean())",
                f"every step becomes {examples} times shorter, whatever the size of the batch",
            ),
            Remedy(
                f"or divide the learning rate by {examples}",
                "the same steps, as long as the batch keeps its size",
            ),
        ),
    )
