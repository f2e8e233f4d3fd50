"""SageMaker Debugger's built-in rules, by the defaults of its documentation (the code is closed).

What stands for what a run file does not hold: the root mean square of a gradient for its mean
absolute value; units silent on every example for units active on less than 1 % of them. The loss
is compared as means of twentieths of the run, ten apart, which is milder than single batches.
The rule on saturated activations is left out (it asks for inputs beyond 9.5, which are not recorded
apart), and so are those on data, trees and validation losses.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.store import RunReader

from .symptom import Verdict, broke, checked, epoch_losses, kernels, verdict

VANISHED = 1e-7  # mean |∂L/∂w|
INACTIVE = 0.5  # share of a layer's units that are hardly ever active
UPDATE = (1e-8, 10.0)  # ‖Δw‖ / ‖w‖
VARIANCE_RATIO = 10.0  # of the weights of two layers, at the beginning
UNCHANGED = 3  # checks
LOSS_FALLS = 0.001  # share, between two means ten apart
APART = 10

MEANING = {
    "VanishingGradient": ("vanishing-gradient",),
    "ExplodingTensor": ("exploding-gradient", "non-finite"),
    "DeadRelu": ("dead-units",),
    "WeightUpdateRatio, high": ("learning-rate-too-high",),
    "WeightUpdateRatio, low": ("learning-rate-too-low", "vanishing-gradient"),
    "PoorWeightInitialization": ("badly-scaled-initialization",),
    "UnchangedTensor": ("not-optimized", "no-gradient"),
    "AllZero": ("symmetric-initialization",),
    "LossNotDecreasing": ("plateau", "learning-rate-too-low"),
}


def judge(reader: RunReader, accuracy: float | None) -> Verdict:
    """What the built-in rules would say of the run; the accuracy is not asked for."""
    case = Case(reader)
    symptoms = ["ExplodingTensor"] if broke(case) else []
    checks, layers = checked(case), kernels(case)
    for i in layers:
        root = math.sqrt(case.parameters[i].numel or 1)
        seen = [check[i] for check in checks if i in check]
        for p in seen:
            if p.gradient_norm is not None and p.gradient_norm / root < VANISHED:
                symptoms.append("VanishingGradient")
            if p.weight_norm == 0:
                symptoms.append("AllZero")
            elif p.update_ratio > UPDATE[1]:
                symptoms.append("WeightUpdateRatio, high")
            elif p.update_ratio < UPDATE[0]:
                symptoms.append("WeightUpdateRatio, low")
        if len(seen) >= UNCHANGED and all(p.update_norm == 0 for p in seen[-UNCHANGED:]):
            symptoms.append("UnchangedTensor")
    if _dead(case):
        symptoms.append("DeadRelu")
    if _poor_weights(case, layers):
        symptoms.append("PoorWeightInitialization")
    losses = epoch_losses(case)
    pairs = zip(losses, losses[APART:], strict=False)
    if any(after > before - LOSS_FALLS * abs(before) for before, after in pairs):
        symptoms.append("LossNotDecreasing")
    return verdict(symptoms, MEANING)


def _dead(case: Case) -> bool:
    if not case.chains:
        return False
    chain = case.chains[-1][1]
    return any(
        a.units
        and chain.graph.nodes[a.node].place.operation == "Relu"
        and int.from_bytes(a.dead_mask, "big").bit_count() > INACTIVE * a.units
        for a in chain.backward_pass.activations
    )


def _poor_weights(case: Case, layers: list[int]) -> bool:
    first = checked(case)[:1]
    variances = [
        check[i].weight_norm ** 2 / (case.parameters[i].numel or 1)
        for check in first
        for i in layers
        if i in check
    ]
    return bool(variances) and max(variances) > VARIANCE_RATIO * min(variances)
