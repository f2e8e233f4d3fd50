"""DeepDiagnosis (Wardat et al., ICSE 2022): its symptoms with their published thresholds.

What stands for what a run file does not hold: the root mean square of a gradient for its mean
absolute value (it is a little larger); variance of weights about 0; the share of derivatives that
are 0 for the share of ReLU outputs that are. Of a sigmoid the share recorded is that of inputs
beyond 4.4 where the rule says 5; for tanh the recorded bound (2.2) is too far from the rule's, and
the rule is left out, as is that on accuracies, of which there is no series.
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.store import RunReader

from .symptom import Verdict, broke, checked, epoch_losses, kernels, verdict

DEAD = 0.7  # share of ReLU outputs at or below 0
SATURATED = 0.5  # share of inputs of a sigmoid beyond 5
VANISHED = 1e-7  # mean |∂L/∂w|
SAME = 5  # epochs with the same loss, or checks with the same weights
SPAN = 10.0  # span of the outputs over that of the labels
RATE = (1e-5, 1e-1)  # η ‖∂L/∂w‖ / ‖w‖
VARIANCE = (1e-5, 10.0)  # of a weight
RANGE = 1.0  # largest |x| of a normalised input

MEANING = {
    "dead node": ("dead-units",),
    "saturated activation": ("saturated-units",),
    "numerical error": ("non-finite", "exploding-gradient"),
    "loss not decreasing": ("plateau",),
    "unchanged weight": ("not-optimized", "no-gradient"),
    "vanishing gradient": ("vanishing-gradient",),
    "out of range": ("loss-misuse", "unscaled-input"),
    "learning rate too high": ("learning-rate-too-high",),
    "learning rate too low": ("learning-rate-too-low",),
    "improper data": ("unscaled-input",),
    "weight initialisation": ("badly-scaled-initialization",),
}


def judge(reader: RunReader, accuracy: float | None) -> Verdict:
    """What DeepDiagnosis's callback would say of the run; the accuracy is not asked for."""
    case = Case(reader)
    symptoms = _activations(case) + _weights(case) + _outputs(case)
    if broke(case):
        symptoms.append("numerical error")
    losses = epoch_losses(case)[-SAME:]
    if len(losses) == SAME and len(set(losses)) == 1:
        symptoms.append("loss not decreasing")
    # the tree of causes is entered when there is a symptom
    return verdict(symptoms + _causes(case) if symptoms else [], MEANING)


def _activations(case: Case) -> list[str]:
    if not case.chains:
        return []
    graph, last = case.chains[-1][1].graph, case.chains[-1][1].backward_pass
    found = []
    for a in last.activations:
        name = graph.nodes[a.node].place.operation
        if name == "Relu" and a.zero_fraction >= DEAD:
            found.append("dead node")
        if name == "Sigmoid" and a.small_fraction > SATURATED:
            found.append("saturated activation")
    return found


def _weights(case: Case) -> list[str]:
    found = []
    checks = checked(case)
    for i in kernels(case):
        seen = [check[i] for check in checks if i in check]
        root = math.sqrt(case.parameters[i].numel or 1)
        norms = [p.gradient_norm for p in seen if p.gradient_norm is not None]
        if any(norm == 0 for norm in norms):
            found.append("numerical error")
        if any(norm / root < VANISHED for norm in norms):
            found.append("vanishing gradient")
        late = seen[-SAME:]
        if len(late) == SAME and all(p.update_norm == 0 for p in late):
            found.append("unchanged weight")
    return found


def _outputs(case: Case) -> list[str]:
    last = case.forward_passes[-1].losses if case.forward_passes else ()
    for call in last:
        if call.target is None or call.target.integral or not call.target.shape:
            continue
        labels = call.target.maximum - call.target.minimum
        if call.prediction.maximum - call.prediction.minimum > SPAN * labels:
            return ["out of range"]
    return []


def _causes(case: Case) -> list[str]:
    for forward in case.forward_passes[:1]:
        for layer in forward.layers:
            data = layer.given
            if not data.trained and max(abs(data.minimum), abs(data.maximum)) > RANGE:
                return ["improper data"]
    checks = checked(case)
    for i in kernels(case):
        count = case.parameters[i].numel or 1
        for p in [check[i] for check in checks[-1:] if i in check]:
            if not VARIANCE[0] <= p.weight_norm**2 / count <= VARIANCE[1]:
                return ["weight initialisation"]
    rates = [o.hyperparameters.get("lr") for o in case.optimizers]
    rate = rates[0] if rates and isinstance(rates[0], float) else math.nan
    for i in kernels(case):
        for p in [check[i] for check in checks[-1:] if i in check]:
            ratio = rate * (p.gradient_norm or 0.0) / (p.weight_norm or math.inf)
            if ratio > RATE[1]:
                return ["learning rate too high"]
            if ratio < RATE[0]:
                return ["learning rate too low"]
    return []
