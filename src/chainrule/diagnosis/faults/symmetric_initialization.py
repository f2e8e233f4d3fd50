"""Symmetric initialization.

What it is
    Hidden units that began alike and stay alike: equal weights in and out give equal outputs and
    equal gradients, so every step moves them alike. A layer of n units is worth one.

Why it happens
    Weights filled with a constant, or with zeros. Where two factors of a product are both 0, as
    in a network of zeros, each one's gradient is 0 and they never leave it.

How it is found
    Of each weight matrix or kernel, on the steps that were looked at: how far the units' weights
    differ from their mean (quantity `unit_spread`, RMS of the difference over RMS of the weights,
    threshold 10⁻⁴ at first), and the same of the gradient that the optimizer used
    (`gradient_spread`, threshold 10⁻² in the middle of those steps). Units that begin alike and
    have different gradients are parted at once. Those that have the same are parted by rounding
    alone, which grows slowly: it is a fault if they were still within a hundredth of each other
    after an eighth of the run (`alike_until`; steps 1, 2, 4, 8, … are looked at).
    *In groups*: on each of those steps half of the units or more (`twins`, threshold 0.5 of them)
    have another one with the same weights and the same gradient, other than 0. So it is of the
    components of a mixture that begin at one place: rounding parts some of them, and the rest goes
    on as one. Told only if the loss has not halved, and not of the layer next to the loss, where
    two outputs that no target ever asks for are alike and rightly so.
    Weights of 0 that multiply are told if they and their gradients are 0 on every sampled step
    (`weight_norm`, `gradient_norm`). It is an error if the loss has not halved.

    It explains a plateau or a saddle, dead units of the same layer, and what the layers before it
    lack in gradient.

Example that has it
    A network whose weights were all set to 0.01 by `nn.init.constant_`.

Example that has not
    A last layer of zeros, a residual branch that begins at 0, biases of 0, scales of 1 in a
    normalisation, a logistic regression that starts at 0: their gradients differ.

Remedies
    Random weights (Kaiming or Xavier); biases and the last layer may be 0.

Known limits
    Fewer units alike than half of them are not told, nor are layers of one unit. Dropout breaks
    the symmetry, slowly, and then nothing is said.

References
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 8.4; Glorot and Bengio (2010).
"""

from dataclasses import dataclass
from itertools import takewhile

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.wording import names, number, plural
from chainrule.records import Evidence, Finding, Parameter, ParameterState, Place, Remedy, operation

NAME = "symmetric-initialization"
SUMMARY = "Hidden units that began alike and stay alike: a whole layer is worth one unit."

ALIKE = 1e-4
"""Spread of the weights, over their size, up to which units begin alike: a thousand times the
rounding of single precision, and far below any random initialisation (1)."""

STILL_ALIKE = 1e-2
"""The same later on: a hundredth of what random weights have."""

MOVED_ALIKE = 1e-2
"""Spread of the gradients in the middle of the steps: of units that differ it is near 1."""

STATES = 3
"""Steps that must have been looked at: the first, and what became of it."""

LASTED = 1 / 8
"""Share of the run after which units must have been alike: the steps that are looked at are up to
four times apart, so up to half of the run then was."""

MOST_ARE_TWINS = 0.5
"""Share of the units that have a twin: from half on a layer is worth three quarters of its units at
most. A copy of one unit among many costs a network little."""

_PRODUCTS = frozenset({"weight", "attention", "compiled"})

_ADDS = frozenset({"Add", "Sub", "Rsub"})

SAMPLES = 3
"""Sampled steps on which weights of 0 must have gradients of 0: one odd batch is no verdict."""

NOT_HALVED = 0.5
"""Loss at the end over loss at the first step, from which it is an error: a run that halves its
loss learns something with one unit a layer."""


@dataclass(frozen=True, slots=True)
class _Alike:
    parameter: Parameter
    first: ParameterState
    last: ParameterState
    gradient_spread: float
    steps: tuple[int, int]


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    alike = [found for p in _candidates(case) if (found := _alike(case, p)) is not None]
    zeros = [p for p in _candidates(case) if _multiplies(case, p) and _stays_zero(case, p)]
    told = {a.parameter.index for a in alike} | {p.index for p in zeros}
    grouped = [
        groups
        for p in _candidates(case)
        if p.index not in told and (groups := _in_groups(case, p)) is not None
    ]
    return [
        *([_of_alike(case, alike)] if alike else []),
        *([_of_zeros(case, zeros)] if zeros else []),
        *([_of_groups(case, grouped)] if grouped and not alike else []),
    ]


@dataclass(frozen=True, slots=True)
class _Groups:
    parameter: Parameter
    twins: int
    units: int
    steps: tuple[int, int]


def _candidates(case: Case) -> list[Parameter]:
    """Trained weights of several units."""
    return [
        p
        for p in case.parameters.values()
        if len(p.shape) >= 2 and p.shape[0] >= 2 and p.optimizers and p.requires_grad
    ]


def _alike(case: Case, parameter: Parameter) -> _Alike | None:
    states = [
        (forward.step, state)
        for forward in case.forward_passes
        for state in forward.parameters
        if state.parameter == parameter.index
    ]
    alike = list(takewhile(lambda s: s[1].unit_spread <= STILL_ALIKE, states))
    if len({step for step, _ in alike}) < STATES or not alike[0][1].unit_spread <= ALIKE:
        return None
    (begin, first), (end, last) = alike[0], alike[-1]
    spread = middle(s.gradient_spread for _, s in alike)
    if not spread <= MOVED_ALIKE or end < LASTED * case.last_step:
        return None
    return _Alike(parameter, first, last, spread, (begin, end))


def _in_groups(case: Case, parameter: Parameter) -> _Groups | None:
    """The units that have twins on every step that was looked at; None if they are too few."""
    states = {
        forward.step: state
        for forward in case.forward_passes
        for state in forward.parameters
        if state.parameter == parameter.index
    }
    if len(states) < STATES or max(states) < LASTED * case.last_step or not _severe(case):
        return None
    fewest = min(states.values(), key=lambda s: s.twins)
    if not fewest.twins or fewest.twins < MOST_ARE_TWINS * fewest.units:
        return None
    if _is_last_layer(case, parameter):
        return None
    return _Groups(parameter, fewest.twins, fewest.units, (min(states), max(states)))


def _is_last_layer(case: Case, parameter: Parameter) -> bool:
    """True of the weights of a product between which and the loss there is no other product."""
    for _, chain in reversed(case.chains):
        node = chain.leaves.get(parameter.index)
        while node is not None and chain.kind(node) in ("parameter", "structure"):
            node = chain.source(node)
        if node is None:
            continue
        if chain.kind(node) not in _PRODUCTS:
            return False
        node = chain.source(node)
        while node is not None and chain.kind(node) not in _PRODUCTS:
            node = chain.source(node)
        return node is None
    return True


def _multiplies(case: Case, parameter: Parameter) -> bool:
    """True if it is a factor of a product: an offset of 0 keeps nothing at 0."""
    for _, chain in reversed(case.chains):
        node = chain.leaves.get(parameter.index)
        while node is not None and chain.kind(node) in ("parameter", "structure"):
            node = chain.source(node)
        if node is not None:
            return operation(chain.graph.nodes[node].name) not in _ADDS
    return True


def _stays_zero(case: Case, parameter: Parameter) -> bool:
    """True if the weights and their gradients were 0 whenever they were measured."""
    measured = case.measured.get(parameter.index, [])
    return len({step for step, _ in measured}) >= SAMPLES and all(
        p.weight_norm == 0 and p.gradient_norm == 0 for _, p in measured
    )


def _severe(case: Case) -> bool:
    return case.broke_at is not None or not case.loss_end < NOT_HALVED * case.loss_start


def _losses(case: Case) -> dict[str, Evidence]:
    return {
        "loss_first": Evidence(case.loss_start, rows="series loss"),
        "loss_last": Evidence(case.loss_end, rows="series loss"),
    }


def _of_alike(case: Case, alike: list[_Alike]) -> Finding:
    worst = max(alike, key=lambda a: a.parameter.shape[0])
    units = worst.parameter.shape[0]
    layers = [a.parameter.module for a in alike]
    moved = case.way(worst.parameter.index)
    return Finding(
        fault=NAME,
        severity="error" if _severe(case) else "warning",
        title=f"the {units} units of {names(layers)} began alike and stay alike",
        where=Place(module=layers[alike.index(worst)]),
        steps=(worst.steps[0], case.last_step),
        evidence={
            "unit_spread_first": Evidence(
                worst.first.unit_spread, "of the weights' RMS", ALIKE, "random weights have 1"
            ),
            "unit_spread_last": Evidence(
                worst.last.unit_spread, "of the weights' RMS", STILL_ALIKE, "random weights have 1"
            ),
            "alike_until": Evidence(
                float(worst.steps[1]), "step", LASTED * case.last_step, "an eighth of the run"
            ),
            "gradient_spread": Evidence(
                worst.gradient_spread,
                "of the gradient's RMS",
                MOVED_ALIKE,
                "near 1 of units that differ",
            ),
            "units": Evidence(float(units), "units"),
            "layers": Evidence(float(len(set(layers))), "layers"),
            "way": Evidence(moved, "of the weights' size"),
            **_losses(case),
        },
        explanation=(
            f"Before step {worst.steps[0]} the {units} units of {worst.parameter.name} had the "
            f"same weights (spread {number(worst.first.unit_spread)} of their size), and before "
            f"step {worst.steps[1]} they still had (spread {number(worst.last.unit_spread)}), "
            f"although they moved by {number(moved)} of their size in the run. Units i and j "
            "that are alike get the same gradient:\n\n"
            "    wᵢ = wⱼ  and  ∂L/∂yᵢ = ∂L/∂yⱼ   ⇒   ∂L/∂wᵢ = ∂L/∂yᵢ · σ′(zᵢ) · x = ∂L/∂wⱼ\n\n"
            f"(measured: their gradients differ by {number(worst.gradient_spread)}), so no step "
            f"of any optimizer parts them but by rounding, and {plural(units, 'unit')} compute one "
            f"and the same number. The loss went from {number(case.loss_start)} to "
            f"{number(case.loss_end)}."
        ),
        remedies=(_RANDOM,),
    )


_RANDOM = Remedy(
    "draw the weights at random: leave PyTorch's initialisation, or nn.init.kaiming_uniform_",
    "units that begin apart get different gradients; a constant is fine for biases only",
    "He et al. (2015), arXiv 1502.01852",
)


def _of_groups(case: Case, grouped: list[_Groups]) -> Finding:
    worst = max(grouped, key=lambda g: g.twins)
    units = worst.units
    layers = [g.parameter.module for g in grouped]
    return Finding(
        fault=NAME,
        severity="error",
        title=f"{worst.twins} of the {units} units of {worst.parameter.module} began alike "
        "and stay alike",
        where=Place(module=worst.parameter.module),
        steps=(worst.steps[0], case.last_step),
        evidence={
            "twins": Evidence(
                float(worst.twins), "units", MOST_ARE_TWINS * units, "half of the units"
            ),
            "units": Evidence(float(units), "units"),
            "alike_until": Evidence(
                float(worst.steps[1]), "step", LASTED * case.last_step, "an eighth of the run"
            ),
            "layers": Evidence(float(len(set(layers))), "layers"),
            "way": Evidence(case.way(worst.parameter.index), "of the weights' size"),
            **_losses(case),
        },
        explanation=(
            f"On every step that was looked at, from {worst.steps[0]} to {worst.steps[1]:,}, "
            f"{worst.twins} of the {units} units of {worst.parameter.name} had a twin: another "
            "one with the same weights and the same gradient. Units i and j that begin alike get "
            "the same gradient,\n\n"
            "    wᵢ = wⱼ   ⇒   ∂L/∂wᵢ = ∂L/∂wⱼ   ⇒   wᵢ − η ∂L/∂wᵢ = wⱼ − η ∂L/∂wⱼ\n\n"
            "so no step of any optimizer parts them: only rounding does, and by chance. What has "
            "a twin adds nothing that the twin does not, so the model has fewer units than it "
            f"seems. The loss went from {number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "begin each unit at a place of its own: random weights, or, for the components of "
                "a mixture, examples of the data",
                "units that begin apart get different gradients",
                "He et al. (2015), arXiv 1502.01852; Bishop (2006), section 9.2",
            ),
        ),
    )


def _of_zeros(case: Case, zeros: list[Parameter]) -> Finding:
    layers = [p.module for p in zeros]
    steps = [step for step, _ in case.measured[zeros[0].index]]
    return Finding(
        fault=NAME,
        severity="error" if _severe(case) else "warning",
        title=f"the weights of {names(layers)} are all 0, and so are their gradients",
        where=Place(module=layers[0]),
        steps=(steps[0], case.last_step),
        evidence={
            "weight_norm": Evidence(0.0, "", 0.0, "on every sampled step"),
            "gradient_norm": Evidence(0.0, "", 0.0, "on every sampled step"),
            "sampled_steps": Evidence(float(len(steps)), "steps", float(SAMPLES)),
            "layers": Evidence(float(len(set(layers))), "layers"),
            "units": Evidence(float(max(p.shape[0] for p in zeros)), "units"),
            **_losses(case),
        },
        explanation=(
            f"On each of {plural(len(steps), 'sampled step')} the weights of {names(layers)} were "
            "exactly 0, and exactly 0 was their gradient. In a product each factor's derivative "
            "is the other one:\n\n"
            "    z₂ = W₂ σ(W₁x),   ∂L/∂W₂ = δ · σ(W₁x)ᵀ = δ · 0,   ∂L/∂W₁ = (W₂ᵀδ) · … = 0\n\n"
            "so weights that are all 0 keep each other there: only what comes after them, such as "
            f"a last bias, can learn. The loss went from {number(case.loss_start)} to "
            f"{number(case.loss_end)}."
        ),
        remedies=(_RANDOM,),
    )
