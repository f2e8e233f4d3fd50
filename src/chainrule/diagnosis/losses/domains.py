"""What each loss of `torch.nn.functional` takes, and what one was given that lies outside of it.

PyTorch checks some of what it documents: probabilities given to `binary_cross_entropy`, the
classes of `cross_entropy`, `nll_loss` and `multi_margin_loss`, the variance of `gaussian_nll_loss`.
`mse_loss`, `l1_loss`, `huber_loss` and `smooth_l1_loss` take any numbers, and `triplet_margin_loss`
has no labels. The others compute something of any numbers; what they are to be given stands in
`_DOMAINS`. (`nll_loss` is known by its graph as well: `unlogged_probabilities`.)
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import number, percent
from chainrule.records import Evidence, LossCall, Remedy

from .calls import calls_of
from .head import heads
from .misuse import Misuse, graded

SLACK = 0.01
"""How far a target may lie outside of what a loss takes: rounding and label smoothing."""

ROUNDING = 1e-3
"""How far sums of probabilities may be from 1, and logarithms above 0: half precision."""

_LOGARITHMS = frozenset({"LogSoftmax", "Log", "LogSigmoid", "Log2", "Log10", "Log1P", "Logsumexp"})
_SHARES = frozenset({"Softmax", "Sigmoid"})
_NEVER_NEGATIVE = frozenset({"Softplus", "Exp", "Relu", "Sigmoid", "Softmax"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """What a call was given that its loss does not take.

    Attributes:
        given: In words, for `… is given …`.
        takes: What it takes, in words.
        evidence: The numbers that show it.
        why: What comes of it: sentences and a formula.
        remedies: Best first.
        hopeless: False if a run may learn in spite of it.
    """

    given: str
    takes: str
    evidence: Mapping[str, Evidence]
    why: str
    remedies: tuple[Remedy, ...]
    hopeless: bool = True


_Check = Callable[[Case, LossCall], _Outside | None]


def domains(case: Case) -> list[Misuse]:
    """Calls of losses with what they do not take: one finding for each place."""
    found: dict[str, Misuse] = {}
    for call in calls_of(case, *_DOMAINS):
        outside = _DOMAINS[call.function](case, call)
        if outside is not None:
            found.setdefault(str(call.place.source), _misuse(case, call, outside))
    return list(found.values())


def _misuse(case: Case, call: LossCall, outside: _Outside) -> Misuse:
    start, end = case.loss_start, case.loss_end
    return Misuse(
        severity="error" if outside.hopeless else graded(case),
        title=f"{call.function} is given {outside.given}, where it takes {outside.takes}",
        where=call.place,
        first_step=case.forward_passes[0].step,
        evidence=dict(outside.evidence)
        | {
            "loss_first": Evidence(start, rows="series loss"),
            "loss_last": Evidence(end, rows="series loss"),
        },
        explanation=f"{outside.why} The loss went from {number(start)} to {number(end)}.",
        remedies=outside.remedies,
    )


# ---- inputs -----------------------------------------------------------------------------------


def _log_probabilities_of_divergence(case: Case, call: LossCall) -> _Outside | None:
    """`kl_div` multiplies the target with its input, which is to be a logarithm.

    Of a divergence the other way round the weights are behind the target, and what they are
    compared with is the logarithm: negative.
    """
    target = call.target
    if target is None or not target.minimum >= 0:
        return None
    shares = _are_probabilities(call)
    if not shares and not (_are_scores(call) and call.made.mean < 0):
        return None
    q = "q" if shares else "z"
    instead = "in place of −p_j/q_j" if shares else "whatever the scores are"
    return _Outside(
        given="probabilities" if shares else "raw scores",
        takes="their logarithms" if shares else "logarithms of probabilities",
        evidence=_largest_input(call)
        | {"lowest_divergence": Evidence(0.0, "", None, "no divergence of distributions is below")},
        why=(
            f"{call.place} computes, of a target p and an input x that is to be ln q,\n\n"
            "    L = Σ_j p_j (ln p_j − x_j)\n\n"
            f"With {q} itself in place of ln q it is a straight line in {q}:  ∂L/∂{q}_j = −p_j, "
            f"{instead}. It is not lowest where q = p: "
            + (
                "all of q goes to the one class with the largest p, and the other shares of the "
                "target are lost."
                if shares
                else "the scores grow without end, and the loss falls below 0 without bound."
            )
        ),
        remedies=(
            Remedy(
                "give it log_softmax(scores), not softmax" if shares else "give it log_softmax",
                "then it is the divergence of two distributions, and 0 where they are equal",
                "PyTorch documentation of kl_div: input, in the log-space",
            ),
        ),
        hopeless=not shares,
    )


def _log_probabilities_of_paths(case: Case, call: LossCall) -> _Outside | None:
    """`ctc_loss` adds the logarithms of probabilities along each alignment."""
    shares = _are_probabilities(call)
    if not shares and not _are_scores(call):
        return None
    return _Outside(
        given="probabilities" if shares else "raw scores",
        takes="their logarithms" if shares else "logarithms of probabilities",
        evidence=_largest_input(call),
        why=(
            f"{call.place} adds up the inputs x along each alignment of the target, and x is to be "
            "ln p. Its derivative counts on that, too: it is made as if every row of exp x added "
            "up to 1,\n\n    ∂L/∂x_tk = exp x_tk − (share of the alignments that pass k at time t)"
            "\n\nso what is stepped along is the gradient of another function than the one whose "
            "value is shown."
        ),
        remedies=(
            Remedy(
                "give it log_softmax(scores, dim=-1)",
                "then every row of exp x adds up to 1",
                "PyTorch documentation of ctc_loss: log_probs, obtained with log_softmax",
            ),
        ),
    )


def _are_probabilities(call: LossCall) -> bool:
    """Numbers from 0 to 1 that add up to 1, or that come out of a softmax or a sigmoid."""
    given = call.prediction
    if not (given.minimum >= 0 and given.maximum <= 1 + ROUNDING and given.maximum > 0):
        return False
    add_up = all(abs(total - 1) < ROUNDING for total in given.sum_last)
    return add_up or bool(call.after and call.after[0] in _SHARES)


def _are_scores(call: LossCall) -> bool:
    """No logarithms of probabilities: some above 0, and no logarithm was taken on the way."""
    return call.prediction.maximum > ROUNDING and not _LOGARITHMS.intersection(call.after)


def _largest_input(call: LossCall) -> dict[str, Evidence]:
    given = call.prediction
    return {
        "largest_input": Evidence(
            given.maximum, "", ROUNDING, "a logarithm of a probability is at most 0"
        ),
        "smallest_input": Evidence(given.minimum),
    }


# ---- targets ----------------------------------------------------------------------------------


def _shares_of_two(case: Case, call: LossCall) -> _Outside | None:
    """Targets of a binary cross entropy that are no probabilities: it has no lower bound then."""
    target = call.target
    if target is None or (target.minimum >= -SLACK and target.maximum <= 1 + SLACK):
        return None
    low = target.minimum < -SLACK
    value = target.minimum if low else target.maximum
    return _Outside(
        given=f"targets of {number(value)}",
        takes="probabilities",
        evidence={
            "smallest_target": Evidence(target.minimum, "", 0.0, "a probability"),
            "largest_target": Evidence(target.maximum, "", 1.0, "a probability"),
            **_NO_BOUND,
        },
        why=(
            f"The loss at {call.place} is\n\n"
            "    L = −y·ln σ(z) − (1 − y)·ln(1 − σ(z)),   ∂L/∂z = σ(z) − y\n\n"
            f"and y is to be a probability. With y = {number(value)} the derivative never "
            "becomes 0, for σ(z) lies between 0 and 1: the score is driven "
            f"{'down' if low else 'up'} without end and the loss below 0 without bound."
        ),
        remedies=(
            Remedy(
                "map the targets to 0 and 1"
                + (": y = (y + 1) / 2 for labels of −1 and 1" if value == -1 else ""),
                "then the loss is lowest where σ(z) = y",
            ),
            Remedy(
                "for targets that are no probabilities, take a squared error",
                "it is lowest at the target, whatever that is",
            ),
        ),
    )


def _shares_of_classes(case: Case, call: LossCall) -> _Outside | None:
    """Negative targets of a cross entropy, each row full of them: signs, or somebody's scores.

    A policy gradient may be written as a cross entropy whose target is one class times an
    advantage: then all of the smallest row but one is 0, and its sum is its smallest element.
    """
    target = call.target
    if target is None or target.shape != call.prediction.shape or target.minimum >= -SLACK:
        return None
    one_a_row = math.isclose(target.sum_last[0], target.minimum, rel_tol=ROUNDING)
    signs = target.integral and math.isclose(target.rms, 1.0, rel_tol=ROUNDING)
    if (one_a_row and not signs) or not call.made.mean < 0 or math.isnan(target.sum_last[0]):
        return None
    return _Outside(
        given=f"targets down to {number(target.minimum)}",
        takes="classes, or a probability for each",
        evidence={"smallest_target": Evidence(target.minimum, "", 0.0, "a probability")}
        | _NO_BOUND,
        why=(
            f"The loss at {call.place} is\n\n"
            "    L = −Σ_j y_j ln p_j,   ∂L/∂z_j = (Σ_k y_k)·p_j − y_j\n\n"
            f"With y_j = {number(target.minimum)} it falls without bound as p_j goes to 0, below 0 "
            "and on, whether or not the other classes are right."
        ),
        remedies=(
            Remedy(
                "give it the class of each example, or the softmax of the target's scores",
                "then it is lowest where p = y",
                "PyTorch documentation of cross_entropy: target, class indices or probabilities",
            ),
        ),
    )


def _counts(case: Case, call: LossCall) -> _Outside | None:
    """Counts below 0 for a Poisson likelihood, or a logarithm of its rate that never is."""
    target = call.target
    if target is None:
        return None
    if target.minimum < -SLACK:
        return _Outside(
            given=f"targets of {number(target.minimum)}",
            takes="counts",
            evidence={"smallest_target": Evidence(target.minimum, "", 0.0, "a count")} | _NO_BOUND,
            why=(
                f"The loss at {call.place} is, of a rate λ = exp z,\n\n"
                "    L = λ − y·ln λ,   ∂L/∂z = λ − y\n\n"
                f"With y = {number(target.minimum)} the derivative is positive for every rate: "
                "ln λ falls without end, and the loss below 0 without bound."
            ),
            remedies=(
                Remedy(
                    "give it the counts as they are, not standardised or as differences",
                    "they are never negative; for numbers that are, take gaussian_nll_loss",
                ),
            ),
        )
    if not (call.after and call.after[0] in _NEVER_NEGATIVE and target.mean < 1):
        return None
    if not _takes_exponential(case, call):
        return None
    return _Outside(
        given=f"the output of a {call.after[0].lower()}",
        takes="the logarithm of a rate",
        evidence={
            "smallest_rate": Evidence(1.0, "", target.mean, "e⁰; the mean of the targets"),
            "mean_target": Evidence(target.mean),
            "smallest_input": Evidence(call.prediction.minimum),
        },
        why=(
            f"The loss at {call.place} takes the exponential of what it is given, λ = exp z, "
            f"unless it is told log_input=False. A {call.after[0].lower()} is never below 0, so "
            f"no rate is below e⁰ = 1, and the targets have a mean of {number(target.mean)}."
        ),
        remedies=(
            Remedy(
                f"take the {call.after[0].lower()} off the last layer, or pass log_input=False",
                "then rates below 1 can be told",
                "PyTorch documentation of poisson_nll_loss: log_input",
            ),
        ),
        hopeless=False,
    )


def _takes_exponential(case: Case, call: LossCall) -> bool:
    """True if an exponential was taken, at the line of the loss, of what the network gave."""
    return any(
        head.name(node) == "Exp"
        and head.place(node).source == call.place.source
        and (before := head.before(node)) is not None
        and head.name(before) == call.after[0]
        for head in heads(case)
        for node in head.nodes
    )


def _signs(case: Case, call: LossCall) -> _Outside | None:
    """Labels of 0 and 1 for a loss that multiplies by −1 and 1, or asks which of them it is."""
    target = call.target
    if target is None or target.trained or not target.integral or target.minimum != 0:
        return None
    pairs = call.function == "cosine_embedding_loss"
    if pairs and not (target.maximum > 0 and _is_all_of_the_loss(case)):
        return None  # a mask of the pairs that are to be alike
    zeros = 1 - target.mean / target.maximum if target.maximum > 0 else 1.0
    return _Outside(
        given="labels of 0",
        takes="−1 and 1",
        evidence={
            "smallest_target": Evidence(0.0, "", -1.0, "labels are −1 and 1"),
            "share_of_zeros": Evidence(zeros, "of the targets", 0.0, "none has a gradient"),
        },
        why=(
            (
                f"{call.place} adds 1 − cos for each pair with a label of 1, and what the cosine "
                "is above the margin for each with −1. A pair with 0 is neither:\n\n"
                "    y = 0:   ∂L/∂cos = 0\n\n"
                f"so {percent(zeros)} of the pairs, those that are to be told apart, cost nothing, "
                "and one and the same vector for every example makes the loss 0."
            )
            if pairs
            else (
                f"{call.function} multiplies the score by the label. For a label of 0 that is\n\n"
                "    ∂L/∂z = ∂L/∂(y·z) · y = ∂L/∂(y·z) · 0 = 0\n\n"
                f"so {percent(zeros)} of the examples, one whole class, teach nothing, and the "
                "rest is best told to be ever larger."
            )
        ),
        remedies=(Remedy("use 2·y − 1 as the label", "then 0 becomes −1"),),
    )


def _is_all_of_the_loss(case: Case) -> bool:
    """True if no other loss was seen in the run: nothing else keeps its examples apart."""
    return len({call.function for call in calls_of(case)}) == 1


def _list_of_classes(case: Case, call: LossCall) -> _Outside | None:
    """`multilabel_margin_loss` reads each row as a list of classes that ends at −1.

    A row without −1 lists as many classes as there are; if none is as large as the last class, some
    stand in it twice, as 0 and 1 of a row of zeros and ones do.
    """
    target = call.target
    if target is None or len(target.shape) != 2 or not target.minimum >= 0:
        return None
    classes = target.shape[1]
    if not target.maximum < classes - 1:
        return None
    return _Outside(
        given="zeros and ones" if target.maximum <= 1 else "a row without an end",
        takes="the numbers of the right classes, and −1 behind them",
        evidence={
            "largest_target": Evidence(
                target.maximum, "", float(classes - 1), "the last class, which a full row must have"
            ),
            "smallest_target": Evidence(target.minimum, "", -1.0, "the end of a row"),
        },
        why=(
            f"{call.place} reads the targets of an example as a list: the numbers of its right "
            "classes, ended by −1. Here no row has an end, and its "
            f"{classes} entries are numbers from {number(target.minimum)} to "
            f"{number(target.maximum)}: the same few classes are taken for right in every example."
        ),
        remedies=(
            Remedy(
                "for a 0 or 1 for each class, take multilabel_soft_margin_loss or "
                "binary_cross_entropy_with_logits",
                "they read one number for each class",
                "PyTorch documentation of multilabel_margin_loss: target, padded with −1",
            ),
        ),
    )


_NO_BOUND = {"lowest_possible_loss": Evidence(-math.inf, "", 0.0, "of what it takes: 0")}

_DOMAINS: dict[str, _Check] = {
    "kl_div": _log_probabilities_of_divergence,
    "ctc_loss": _log_probabilities_of_paths,
    "binary_cross_entropy": _shares_of_two,
    "binary_cross_entropy_with_logits": _shares_of_two,
    "cross_entropy_loss": _shares_of_classes,
    "poisson_nll_loss": _counts,
    "hinge_embedding_loss": _signs,
    "soft_margin_loss": _signs,
    "margin_ranking_loss": _signs,
    "cosine_embedding_loss": _signs,
    "multilabel_margin_loss": _list_of_classes,
}
"""By what the arguments of each loss are looked at."""
