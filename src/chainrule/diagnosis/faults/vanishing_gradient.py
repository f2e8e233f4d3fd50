"""Vanishing gradient.

What it is
    ∂L/∂w is a product with one factor for each operation between the loss and the weight. When
    many of the factors are well below 1 the product is so small that the early weights are not
    moved in the time the run has: they stay as they were initialised.

Why it happens
    The derivative of a sigmoid is at most 1/4 and that of tanh falls quickly as its input grows;
    small weights shrink the gradient as well. Each layer multiplies: ten sigmoid layers leave at
    most a millionth.

How it is found
    Three measured quantities must agree on nearly all of the later half of the sampled steps.
    The gradient of the far layer's weights, in root mean square, is at least 1000 times
    smaller than that of the layer nearest the loss (quantity `gradient_ratio`, threshold 1e-3:
    Zhang et al., AutoTrainer, ICSE 2021, use the same figure). The chain between the two layers
    itself took at least two of these decades, so that the cause is the chain and not, say, the
    scale of the inputs. And the effect is there: at the measured update ratio RMS(Δw)/RMS(w) the
    far weights would not move by 1 % in the whole run, while the near ones move ten times more.
    Under Adam a small gradient still moves weights: then there is no fault.

    Through the steps of a recurrence it vanishes as well, and there the weights do move, by what
    the last steps say. It is a warning if ∂L/∂z at the first step that uses a weight is a
    thousandth of that at the last or less, both on one way from the loss, on most of the later
    sampled steps (`gradient_ratio`), and nothing was learned: after 200 steps the loss is not a
    fiftieth below that of a constant answer (`loss_over_constant`, threshold 0.98).

Example that has it
    `examples/deep_sigmoid_digits.py`: twelve sigmoid layers trained by SGD.

Example that has not
    `examples/healthy_transformer_text.py`: deeper, with residual connections and normalisation.

Remedies
    ReLU or GELU in place of sigmoid; residual connections; normalisation layers; an
    initialisation that keeps the gain near 1 (Glorot, He); Adam as a stopgap.

Known limits
    Only the principal path is drawn. A recurrent net that has forgotten the distant past but
    learns from the near one is not found: its weights do move. Neither is one whose steps are
    fused in one operation, nor one with gates, whose products do not lie behind one another.

References
    Hochreiter, S. (1991), diploma thesis; Bengio, Simard, Frasconi (1994), IEEE TNN 5(2);
    Glorot and Bengio (2010), AISTATS; Goodfellow et al., Deep Learning, section 8.2.5.
"""

import math

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.drawing import Link, decades, drawn, links, product
from chainrule.diagnosis.level_path import level
from chainrule.diagnosis.vanished_through_time import vanished_through_time
from chainrule.diagnosis.wording import count, number, percent, plural
from chainrule.records import Evidence, Finding, Kind, Place, Remedy

NAME = "vanishing-gradient"
SUMMARY = "The product of the chain is so small that early weights stop moving."

GRADIENT_RATIO = 1e-3
"""RMS gradient far / near. Source: AutoTrainer (ICSE 2021), beta1; a layer that learns a thousand
times more slowly has not moved by a thousandth when the other has relearned everything."""

CHAIN_DECADES = 2.0
"""Powers of ten that the chain itself must have taken, of the three above: most of the loss."""

MOVED = 0.01
"""Share of its own size that a weight must be able to move in the run; below 1 % the layer is, for
every purpose, still at its initialisation (healthy updates are 1e-4 to 1e-1 *a step*:
TheDeepChecker, settings.yaml)."""

CONTRAST = 10.0
"""How many times more the near layer moves; else the learning rate is at fault, not the chain."""

PERSISTENCE = 0.8
"""Share of the later sampled steps on which it must hold; one batch is no verdict."""

FEWEST_STEPS = 2
"""Later sampled steps needed at least."""

_SOME_LOST = 0.05  # decades that a kind of factor takes: a factor of 1.1 is worth no word
_FEWEST_LOSSES = 4  # for a first and a last tenth that are not the same steps
_CULPRIT_GAIN = 0.7  # of one factor; twelve of them take two decades


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    return _from_layer_to_layer(case) or vanished_through_time(case)


def _from_layer_to_layer(case: Case) -> list[Finding]:
    if case.deepest is None:
        return []
    far, near = case.deepest
    behind = level(case)  # a step function is no small factor: it is another fault
    cut = behind.parameters if behind is not None else ()
    stuck = [w for w in case.weights if w != near and w not in cut and _stuck(case, w, near)]
    if far not in stuck:
        far = max(stuck, key=lambda w: _ratio(case, near, w), default=-1)
    if far < 0:
        return []
    chains = [chain for _, chain in case.chains if chain.norm(far) is not None][-50:]
    far_chain = links(chains, far)
    near_end = {link.place for link in links(chains, near)}
    between = tuple(link for link in far_chain if link.place not in near_end)
    nothing = any(link.gain == 0 for link in between)
    if not between or (not nothing and -sum(decades(between).values()) < CHAIN_DECADES):
        return []
    return [_finding(case, far, near, stuck, far_chain, between)]


def _late(case: Case, values: list[tuple[int, float]]) -> dict[int, float]:
    return {step: value for step, value in values if step in case.late_steps}


def _stuck(case: Case, far: int, near: int) -> bool:
    far_gradients = _late(case, case.gradient_rms(far))
    near_gradients = _late(case, case.gradient_rms(near))
    far_updates = _late(case, case.update_ratios(far))
    near_updates = _late(case, case.update_ratios(near))
    steps = [s for s in far_gradients if s in near_gradients and s in far_updates]
    if len(steps) < FEWEST_STEPS:
        return False
    held = sum(
        far_gradients[s] < GRADIENT_RATIO * near_gradients[s]
        and far_updates[s] * case.run.steps < MOVED
        and near_updates.get(s, 0.0) > CONTRAST * far_updates[s]
        for s in steps
    )
    return held >= PERSISTENCE * len(steps)


def _ratio(case: Case, near: int, far: int) -> float:
    small = middle(_late(case, case.gradient_rms(far)).values())
    return middle(_late(case, case.gradient_rms(near)).values()) / (small or 1e-300)


def _finding(
    case: Case,
    far: int,
    near: int,
    stuck: list[int],
    far_chain: tuple[Link, ...],
    between: tuple[Link, ...],
) -> Finding:
    first, last = case.parameters[far], case.parameters[near]
    by_kind = decades(between)
    lost = {kind: -value for kind, value in by_kind.items() if value < -_SOME_LOST}
    worst = max(lost, key=lambda kind: lost[kind], default=between[-1].kind)
    culprits = [link for link in between if link.kind == worst and link.gain < _CULPRIT_GAIN]
    culprits = culprits or [link for link in between if link.gain == 0]
    operation = _commonest([link.place.operation for link in culprits])
    ratio = middle(_late(case, case.gradient_rms(far)).values()) / middle(
        _late(case, case.gradient_rms(near)).values()
    )
    update = middle(_late(case, case.update_ratios(far)).values())
    near_update = middle(_late(case, case.update_ratios(near)).values())
    rows = f"{len(case.late_steps)} sampled steps from step {min(case.late_steps)}"
    steps_needed = MOVED / update if update else math.inf
    evidence = {
        "gradient_ratio": Evidence(ratio, "", GRADIENT_RATIO, "AutoTrainer (ICSE 2021)", rows),
        "chain_decades_lost": Evidence(-sum(by_kind.values()), "decades", CHAIN_DECADES),
        "update_ratio": Evidence(
            update,
            "per step",
            MOVED / max(case.run.steps, 1),
            "1 % of the weight over the whole run",
            rows,
        ),
        "update_ratio_near_loss": Evidence(near_update, "per step", rows=rows),
        "steps_to_move_1_percent": Evidence(steps_needed, "steps", float(case.run.steps)),
        "stuck_layers": Evidence(float(len(stuck)), "layers"),
    }
    for kind, value in sorted(lost.items(), key=lambda item: -item[1]):
        evidence[f"decades_lost_in_{kind}"] = Evidence(value, "decades")
    explanation = _explain(first.name, last.name, between, lost, worst, operation, culprits)
    explanation += (
        f"\n\nThe gradient is the compass of descent, θ ← θ − η∇L. For {first.name} it reads "
        f"{percent(ratio)} of what {last.name} gets, so each step moves its weights by "
        f"{percent(update)} of their size. "
        + (
            f"At that rate they need about {count(steps_needed)} steps to move by 1 %; "
            if math.isfinite(steps_needed)
            else "Such a step is lost in the rounding of float32: they never move; "
        )
        + f"this run had {count(case.run.steps)}. "
        f"({last.name} moves {percent(near_update)} a step.)"
    )
    return Finding(
        fault=NAME,
        severity="error",
        title=(
            f"the gradient shrinks {_fold(between)} on its way to {first.name}; "
            f"{plural(len(stuck), 'layer')} cannot move"
        ),
        where=_place(culprits, first.name),
        steps=(case.samples[0].step, case.last_step),
        evidence=evidence,
        explanation=explanation,
        remedies=_remedies(worst, operation),
        consequences=_consequences(case, len(stuck)),
        chain=drawn(far_chain, culprits),
    )


def _explain(
    first: str,
    last: str,
    between: tuple[Link, ...],
    lost: dict[Kind, float],
    worst: Kind,
    operation: str,
    culprits: list[Link],
) -> str:
    total = sum(lost.values())
    shares = ", ".join(
        f"{value:.1f} in {_NAMES[kind]}"
        for kind, value in sorted(lost.items(), key=lambda i: -i[1])
    )
    typical = middle(link.gain for link in culprits)
    where = f"the derivatives of {operation}" if worst == "activation" else _NAMES[worst]
    lost_text = (
        f"{total:.1f} powers of ten are lost: {shares}. "
        f"The factors that matter are {where}: {plural(len(culprits), 'factor')} of about "
        f"{number(typical)} each."
        if lost
        else ""
    )
    end = next((link for link in between if link.gain == 0), None)
    if end is not None:
        lost_text += (
            f" Behind {end.place} nothing is left at all: the gradient is exactly 0 there, "
            "for its factor is 0 or the product has fallen below the smallest number of its type."
        )
    return (
        f"By the chain rule the gradient of {first} is a product, one factor for each operation "
        f"between the loss and the layer. Between {last} and {first} these were measured "
        f"(medians, width-normalised):\n\n"
        f"    ∂L/∂z = {product(between)}\n          = {number(_product(between))}\n\n"
        f"{lost_text.strip()}"
    )


_NAMES: dict[Kind, str] = {
    "activation": "activation derivatives",
    "weight": "weights",
    "attention": "attention",
    "normalization": "normalisation",
    "loss": "the loss",
    "structure": "reshaping and pooling",
    "compiled": "compiled code",
    "parameter": "parameters",
    "other": "other operations",
}


def _product(chain: tuple[Link, ...]) -> float:
    result = 1.0
    for link in chain:
        result *= link.gain
    return result


def _fold(chain: tuple[Link, ...]) -> str:
    total = _product(chain)
    return f"{number(1 / total)}-fold" if total else "to nothing"


def _commonest(items: list[str]) -> str:
    return max(set(items), key=items.count) if items else ""


def _place(culprits: list[Link], fallback: str) -> Place:
    return culprits[-1].place if culprits else Place(module=fallback)


def _remedies(worst: Kind, operation: str) -> tuple[Remedy, ...]:
    limits = {"Sigmoid": "1/4", "Tanh": "1, and much less away from 0"}
    residual = Remedy(
        "add residual connections, x + f(x), around the layers",
        "a sum has derivative 1 + f′: the path through the 1 does not shrink",
        "He et al. (2016), arXiv 1512.03385",
    )
    initialise = Remedy(
        "initialise the weights so that each layer keeps the size of the gradient "
        "(nn.init.kaiming_normal_ for ReLU, nn.init.xavier_normal_ for tanh)",
        "the factor of a weight matrix is its scale times the square root of its width",
        "Glorot and Bengio (2010); He et al. (2015), arXiv 1502.01852",
    )
    normalise = Remedy(
        "put nn.LayerNorm or nn.BatchNorm1d before each activation",
        "it keeps the inputs of the activation where its derivative is large",
        "Ioffe and Szegedy (2015), arXiv 1502.03167",
    )
    if worst == "activation":
        most = limits.get(operation, "small")
        replace = Remedy(
            f"replace {operation} with ReLU or GELU in the hidden layers, and initialise them for "
            "it (nn.init.kaiming_normal_)",
            f"the derivative of {operation} is at most {most}; that of ReLU is 1 where active",
            "Glorot, Bordes, Bengio (2011), AISTATS",
        )
        return (normalise, replace, residual)
    return (initialise, normalise, residual)


def _consequences(case: Case, stuck: int) -> tuple[str, ...]:
    loss = case.main_loss()
    if loss is None or len(loss.values) < _FEWEST_LOSSES:
        return ()
    part = max(1, len(loss.values) // 10)
    before, after = middle(loss.values[:part]), middle(loss.values[-part:])
    return (
        f"With {plural(stuck, 'layer')} at their initialisation the loss went from "
        f"{before:.5g} to {after:.5g} in {count(case.run.steps)} steps.",
    )
