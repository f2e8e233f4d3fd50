"""Exploding gradient.

What it is
    The product of the chain is so large that a step throws the weights about: each update
    changes them by a large part of their size, and the loss jumps instead of falling.

Why it happens
    Factors above 1 multiply: recurrent weights applied at every time step, weights initialised
    too large, a missing normalisation. One steep place of the loss surface is enough (a cliff).

How it is found
    Along the principal path to some weight, the gradient's root mean square grows at least
    100-fold over the chain (quantity `chain_growth`, threshold 2 decades: on healthy tanh nets
    29-fold growth was measured, AutoTrainer's published bound is 70), on a fifth or more of the
    sampled steps. The chain begins at the first weight or activation seen from the loss: by what a
    term of the loss was multiplied belongs to the loss. Of a weight that is used four times or
    more, as a recurrent one, the growth from its use nearest to the loss to the farthest counts as
    well, over the uses that bring about as much of its gradient as the others. *And* the effect is
    there, in one of five ways: on a tenth or more of the sampled steps an update changed a weight
    matrix by more than 10 % of its size (by a gradient that was not clipped, and under an optimizer
    whose step follows its size); or no learning rate suits both ends, the far weights
    moving by more than
    1 % a step and at least 30 times more than those nearest the loss; or the loss rose over the
    run (with more than one optimizer, as in a GAN, that is no harm); or it ended in non-finite
    numbers; or a single step moved the far weight by half of its size or more
    (`step_by_growth`), which without the growth would have been a step of less than a tenth
    (`step_without_growth`), no step before was as long, and not a tenth of the loss was gained
    (`loss_left`): one such step can switch all units off, and then nothing is left to measure.
    Growth without an effect (clipped, or under Adam) is no fault.

Example that has it
    `examples/exploding_rnn_text.py`: a recurrent net with large recurrent weights, not clipped.

Example that has not
    `examples/healthy_lstm_text.py`: gates and clipping.

Remedies
    `torch.nn.utils.clip_grad_norm_`; orthogonal or smaller recurrent weights; gated cells;
    normalisation; a smaller learning rate treats the symptom.

Known limits
    A learning rate that is far too high also makes updates large; it is told apart by the growth
    of the chain.

References
    Pascanu, Mikolov, Bengio (2013), ICML, arXiv 1211.5063; Goodfellow et al., section 8.2.4.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chainrule.diagnosis.case import Case, layer_node, layer_uses, middle
from chainrule.diagnosis.drawing import Link, drawn, links, product
from chainrule.diagnosis.long_steps import HALF_THE_WEIGHTS
from chainrule.diagnosis.unlearned import unlearned
from chainrule.diagnosis.wording import count, number, percent, plural
from chainrule.instruments import Chain
from chainrule.records import Evidence, Factor, Finding, Kind, Place, Remedy

NAME = "exploding-gradient"
SUMMARY = "The product of the chain is so large that updates throw the weights about."

GROWTH = 100.0
"""Growth of the gradient's RMS over the chain. AutoTrainer (ICSE 2021) uses 70; healthy tanh nets
were measured at up to 29, so 100 leaves a margin of three."""

GROWN_STEPS = 0.2
"""Share of sampled steps with such growth: more than a single cliff."""

FEWEST_FACTORS = 4
"""Of a chain: of fewer it is no product of layers that explodes, but one layer that is large."""

FEWEST = 2
"""Such steps needed, unless it is the first: one may be the work of an update that was too long."""

LARGE_UPDATE = 0.1
"""RMS(Δw)/RMS(w) of one step. Healthy steps are below 1e-1 (TheDeepChecker, settings.yaml; about
1e-3 by common experience)."""

LARGE_STEPS = 0.1
"""Share of sampled steps with a large update; the first step from small weights is forgiven."""

UNEVEN = 30.0
"""How many times more the far weights move than the near ones: beyond the 29-fold that healthy
tanh nets show, one learning rate cannot suit both."""

UNEVEN_UPDATE = 0.01
"""RMS(Δw)/RMS(w) of the far weights then: ten times the usual 1e-3."""

FEWEST_LOSSES = 8
"""Losses from which the first quarter of them and the last have two each to compare."""

_LAYERS = frozenset({"weight", "activation", "attention", "normalization", "compiled"})
_CULPRIT_GAIN = 1.2  # of one factor; 25 of them give two decades


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    growth: dict[int, list[tuple[int, float]]] = {}
    for step, chain in case.chains:
        for w, times in growth_by_weight(chain, case.weights).items():
            growth.setdefault(w, []).append((step, times))
    grown = {
        w: steps
        for w, values in growth.items()
        if (steps := [(s, g) for s, g in values if g >= GROWTH])
        and len(steps) >= GROWN_STEPS * len(values)
        and (len(steps) >= FEWEST or steps[0][0] == 0)  # no update had been made then
    }
    if not grown:
        return []
    # the weight for which it lasted longest, and of those the one that it hit hardest
    worst = max(grown, key=lambda w: (len(grown[w]), middle(g for _, g in grown[w])))
    hit, seen = grown[worst], growth[worst]
    one, step = _one_step(case, worst, dict(hit))
    if one:
        hit = [(s, times) for s, times in hit if s <= step]  # what comes later, it left behind
        seen = [(s, times) for s, times in seen if s <= step]
    effect = {**_effect(case, worst), **one}
    return [_finding(case, worst, hit, seen, effect)] if effect else []


def growth_by_weight(chain: Chain, weights: Iterable[int]) -> dict[int, float]:
    """How many times larger than at the first layer the gradient gets on its way to each weight.

    That to its layer counts, where it has at least `FEWEST_FACTORS` factors. Of a weight that is
    used as often, as a recurrent one, also from its use nearest to the loss to the farthest: there
    the same factor is multiplied with itself, whatever stands between it and the loss.
    """
    ways: dict[int, _Way] = {}
    for node in chain.outwards:
        source, rms = chain.source(node), chain.rms(node)
        before = _Way() if source is None else ways[source]
        inside = before.inside or chain.kind(node) in _LAYERS
        known = inside and math.isfinite(rms) and rms > 0
        ways[node] = _Way(
            before.factors + (source is not None),
            before.inside,
            inside,
            before.first or (rms if known else 0.0),
            max(before.largest, rms) if known else before.largest,
        )
    growth = {}
    for w in weights:
        layer = layer_node(chain, w)
        way = _Way() if layer is None else ways.get(layer, _Way())
        if way.factors >= FEWEST_FACTORS and way.behind and way.first:
            growth[w] = way.largest / way.first
        sizes = [chain.rms(node) for node in layer_uses(chain, w)]
        sizes = [size for size in sizes if math.isfinite(size) and size > 0]
        if len(sizes) >= FEWEST_FACTORS:
            growth[w] = max(growth.get(w, 0.0), sizes[-1] / sizes[0])
    return growth


def _farthest_use(chain: Chain, parameter: int) -> tuple[Factor, ...]:
    """The principal path to the use of a weight that most operations lie before."""
    uses = (chain.path_to(node) for node in layer_uses(chain, parameter))
    return max(uses, key=len, default=())


class _Way(NamedTuple):
    """The principal path to a node.

    Attributes:
        factors: How many.
        behind: Whether a layer gave one of them.
        inside: Whether a layer did, or this node is one.
        first: RMS of the gradient where the layers begin; 0 if none was measured.
        largest: The largest from there on.
    """

    factors: int = 0
    behind: bool = False
    inside: bool = False
    first: float = 0.0
    largest: float = 0.0


def _layers_from(kinds: Sequence[Kind]) -> int:
    """Where the layers begin, seen from the loss: at the first weight or activation."""
    return next((i for i, kind in enumerate(kinds) if kind in _LAYERS), len(kinds))


def _effect(case: Case, far: int) -> dict[str, Evidence]:
    """What the growth did to the run; empty if nothing."""
    effect: dict[str, Evidence] = {}
    if case.deepest is not None:
        far_update = middle(v for _, v in case.update_ratios(far))
        near_update = middle(v for _, v in case.update_ratios(case.deepest[1]))
        if far_update > UNEVEN_UPDATE and far_update > UNEVEN * near_update:
            effect["update_ratio"] = Evidence(far_update, "per step", UNEVEN_UPDATE)
            effect["update_ratio_near_loss"] = Evidence(near_update, "per step")
    later, weights = case.samples[1:], frozenset(case.weights)
    if later and not case.scale_free:  # else their length is that of the rate
        # weight matrices only: a bias that starts at 0 changes by more than its size at first
        ratios = {
            s.step: max(
                (
                    p.update_ratio
                    for p in s.parameters
                    if p.parameter in weights and p.weight_norm > 0
                ),
                default=0.0,
            )
            for s in later
        }
        large = [
            ratio
            for step, ratio in ratios.items()
            if ratio > LARGE_UPDATE and not _clipped(case, far, step)
        ]
        if len(large) >= LARGE_STEPS * len(ratios):
            effect["steps_with_large_updates"] = Evidence(
                len(large) / len(ratios), "share of sampled steps", LARGE_STEPS
            )
            effect["largest_update_ratio"] = Evidence(max(large), "per step", LARGE_UPDATE)
    loss = case.main_loss()
    if loss is not None and len(loss.values) >= FEWEST_LOSSES:
        quarter = len(loss.values) // 4
        before, after = middle(loss.values[:quarter]), middle(loss.values[-quarter:])
        if after > before and len(case.optimizers) == 1:
            effect["loss_first_quarter"] = Evidence(before)
            effect["loss_last_quarter"] = Evidence(after)
        wrong = sum(not math.isfinite(v) for v in loss.values)
        if wrong:
            effect["nonfinite_losses"] = Evidence(float(wrong), "steps")
    return effect


def _one_step(case: Case, far: int, grown: Mapping[int, float]) -> tuple[dict[str, Evidence], int]:
    """The first step as long as half of the far weight, if the growth made it; else nothing.

    Growth that began with a step which was long already follows from that step.
    """
    left = unlearned(case)
    if not case.step_follows_gradient or not left.nothing:
        return {}, 0
    long = ((s, ratio) for s, ratio in case.update_ratios(far) if ratio >= HALF_THE_WEIGHTS)
    step, ratio = next(long, (0, 0.0))
    if step not in grown or not 0 < ratio / grown[step] < LARGE_UPDATE or _clipped(case, far, step):
        return {}, 0
    rows = f"parameter_sample {step}"
    effect = {
        "step_by_growth": Evidence(
            ratio, "of the far weights", HALF_THE_WEIGHTS, "training goes by hundredths", rows
        ),
        "step_without_growth": Evidence(
            ratio / grown[step], "of the far weights", LARGE_UPDATE, "a step of usual size", rows
        ),
        "growth_in_that_step": Evidence(grown[step]),
        **left.evidence_of_nothing,
    }
    return effect, step


def _clipped(case: Case, weight: int, step: int) -> bool:
    """True if the optimizer was given less than half of the gradient that arrived in a step."""
    used = {s: p.gradient_norm for s, p in case.measured.get(weight, ())}.get(step)
    arrived = [
        norm / chain.backward_pass.scale
        for s, chain in case.chains
        if s == step and (norm := chain.norm(weight)) is not None
    ]
    return used is not None and used < max(arrived, default=0.0) / 2


def _finding(
    case: Case,
    parameter: int,
    grown: list[tuple[int, float]],
    all_steps: list[tuple[int, float]],
    effect: dict[str, Evidence],
) -> Finding:
    name = case.parameters[parameter].name
    steps = {step for step, _ in grown}
    chains = [chain for step, chain in case.chains if step in steps]
    chain = links(chains, parameter, to=_farthest_use)
    inner = chain[_layers_from([link.kind for link in chain]) :]
    culprits = [link for link in inner if link.gain > _CULPRIT_GAIN]
    culprits = culprits or [link for link in inner if link.gain > 1]
    factor = middle(g for _, g in grown)
    place = max(culprits, key=lambda link: link.gain).place if culprits else Place(module=name)
    evidence = {
        "chain_growth": Evidence(factor, "", GROWTH, "AutoTrainer (ICSE 2021): 70"),
        "steps_with_growth": Evidence(
            len(grown) / len(all_steps), "share of sampled steps", GROWN_STEPS
        ),
        **effect,
    }
    return Finding(
        fault=NAME,
        severity="error",
        title=f"the gradient grows {number(factor)}-fold on its way to {name}",
        where=place,
        steps=(min(steps), max(steps)),
        evidence=evidence,
        explanation=_explain(name, inner, culprits, factor, effect),
        remedies=(
            Remedy(
                "clip the gradient: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) "
                "before optimizer.step()",
                "it bounds the step and keeps its direction",
                "Pascanu et al. (2013), arXiv 1211.5063",
            ),
            Remedy(
                "make the weights of the marked operations smaller or orthogonal "
                "(nn.init.orthogonal_)",
                "their factors should be near 1, since they multiply",
                "Saxe et al. (2014), arXiv 1312.6120",
            ),
            Remedy(
                "use a gated cell (nn.LSTM, nn.GRU) or normalisation layers",
                "both keep the factors of a long chain near 1",
                "Hochreiter and Schmidhuber (1997)",
            ),
        ),
        consequences=_consequences(effect),
        chain=drawn(chain, culprits),
    )


def _explain(
    name: str,
    chain: tuple[Link, ...],
    culprits: list[Link],
    factor: float,
    effect: dict[str, Evidence],
) -> str:
    typical = middle(link.gain for link in culprits)
    text = (
        f"By the chain rule the gradient of {name} is a product, one factor for each operation "
        f"between the loss and the weight. These were measured (medians over the steps on which "
        f"it grew, width-normalised):\n\n    ∂L/∂z = {product(chain)}\n\n"
        f"{plural(len(culprits), 'factor')} above 1, of about {number(typical)} each, make it grow "
        f"{number(factor)}-fold."
    )
    if "update_ratio_near_loss" in effect:
        far, near = effect["update_ratio"].value, effect["update_ratio_near_loss"].value
        text += (
            "\n\nThe step is θ ← θ − η∇L with one η for all. Here it moves the far weights by "
            f"{percent(far)} of their size each time and those nearest the loss by "
            f"{percent(near)}: whatever η is, it is too large for the ones or too small for the "
            "others."
        )
    if "largest_update_ratio" in effect:
        text += (
            "\n\nThe step is θ ← θ − η∇L, so a gradient that large throws the weights about: "
            f"on {percent(effect['steps_with_large_updates'].value)} of the sampled steps some "
            f"weight changed by more than {percent(LARGE_UPDATE)} of its size, at most by "
            f"{percent(effect['largest_update_ratio'].value)}."
        )
    if "step_by_growth" in effect:
        text += (
            "\n\nThe step is θ ← θ − η∇L, as long as the gradient: one step moved the far weights "
            f"by {number(effect['step_by_growth'].value)} times their size. Without the growth, "
            f"{number(effect['growth_in_that_step'].value)}-fold then, it would have been by "
            f"{percent(effect['step_without_growth'].value)}. The loss was "
            f"{number(effect['loss_reference'].value)} at first, or with a constant answer, and "
            f"ends at {number(effect['loss_last'].value)}."
        )
    return text


def _consequences(effect: dict[str, Evidence]) -> tuple[str, ...]:
    result = []
    if "loss_last_quarter" in effect:
        result.append(
            f"The loss rose: its median was {number(effect['loss_first_quarter'].value)} in the "
            f"first quarter of the run and {number(effect['loss_last_quarter'].value)} in the last."
        )
    if "nonfinite_losses" in effect:
        result.append(
            f"The loss was not finite on {count(effect['nonfinite_losses'].value)} steps."
        )
    return tuple(result)
