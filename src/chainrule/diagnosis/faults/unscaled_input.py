"""Unscaled input.

What it is
    Inputs, or targets, whose size or spread does not suit the initial weights and the learning
    rate: some features outweigh all others, or all are so large that the first layer is driven
    to its ends.

Why it happens
    Columns in their own units (grams beside years), pixels from 0 to 255, numbers of characters
    taken for numbers, prices as targets.

How it is found
    Of what the first layers were given: its RMS (`input_rms`, threshold 10: PyTorch's initial
    weights make of it z with an RMS of 10/√3, where σ′ is below a twentieth of its largest), the
    largest standard deviation of a feature over the median one (`spread_of_features`, threshold
    10: ∂²L/∂W² grows with its square, LeCun et al. 1998, section 5), and the RMS over the root of
    the mean variance (`offset`, threshold 10). Any of them may be harmless. So, besides, the run
    must not have learned: the loss at the end is above half of that of a constant answer
    (`loss_over_constant`, threshold 0.5; ln K for K classes, the variance of the targets for a
    squared error), or it became non-finite, or the first activation is saturated (most of its
    derivatives below a twentieth) and the loss above a tenth of it. Inputs that are all small
    (`input_rms` below 0.1) count only if longer steps would be better, too (`best_multiple` of at
    least 16 on half of the late scans).

    Targets are told if their RMS is 10 or more (`target_rms`) and ten times that of the first
    predictions, and the model ends worse than the mean of the targets (`missed`, threshold 1), or
    with numbers that are not finite.

    It explains saturated and dead units behind the first layer, learning rates that seem too high
    or too low, vanished gradients, plateaus and overflows.

Example that has it
    The columns of scikit-learn's wine data as they are, given to a small network.

Example that has not
    `examples/healthy_mlp_digits.py`, pixels between 0 and 1. One-hot vectors; embeddings; data of
    any size that the network learns all the same.

Remedies
    Standardise: subtract each feature's mean and divide by its standard deviation, both from the
    training data.

Known limits
    Only what is given to a layer before any trained operation is seen, on captured steps. A task
    that nothing can learn looks like one that the scale prevents, if the scale is bad as well.

    The condition κ of E[xxᵀ] is in the run file, and neither decides nor is shown. Digits between
    0 and 1, which a small network learns in 400 steps, have κ = 4·10⁵, for some pixels are hardly
    ever used, and what is flat need not be needed. And of a batch with fewer examples than
    features it is that of the directions which the batch happens to show: 1·10³ of the wine
    data as they are, where the ratio of two variances alone is 2·10⁵. So what is compared is the
    largest feature with the median one, which half of the features are no better than.

References
    LeCun, Bottou, Orr, Müller (1998), Efficient BackProp; Boyd and Vandenberghe (2004), Convex
    Optimization, section 9.3: at the largest rate that one direction bears, the error of another,
    with a curvature c times smaller, falls by 1 − 1/c a step.
"""

import math
from dataclasses import dataclass

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.constant_prediction import ConstantPrediction, constant_prediction
from chainrule.diagnosis.losses.calls import mean_square
from chainrule.diagnosis.reach import nearest_parameters
from chainrule.diagnosis.wording import count, number, percent
from chainrule.records import Evidence, Finding, LayerCall, LossCall, Remedy

NAME = "unscaled-input"
SUMMARY = "Inputs or targets whose scale does not suit the weights and the learning rate."

LARGE = 10.0
"""RMS from which z = Wx of PyTorch's initial weights (RMS(x)/√3) is where sigmoid and tanh are
flat: at |z| = 5.8 a sigmoid's derivative is 1/80 of its largest."""

SMALL = 0.1
"""RMS below which the gradient of the weights, which is proportional to x, is a tenth of usual."""

UNEVEN = 10.0
"""Largest over median standard deviation of a feature: its weight's curvature is 100 times that of
the others, and so is the learning rate that the others would need."""

OFFSET = 10.0
"""RMS over standard deviation: 99 % of E[xxᵀ] is then one direction that tells nothing apart."""

NOT_LEARNED = 0.5
"""Loss at the end over that of a constant answer: less than half of what can be gained."""

NOTHING_LEARNED = 0.9
"""The same from which it is an error: not a tenth gained, as for `cannot-tell`."""

SATURATED = 0.5
"""Share of small derivatives in the first activation: most of the layer."""

SATURATED_AND_HIGH = 0.1
"""Loss over that of a constant answer below which saturation has done no harm."""

MUCH_LONGER = 16.0
"""Best multiple from which a step was too short, as for `learning-rate-too-low`."""

WORSE_THAN_MEAN = 1.0
"""Mean square of what is missed over the variance of the targets: the mean has 1."""

_LOOKED_UP = frozenset({"embedding", "embedding_bag"})


@dataclass(frozen=True, slots=True)
class _Effect:
    words: str
    evidence: dict[str, Evidence]


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    if not case.forward_passes:
        return []
    constant = constant_prediction(case)
    inputs = _inputs(case, constant)
    targets = _targets(case)
    return [found for found in (inputs, targets) if found is not None]


def _inputs(case: Case, constant: ConstantPrediction | None) -> Finding | None:
    for call in _first_layers(case):
        reasons, evidence = _bad_scale(call)
        if not reasons:
            continue
        effect = _effect(case, call, constant, only_small=call.given.rms < SMALL)
        if effect is not None:
            return _of_inputs(case, call, reasons, evidence, effect)
    return None


def _first_layers(case: Case) -> list[LayerCall]:
    """The latest call of each layer that was given data."""
    calls = {
        c.parameter: c
        for f in case.forward_passes
        for c in f.layers
        if c.scales is not None and c.function not in _LOOKED_UP
    }
    return list(calls.values())


def _bad_scale(call: LayerCall) -> tuple[list[str], dict[str, Evidence]]:
    """What is wrong with the scale of a layer's data, in words and in numbers."""
    given, scales = call.given, call.scales
    assert scales is not None
    uneven = scales.largest_std / scales.median_std if scales.median_std > 0 else math.nan
    reasons = []
    if given.rms >= LARGE:
        reasons.append(f"its values have an RMS of {number(given.rms)}")
    if given.rms < SMALL and not given.integral:
        reasons.append(f"its values have an RMS of only {number(given.rms)}")
    if uneven >= UNEVEN:
        reasons.append(
            f"the standard deviation of its features is {number(scales.median_std)} (median) and "
            f"up to {number(scales.largest_std)}"
        )
    if scales.rms_over_std >= OFFSET:
        reasons.append(
            f"it lies {number(scales.rms_over_std)} times as far from 0 as it is spread out"
        )
    evidence = {
        "input_rms": Evidence(given.rms, "", LARGE, "z of the first layer has RMS/√3"),
        "spread_of_features": Evidence(
            uneven, "largest over median", UNEVEN, "curvature grows with its square"
        ),
        "offset": Evidence(scales.rms_over_std, "RMS over standard deviation", OFFSET),
        "features": Evidence(float(scales.features), "features"),
        "first_layer_rms": Evidence(call.made.rms, "of z"),
    }
    return reasons, evidence


def _effect(
    case: Case, call: LayerCall, constant: ConstantPrediction | None, *, only_small: bool
) -> _Effect | None:
    """What the scale did to the run; None if it learned."""
    if case.broke_at is not None and not only_small:
        return _Effect(
            f"The loss is not finite from step {case.broke_at} on.",
            {"first_step_not_finite": Evidence(float(case.broke_at), "step")},
        )
    reference = constant.loss if constant is not None else case.loss_start
    words = constant.words if constant is not None else "the untrained model"
    if not reference > 0:
        return None
    share = case.loss_end / reference
    evidence = {
        "loss_over_constant": Evidence(share, "", NOT_LEARNED, f"of {words}"),
        "loss_of_constant": Evidence(reference),
    }
    text = (
        f"The loss ended at {number(case.loss_end)}; {words} "
        f"{'has' if constant is not None else 'had'} {number(reference)}."
    )
    if only_small:
        late = case.step_scans[len(case.step_scans) // 2 :]
        longer = [min(s.best_on_each) for s in late if s.other_losses]
        if not middle(longer) >= MUCH_LONGER or not share > NOT_LEARNED:
            return None
        evidence["best_multiple"] = Evidence(
            middle(longer), "of the step made", MUCH_LONGER, "", "step_scan"
        )
        return _Effect(
            f"{text} Steps {number(middle(longer))} times as long would have been the best.",
            evidence,
        )
    flat = _saturated(case, call.parameter)
    if flat >= SATURATED and share > SATURATED_AND_HIGH:
        evidence["small_derivatives"] = Evidence(
            flat, "of the first activation", SATURATED, "most of the layer"
        )
        text += f" {percent(flat)} of the derivatives of the first activation were nearly 0."
    elif not share > NOT_LEARNED:
        return None
    return _Effect(text, evidence)


def _saturated(case: Case, parameter: int) -> float:
    """Median share of small derivatives of the activation behind a layer; NaN if it has none."""
    shares = [
        a.small_fraction
        for step, chain in case.chains
        if step in case.late_steps
        for a in chain.backward_pass.activations
        if chain.graph.nodes[a.node].place.operation in ("Sigmoid", "Tanh", "Hardtanh", "Softsign")
        and parameter in nearest_parameters(chain.graph, a.node)
    ]
    return middle(shares)


def _of_inputs(
    case: Case,
    call: LayerCall,
    reasons: list[str],
    evidence: dict[str, Evidence],
    effect: _Effect,
) -> Finding:
    return Finding(
        fault=NAME,
        severity="error" if _severe(case, effect) else "warning",
        title=f"the input of the first layer is not scaled: {reasons[0].removeprefix('its ')}",
        where=call.place,
        steps=(case.forward_passes[0].step, case.last_step),
        evidence=evidence
        | effect.evidence
        | {"steps": Evidence(float(case.run.steps), "steps, beside that ratio")}
        | _losses(case),
        explanation=(
            f"{call.place} was given the data as they are: {'; '.join(reasons)}. What its weights "
            "learn from is their product with the data:\n\n"
            "    z = Wx + b,   ∂L/∂W = ∂L/∂z · xᵀ,   ∂²L/∂W² = ∂²L/∂z² · E[xxᵀ]\n\n"
            "A feature that is c times as large has a gradient c times and a curvature c² times as "
            "large: the learning rate that suits it is c² times too small for the others, and the "
            f"one that suits them throws it about. {_bends(case, evidence)}"
            f"The sums z had an RMS of {number(call.made.rms)}. {effect.words}"
        ),
        remedies=(
            Remedy(
                "subtract the mean of each feature and divide by its standard deviation",
                "then all have size 1, and one learning rate suits them all; use the training "
                "data's numbers for the other data, too",
                "LeCun et al. (1998), Efficient BackProp, section 4.3",
            ),
            Remedy(
                "or put a BatchNorm1d before the first layer",
                "it does the same with the statistics of the batch",
            ),
        ),
    )


def _bends(case: Case, evidence: dict[str, Evidence]) -> str:
    """How much more one direction bends the loss than another, where that is what is wrong."""
    uneven, offset = evidence["spread_of_features"].value, evidence["offset"].value
    if uneven >= UNEVEN:
        one, other, ratio = "the largest feature", "the median one", uneven**2
    elif offset >= OFFSET:
        one, other, ratio = "the mean of the data", "what varies about it", offset**2
    else:
        return ""
    return (
        f"Here {one} bends the loss {count(ratio)} times as much as {other}: at a rate that suits "
        "the one, descent takes about as many steps along the other, and this run had "
        f"{count(case.run.steps)}. "
    )


def _severe(case: Case, effect: _Effect) -> bool:
    share = effect.evidence.get("loss_over_constant")
    return case.broke_at is not None or share is None or not share.value < NOTHING_LEARNED


def _losses(case: Case) -> dict[str, Evidence]:
    return {
        "loss_first": Evidence(case.loss_start, rows="series loss"),
        "loss_last": Evidence(case.loss_end, rows="series loss"),
    }


def _targets(case: Case) -> Finding | None:
    """Targets that are far from where predictions begin, and were not reached."""
    calls = [
        (f.step, c)
        for f in case.forward_passes
        for c in f.losses
        if c.target is not None and not c.after and mean_square(c) is not None
    ]
    if not calls:
        return None
    (_, first), (_, last) = calls[0], calls[-1]
    target = last.target
    assert target is not None
    variance = target.rms**2 - target.mean**2
    missed = (mean_square(last) or 0.0) / variance if variance > 0 else math.nan
    at_end = _at_end(case, last, variance)
    missed = at_end if math.isfinite(at_end) else missed
    far = target.rms >= LARGE and target.rms >= LARGE * first.prediction.rms
    if not far or not (missed > WORSE_THAN_MEAN or case.broke_at is not None):
        return None
    return _of_targets(case, first, last, missed)


def _at_end(case: Case, call: LossCall, variance: float) -> float:
    """The loss at the end over the variance, if the loss is this mean square."""
    square, loss = mean_square(call), case.main_loss()
    if square is None or loss is None or not variance > 0 or case.broke_at is not None:
        return math.nan
    same = any(abs(v - square) <= 0.02 * square for v in loss.values)
    return case.loss_end / variance if same else math.nan


def _of_targets(case: Case, first: LossCall, last: LossCall, missed: float) -> Finding:
    target = last.target
    assert target is not None
    broke = (
        "" if case.broke_at is None else f" The loss is not finite from step {case.broke_at} on."
    )
    return Finding(
        fault=NAME,
        severity="error",
        title=f"targets with an RMS of {number(target.rms)} for a model that begins near 0",
        where=last.place,
        steps=(case.forward_passes[0].step, case.last_step),
        evidence={
            "target_rms": Evidence(target.rms, "", LARGE, "ten times what a new model gives"),
            "target_mean": Evidence(target.mean),
            "first_prediction_rms": Evidence(first.prediction.rms),
            "missed": Evidence(
                missed, "of the targets' variance", WORSE_THAN_MEAN, "their mean would miss 1"
            ),
            **_losses(case),
        },
        explanation=(
            f"The targets at {last.place} lie between {number(target.minimum)} and "
            f"{number(target.maximum)} (mean {number(target.mean)}), and the first predictions had "
            f"an RMS of {number(first.prediction.rms)}. The gradient of a squared error is "
            "proportional to the distance:\n\n"
            f"    ∂L/∂f = 2 (f − y),   here about {number(2 * target.rms)} at the start\n\n"
            "so either the steps are thrown about by it, or, cut to size by the learning rate or "
            "the optimizer, they need the run to come near: the weights must grow to make outputs "
            f"of that size. At the end the model missed {number(missed)} times the variance of "
            f"the targets; their mean alone misses 1.{broke}"
        ),
        remedies=(
            Remedy(
                "standardise the targets: subtract their mean, divide by their standard deviation",
                "and undo it on predictions; then the first error has size 1",
            ),
            Remedy(
                "or set the last bias to the mean of the targets before training",
                f"then it need not come from 0 to {number(target.mean)} step by step",
            ),
        ),
    )
