"""Losses that take logarithms of probabilities, given the probabilities or raw scores.

`nll_loss` picks −input of the right class and nothing more: it is a likelihood only if the input
is a logarithm. `kl_div` takes the logarithm of its first argument for granted, too.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, Place, Remedy

from .calls import calls_of
from .head import Head, heads
from .misuse import Misuse, graded

ABOVE_ZERO = 1e-4
"""A logarithm of a probability is at most 0; rounding in half precision stays below this."""

LIKELY = 0.5
"""Mean probability of the right class: below it the classes are mostly guessed wrong."""

_LOSSES = frozenset({"NllLoss", "NllLoss2D", "NllLossNd", "KlDiv"})
_LOGARITHMS = frozenset({"LogSoftmax", "Log", "LogSigmoid", "Log2", "Log10", "Log1P", "Logsumexp"})
_SHARES = frozenset({"Softmax", "Sigmoid"})
_FUNCTIONS = ("nll_loss", "nll_loss_nd", "nll_loss2d", "kl_div")


def unlogged(case: Case) -> list[Misuse]:
    """The mistake, for each loss that is given what is no logarithm of probabilities."""
    found: dict[str, Misuse] = {}
    for head in heads(case):
        for node in head.nodes:
            if head.name(node) in _LOSSES and not _has_logarithm(head, node):
                inwards = head.inwards(node)
                shares = bool(inwards) and head.name(inwards[0]) in _SHARES
                largest = _largest(case, head.name(node), head.place(node))
                if largest > ABOVE_ZERO or (math.isnan(largest) and _below_zero(case)) or shares:
                    place = head.place(inwards[0] if inwards else node)
                    found.setdefault(str(place), _misuse(case, head, node, shares, largest))
    return list(found.values())


def _has_logarithm(head: Head, node: int) -> bool:
    """True if a logarithm lies between the loss and the layer, on any way."""
    waiting, met = list(head.targets(node)), set[int]()
    while waiting:
        at = waiting.pop()
        if at in met or head.is_layer(at):
            continue
        met.add(at)
        if head.name(at) in _LOGARITHMS:
            return True
        waiting += head.targets(at)
    return False


def _largest(case: Case, name: str, place: Place) -> float:
    """The largest element that the loss was given; NaN if it was not seen."""
    wanted = "kl_div" if name == "KlDiv" else "nll_loss"
    calls = [c for c in calls_of(case, *_FUNCTIONS) if c.function.startswith(wanted)]
    calls = [c for c in calls if c.place.source == place.source] or calls
    return max((c.prediction.maximum for c in calls), default=math.nan)


def _below_zero(case: Case) -> bool:
    """True if the loss was negative, which no negative logarithm of a probability is."""
    loss = case.main_loss()
    return loss is not None and any(v < -ABOVE_ZERO for v in loss.values)


def _misuse(case: Case, head: Head, node: int, shares: bool, largest: float) -> Misuse:
    inwards = head.inwards(node)
    start, end = case.loss_start, case.loss_end
    loss, made = head.place(node), head.place(inwards[0] if inwards else node)
    evidence = {
        "loss_last": Evidence(end, "", 0.0, "−ln p of a probability is never negative", "loss"),
        "loss_first": Evidence(start, rows="series loss"),
    }
    if math.isfinite(largest):
        evidence["largest_input"] = Evidence(
            largest, "", ABOVE_ZERO, "a logarithm of a probability is at most 0"
        )
    given = "probabilities" if shares else "raw scores"
    lowest = -1.0 if shares else -math.inf
    evidence["lowest_possible_loss"] = Evidence(lowest, "", 0.0, "of log-probabilities: 0")
    return Misuse(
        severity="error" if not shares or -end < LIKELY else graded(case),
        title=f"a loss of log-probabilities is given {given}: it ends at {number(end)}",
        where=made,
        first_step=case.chains[0][0],
        evidence=evidence,
        explanation=(
            f"{loss} takes the mean of −(its input) at the right class, and counts on the input "
            f"being ln p. Here it is the output of {made}, without a logarithm, so what is "
            "minimised is\n\n"
            + (
                "    L = −p_y   and   ∂L/∂p_y = −1,   in place of   L = −ln p_y,   −1/p_y\n\n"
                "An example that is still wrong, with p near 0, pulls no harder than one that is "
                "right; multiplied by the softmax's own derivative p(1 − p) hardly anything is "
                f"left of it. The loss went from {number(start)} to {number(end)}"
                + (
                    f": the right class has a probability of {number(-end)} on average."
                    if 0 <= -end <= 1
                    else "."
                )
                if shares
                else "    L = −z_y   and   ∂L/∂z_y = −1,   ∂L/∂z_j = 0 for all others\n\n"
                "Nothing holds the scores together: the loss falls for ever if all scores grow, "
                f"and no class is told from another. It went from {number(start)} to "
                f"{number(end)}, and nothing is learned by it."
            )
        ),
        remedies=(
            Remedy(
                "give cross_entropy the layer's output itself, without the softmax"
                if shares
                else "use cross_entropy, or put log_softmax before the loss",
                "it takes the log-softmax and the negative log-likelihood in one, without overflow",
                "PyTorch documentation of nll_loss: input, log-probabilities of each class",
            ),
            Remedy(
                "or take log_softmax in place of softmax",
                "then the input is what nll_loss counts on",
            ),
        )[: 2 if shares else 1],
    )
