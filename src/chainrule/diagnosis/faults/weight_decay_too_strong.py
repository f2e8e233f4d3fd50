"""Weight decay too strong.

What it is
    The pull of the penalty, λw, is larger than the gradient of the task: weights shrink towards 0
    whatever the data say, and the model answers the same for every input.

Why it happens
    A weight decay of 0.1 or more under SGD or Adam, one that was tuned for AdamW (where it is
    multiplied by the rate), or an L2 term in the loss that nobody compared with the rest. A
    threshold of a proximal step, or a factor below 1, that was not multiplied by the rate.

How it is found
    For every weight matrix the pull of the penalty is measured against that of the task on the
    sampled steps: λ‖w‖ over ‖∂L/∂w‖ where the penalty is added to the gradient, ηλ‖w‖ over the
    whole update where it is decoupled, and the contribution of the penalty's own path over that
    of the others where it is a term of the loss (quantity `pull_of_the_penalty`, median, threshold
    0.5). Weights may be shrunk after the step as well, by a line of the script: then the norm fell
    from one step to the next by more than the update is long, and that much at least is of the
    shrinking; or it fell to exactly 0 by and by and stays there, where no step of the task puts
    all elements of a weight, and from where none has led away. At a minimum of the penalised loss
    the two are in balance, so that alone is no fault. The weights must have shrunk, to half of
    their norm or below (`norm_left`, threshold 0.5), most of the matrices alike (`layers_shrunk`,
    threshold 0.5), and half of the loss of the task is left (`loss_left`, threshold 0.5).

Example that has it
    `Adam(net.parameters(), lr=1e-3, weight_decay=1)` on digits.

Example that has not
    `examples/healthy_decay_digits.py`: its weights are held small and its loss is low.

Remedies
    A weight decay that is smaller by a factor that was measured; AdamW.

Known limits
    By what updates by hand shrink the weights is not told apart from the step, unless they end at
    exactly 0. The weight decay of the first parameter group is taken for all. Where the loss has a
    penalty of its own and its other part is neither a loss function of PyTorch nor a difference of
    prediction and target, the loss includes the penalty.

References
    Parikh and Boyd (2014), Proximal Algorithms, section 4.2: the threshold is ηλ. Krogh and Hertz
    (1991), NeurIPS; Loshchilov and Hutter (2019), arXiv 1711.05101.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.unlearned import Unlearned, unlearned
from chainrule.diagnosis.wording import names, number, percent
from chainrule.records import (
    Evidence,
    Finding,
    ForwardPass,
    LossCall,
    OptimizerOutline,
    Parameter,
    ParameterSample,
    Place,
    Remedy,
    operation,
)

NAME = "weight-decay-too-strong"
SUMMARY = (
    "The penalty on the weights pulls harder than the task: they shrink, and nothing is learned."
)

PULL = 0.5
"""Pull of the penalty over that of the task, the median of the run: where it is less, the task
decides where weights go. In the end of a healthy run it comes near 1, at the minimum."""

SHRUNK = 0.5
"""Norm at the end over norm at the first sample: a healthy fit under weight decay may make weights
a third smaller, and has a low loss."""

MOST_LAYERS = 0.5
"""Share of the weight matrices that must be affected: a network may well let go of one."""

SAMPLES = 3
"""Sampled steps needed: a way from the first to the last, and one between that agrees."""

_DECOUPLED = frozenset({"AdamW", "Lion", "LAMB", "Muon"})
_PENALTIES = frozenset({"Pow", "Mul", "Abs", "Norm", "LinalgVectorNorm", "Sgn", "Dot"})
"""What makes a penalty of a weight: operations that take the weight itself and no input."""


@dataclass(frozen=True, slots=True)
class _Pulled:
    parameter: Parameter
    pull: float
    left: float
    norms: tuple[float, float]
    afterwards: bool


def check(case: Case) -> list[Finding]:
    """The finding, if the weights shrink under the penalty and the task is not learned."""
    if len(case.optimizers) != 1:
        return []
    optimizer = case.optimizers[0]
    task = _task(case)
    if not task.most:
        return []
    decay = _decay(optimizer)
    pulled = [p for i in case.weights if (p := _pulled(case, i, optimizer, decay)) is not None]
    shrunk = [p for p in pulled if p.left <= SHRUNK and p.pull >= PULL]
    if not shrunk or not len(shrunk) >= MOST_LAYERS * len(pulled):
        return []
    pull, left = middle(p.pull for p in shrunk), middle(p.left for p in shrunk)
    worst = min(shrunk, key=lambda p: p.left)
    name = worst.parameter.name
    kind = _AFTERWARDS if worst.afterwards else _formula(optimizer, decay)
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"weights shrank to {percent(left)} of their norm under the penalty",
            where=Place(module=worst.parameter.module),
            steps=(0, case.last_step),
            evidence={
                "pull_of_the_penalty": Evidence(pull, "of that of the task", PULL, "it decides"),
                "norm_left": Evidence(left, "of the first norm", SHRUNK, "held small is no fault"),
                "layers_shrunk": Evidence(
                    len(shrunk) / len(pulled), "of the weight matrices", MOST_LAYERS, "most of them"
                ),
                **task.evidence,
                "weight_decay": Evidence(decay),
            },
            explanation=(
                f"A penalty pulls each weight towards 0, the task wherever the error falls:\n\n"
                f"    {kind}\n\n"
                f"For {names([p.parameter.name for p in shrunk])} {_pull_in_words(pull)}. Their "
                f"norm went down to {percent(left)} of what it was; {name} from "
                f"{number(worst.norms[0])} to {number(worst.norms[1])}. Small "
                "weights are small factors of every chain, so that the gradient of the task falls "
                "with them, and the pull of the penalty wins for good. The loss of the task ended "
                f"at {task.in_words}."
            ),
            remedies=_SHRINK_LESS
            if worst.afterwards
            else (
                Remedy(
                    f"lower the weight decay from {number(decay)} to about "
                    f"{number(decay * 0.01 / pull)}"
                    if decay > 0
                    else f"multiply the penalty by about {number(0.01 / pull)}",
                    "the penalty is then a hundredth of the task's gradient as it was measured",
                ),
                Remedy(
                    "use AdamW where the optimizer is Adam, with a decay of 0.01",
                    "it takes the decay out of the gradient that it normalises",
                    "Loshchilov and Hutter (2019), arXiv 1711.05101",
                ),
            ),
        )
    ]


_AFTERWARDS = "w ← w − step of the task,   w ← shrunk w"

_SHRINK_LESS = (
    Remedy(
        "multiply by the learning rate what the weights are shrunk by after each step",
        "a proximal step of L + λ‖w‖₁ has the threshold ηλ, and one of L + λ‖w‖²/2 the factor "
        "1/(1 + ηλ)",
        "Parikh and Boyd (2014), Proximal Algorithms, section 4.2",
    ),
)


def _pull_in_words(pull: float) -> str:
    if math.isinf(pull):
        return "the penalty undoes whatever each step of the task has moved"
    return (
        f"the penalty's part was {number(pull)} times that of the task (median over the sampled "
        "steps)"
    )


def _decay(optimizer: OptimizerOutline) -> float:
    value = optimizer.hyperparameters.get("weight_decay")
    return float(value) if isinstance(value, (int, float)) else 0.0


def _is_decoupled(optimizer: OptimizerOutline) -> bool:
    said = optimizer.hyperparameters.get("decoupled_weight_decay")
    return bool(said) if said is not None else optimizer.kind in _DECOUPLED


def _formula(optimizer: OptimizerOutline, decay: float) -> str:
    if decay <= 0:
        return "L = L_task + λ‖w‖²,   ∂L/∂w = ∂L_task/∂w + 2λw"
    if _is_decoupled(optimizer):
        return f"w ← w − step of the task − ηλw,   λ = {number(decay)}"
    return f"w ← w − η (∂L/∂w + λw),   λ = {number(decay)}"


def _pulled(case: Case, index: int, optimizer: OptimizerOutline, decay: float) -> _Pulled | None:
    measured = case.measured.get(index, [])
    norms = [p.weight_norm for _, p in measured]
    if len({step for step, _ in measured}) < SAMPLES or not norms[0] > 0:
        return None
    in_loss = _in_the_loss(case, index)
    coupled = decoupled = math.nan
    if decay > 0 and not _is_decoupled(optimizer):
        coupled = middle(
            decay * p.weight_norm / p.gradient_norm for _, p in measured if p.gradient_norm
        )
    elif decay > 0:
        rates = case.rates.get(optimizer.index)
        changes = list(zip(rates.steps, rates.values, strict=True)) if rates is not None else []
        decoupled = middle(
            rate * decay * p.weight_norm / p.update_norm
            for step, p in measured
            if p.update_norm > 0
            and (rate := next((v for s, v in reversed(changes) if s <= step), math.nan)) > 0
        )
    afterwards = math.inf if _ends_at_zero(norms) else _shrunk_afterwards(case, measured)
    pulls = (in_loss, coupled, decoupled, afterwards)
    pull = max((v for v in pulls if not math.isnan(v)), default=math.nan)
    return _Pulled(
        parameter=case.parameters[index],
        pull=pull,
        left=norms[-1] / norms[0],
        norms=(norms[0], norms[-1]),
        afterwards=pull == afterwards,
    )


def _ends_at_zero(norms: list[float]) -> bool:
    """True if a weight came down to 0 by and by, and was so at more than one sample."""
    return norms[-2:] == [0.0, 0.0] and any(0 < norm <= SHRUNK * norms[0] for norm in norms)


def _shrunk_afterwards(case: Case, measured: list[tuple[int, ParameterSample]]) -> float:
    """What steps of an optimizer do not explain of the shrinking, over their length.

    A norm cannot fall by more than the update is long. Updates by hand are measured with whatever
    comes after them. The lower of two middle ones is taken: a bound on the norm shrinks a weight
    once, from its initialisation, and a penalty in every step. NaN with fewer than two such pairs.
    """
    if case.by_hand:
        return math.nan
    found = [
        (one.weight_norm - other.weight_norm - one.update_norm) / one.update_norm
        for (step, one), (following, other) in pairwise(measured)
        if following == step + 1 and one.update_norm > 0
    ]
    return median_low(found) if len(found) > 1 else math.nan


def _in_the_loss(case: Case, index: int) -> float:
    """Contribution of a penalty's own path to a weight over that of the others; NaN without one."""
    found = []
    for _, chain in case.chains:
        leaf = chain.leaves.get(index)
        parts = {True: 0.0, False: 0.0}
        for edge, norm in zip(chain.graph.edges, chain.backward_pass.edge_norms, strict=True):
            if edge.target == leaf and norm > 0:
                name = operation(chain.graph.nodes[edge.source].name)
                parts[name in _PENALTIES] += norm
        if parts[True] > 0 and parts[False] > 0:
            found.append(parts[True] / parts[False])
    return middle(found)


def _task(case: Case) -> Unlearned:
    """What is left of the loss of the task.

    A loss with a penalty falls as the weights shrink; then its part without is taken, where it
    was seen.
    """
    left = unlearned(case)
    calls = [_comparison(forward) for forward in case.forward_passes]
    seen = [(c, v) for c in calls if c is not None and math.isfinite(v := _value(c))]
    if left.most or len(seen) < 2 or len({c.function for c, _ in seen}) != 1:
        return left
    if math.isnan(middle(_in_the_loss(case, i) for i in case.weights)):
        return left
    (call, last), (_, first) = seen[-1], seen[0]
    if call.function == "sub" and call.target is not None:  # the mean of the targets misses this
        first = min(first, call.target.rms**2 - call.target.mean**2)
    return Unlearned(last / first if first > 0 else math.nan, first, last)


def _comparison(forward: ForwardPass) -> LossCall | None:
    """The one comparison of a prediction with a target; a difference if no loss function ran."""
    named = [call for call in forward.losses if call.function != "sub"]
    calls = named or list(forward.losses)
    return calls[0] if len(calls) == 1 else None


def _value(call: LossCall) -> float:
    return call.made.rms**2 if call.function == "sub" else call.made.mean
