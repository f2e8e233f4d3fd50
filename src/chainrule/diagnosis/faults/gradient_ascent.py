"""Gradient ascent.

What it is
    Steps that go up the loss that is meant to go down: the sign of the loss or of the update is
    turned round, θ ← θ + η∇L.

Why it happens
    `maximize=True`, a minus before the loss (`(-loss).backward()`), the minus of a negative
    logarithm forgotten, an update by hand with `+=`.

How it is found
    In one of two ways. *The update is turned*: on captured steps the change that the gradient
    promises for the step that was made, ∇L·Δθ, is above 0 (quantity `steps_uphill`, on at least
    nine tenths of the scanned steps, threshold 0.9, and on at least two), the gradient being that
    of a loss that cannot be below 0, and the loss rises (`loss_change`, threshold 0). *The loss is
    turned*: the number that is minimised is a plain error (cross entropy, squared error, …) times
    a constant, or a mean of logarithms of probabilities, which no way of computing makes
    negative, yet it is below 0 and falls (`loss_last`, threshold 0; `loss_change`, threshold 0):
    the error itself grows.

Example that has it
    A classifier trained with `loss = -criterion(net(x), y)`.

Example that has not
    A policy gradient, an ELBO or the critic of a GAN: they go below 0, but what they are made of
    is no error of a prediction. A run with momentum, some of whose steps go uphill for a while.

Remedies
    Take out the minus, or `maximize=True`.

Known limits
    A term with the wrong sign among others of a sum is not seen. Nor is the sign of a policy
    gradient, Σ aᵢ log p(answerᵢ): with rewards for aᵢ a minus belongs in front, with costs none,
    and which they are is not in the run. Where there is none, the verdict says so. Steps that could
    not be captured say nothing of the update; `maximize=True` is then read off the optimizer. With
    more than one optimizer, or where what is trained is the input of a fixed model (an adversarial
    example), nothing is said.

References
    Cauchy (1847), on the method of steepest descent.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.log_probabilities import LOGARITHMS, is_log_softmax
from chainrule.diagnosis.reach import targets
from chainrule.diagnosis.wording import number, plural
from chainrule.instruments import Chain
from chainrule.records import Evidence, Finding, Place, Remedy, StepScan, kind_of, operation

NAME = "gradient-ascent"
SUMMARY = "The sign is turned round: each step goes up what should go down."

UPHILL = 0.9
"""Share of the scanned steps that must promise a rise: descent with momentum goes uphill now and
then, a turned sign always; one odd scan among ten is allowed for."""

SCANS = 2
"""Scanned steps needed: one is no verdict."""

_ERROR_NAMES = (
    "NllLoss NllLoss2D NllLossNd MseLoss L1Loss SmoothL1Loss HuberLoss BinaryCrossEntropy "
    "BinaryCrossEntropyWithLogits CrossEntropyLoss CtcLoss SoftMarginLoss"
)
_ERRORS = frozenset(_ERROR_NAMES.split())
_SHARES = frozenset({"Softmax", "Sigmoid"})
_MEANS = frozenset({"Mean", "Sum"})
_SCALES = frozenset({"Neg", "Mul", "Div"})


def check(case: Case) -> list[Finding]:
    """The finding, if the update or the loss is turned round."""
    if len(case.optimizers) != 1 or _trains_an_input(case):
        return []
    error = _plain_error(case)
    if error is None:
        return []
    return _turned_loss(case, error) or _turned_update(case, error)


def _trains_an_input(case: Case) -> bool:
    """True if no weight of a module is trained although there are modules: DeepDream and such."""
    modules = [p for p in case.parameters.values() if p.in_module]
    return bool(modules) and not any(p.optimizers for p in modules)


def _plain_error(case: Case) -> Place | None:
    """Place of the error of which the latest loss is a constant multiple; None if it is not."""
    for _, chain in reversed(case.chains):
        if chain.backward_pass.accumulates or case.uses_autograd_grad:
            node = _error_node(chain)
            return None if node is None else chain.graph.nodes[node].place
    return None


def _error_node(chain: Chain) -> int | None:
    """The operation that cannot be negative, reached from the loss by one way of constants only."""
    graph = chain.graph
    following = targets(graph)
    node, means, picked = 0, False, False
    for _ in graph.nodes:
        name = operation(graph.nodes[node].name)
        scalar = chain.backward_pass.numels[node] <= 1
        if name in _ERRORS:
            given = {operation(graph.nodes[i].name) for i in following[node]}
            positive = not name.startswith("NllLoss") or bool(given & LOGARITHMS)
            return node if positive and (scalar or means) else None
        if name in LOGARITHMS:
            behind = [operation(graph.nodes[i].name) for i in following[node]]
            sure = name != "Log" or any(b in _SHARES for b in behind)
            return node if means and picked and sure else None
        if name == "Sub" and is_log_softmax(graph, following, node):
            return node if means and picked else None
        if name in ("Pow", "Abs"):
            behind = [operation(graph.nodes[i].name) for i in following[node]]
            return node if means and "Sub" in behind else None
        if name in _MEANS:
            means = True
        elif name in ("Index", "Gather", "Select"):
            picked = True
        elif not (name in _SCALES and (scalar or name == "Neg")) and kind_of(name) != "structure":
            return None
        if len(following[node]) != 1:  # a sum or a product of several terms
            return None
        node = following[node][0]
    return None


def _turned_loss(case: Case, error: Place) -> list[Finding]:
    loss, start, end = case.main_loss(), case.loss_start, case.loss_end
    finite = [v for v in loss.values if math.isfinite(v)] if loss is not None else []
    if not finite or not all(v < 0 for v in finite) or not end < start:
        return []
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"what is minimised is the error with a minus: it went to {number(end)}",
            where=error,
            steps=(0, case.last_step),
            evidence={
                "loss_last": Evidence(end, "", 0.0, "an error is never negative", "series loss"),
                "loss_change": Evidence(end - start, "", 0.0, "it falls", "series loss"),
                "loss_first": Evidence(start, rows="series loss"),
                "error_growth": Evidence(end / start, "times the first"),
            },
            explanation=(
                f"The loss is a constant times what {error} gives, and nothing is added to it. "
                "Such an error is 0 at best and never negative, yet the number whose gradient was "
                f"taken went from {number(start)} to {number(end)}: it is the error with its sign "
                "turned round. To go down −E is to go up E:\n\n"
                "    θ ← θ − η ∂(−E)/∂θ = θ + η ∂E/∂θ\n\n"
                f"so with each step the model is made worse: its error went from "
                f"{number(abs(start))} to {number(abs(end))}, and there is no end to it."
            ),
            remedies=(
                Remedy(
                    "take the minus out of the loss, or put the one in that is missing: a negative "
                    "log-likelihood is −log p",
                    "a step of descent then lowers the error",
                ),
                Remedy(
                    "if the error is to grow, as in an attack, add a term that bounds it",
                    "it has no maximum",
                ),
            ),
        )
    ]


def _turned_update(case: Case, error: Place) -> list[Finding]:
    start, end = case.loss_start, case.loss_end
    scans = [s for s in case.step_scans if s.update_norm > 0 and math.isfinite(s.promised)]
    uphill = [s for s in scans if s.promised > 0]
    maximize = bool(case.optimizers[0].hyperparameters.get("maximize"))
    share = len(uphill) / len(scans) if scans else math.nan
    turned = len(uphill) >= SCANS and share >= UPHILL
    if not start >= 0 or not (turned or (maximize and len(scans) < SCANS)):
        return []
    if not (end > start or case.broke_at is not None):
        return []
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"steps go up the gradient: the loss rose from {number(start)} to {number(end)}",
            where=error,
            steps=(0, case.last_step),
            evidence={
                "steps_uphill": Evidence(
                    share, "of the scanned steps", UPHILL, "a turned sign is turned always"
                ),
                "promised_change": Evidence(
                    middle(s.promised for s in scans), "", 0.0, "descent promises a fall"
                ),
                "loss_change": Evidence(end - start, "", 0.0, "it rises", "series loss"),
                "loss_first": Evidence(start, rows="series loss"),
                "loss_last": Evidence(end, rows="series loss"),
                "maximize": Evidence(float(maximize), "(1: set on the optimizer)"),
            },
            explanation=_of_update(uphill, scans, start, end, maximize=maximize),
            remedies=(
                Remedy(
                    "take maximize=True off the optimizer"
                    if maximize
                    else "turn the sign of the update: w -= lr * w.grad",
                    "the loss is an error, and is to become small",
                ),
            ),
        )
    ]


def _of_update(
    uphill: list[StepScan], scans: list[StepScan], start: float, end: float, *, maximize: bool
) -> str:
    seen = (
        f"On {len(uphill)} of {plural(len(scans), 'scanned step')} the step that was made, Δθ, "
        f"points up the gradient (∇L·Δθ is {number(middle(s.promised for s in scans))} in the "
        "median; descent makes it negative)."
        if scans
        else "No step could be replayed."
    )
    flag = " The optimizer was made with maximize=True." if maximize else ""
    return (
        f"{seen}{flag} Descent takes away a share of the gradient, and here it is added:\n\n"
        "    θ ← θ + η ∂L/∂θ,   so L changes by ∇L·Δθ = +η‖∇L‖² a step\n\n"
        f"The loss, an error that should fall, went from {number(start)} to {number(end)}."
    )
