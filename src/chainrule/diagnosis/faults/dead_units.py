"""Dead units.

What it is
    A ReLU unit whose input is negative on every example: its output is 0, its derivative is 0,
    so the gradient of its incoming weights is 0 and it can never come back.

Why it happens
    One step that was too long, or a strongly negative bias, pushes the pre-activations below
    zero for all data. From then on the chain rule multiplies by 0.

How it is found
    On each sampled step the derivative σ′(z) is read for every unit over the whole batch. A unit
    is dead if it was 0 on *every* value seen on the last sampled steps: at least three of them
    (two, if nine tenths of the units that were dead on the step before those two still are: units
    that die one after another are not all dead on the first of three), and as many as it takes to
    see 200 values of each unit (a unit active on 2 % of values would be missed by 200 in a row
    with a chance below 2 %). Half of a layer's units dead is a warning (quantity `dead_share`,
    threshold 0.5; SageMaker Debugger's DeadRelu also uses half of the layer) if most of the loss
    is left as well, or if all examples get the same answer (`spread_of_answers`, threshold 0.1 of
    the targets' own: a loss also falls as a penalty in it does), and a note if not: a wide layer
    can spare them. (What is left is counted from the entropy of the targets on, where they are
    shares: no answer gets below that.) Nine tenths are an error. Being inactive on some examples
    is what a ReLU is for and is no fault. Nor is a ReLU that belongs to the loss, as in a hinge:
    if between it and the loss there is nothing but sums, means, powers, norms and constant
    factors, then 0 is what the loss aims at. And the weights into the units must be trained: what
    rests anyway loses nothing.

Example that has it
    `examples/dead_relu_digits.py`, where they follow from a step that was too long.

Example that has not
    `examples/healthy_mlp_digits.py`: its units are inactive half of the time, and none is dead. A
    hinge loss of 0.

Remedies
    A smaller learning rate, biases at 0, LeakyReLU or GELU, normalisation before the activation. A
    smaller price, where the loss also has a penalty on the activations.

Known limits
    Only activations that PyTorch records as one elementwise operation are seen; inside compiled
    code they are not.

References
    Lu et al. (2019), "Dying ReLU and Initialization", arXiv 1903.06733; Maas et al. (2013).
"""

import math
from dataclasses import dataclass

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.reach import nearest_parameters, nodes_above, sources, spread
from chainrule.diagnosis.same_answer import ALIKE, spread_of_answers
from chainrule.diagnosis.unlearned import unlearned
from chainrule.diagnosis.wording import count, percent
from chainrule.records import (
    CAN_DIE,
    Activation,
    Evidence,
    Finding,
    Graph,
    Place,
    Remedy,
    Severity,
    kind_of,
    operation,
)

NAME = "dead-units"
SUMMARY = "Units whose derivative is 0 on all data: no gradient can revive them."

DEAD_SHARE = 0.5
"""Share of a layer's units that must be dead: half of the layer's capacity is gone (SageMaker
Debugger, DeadRelu)."""

DEAD_SHARE_ERROR = 0.9
"""From here the layer hardly passes anything on in either direction."""

VALUES = 200
"""Values of each unit that must have been seen: (1 − 0.02)²⁰⁰ < 2 %."""

_RISING = "Sum Mean Add Mul Div Pow Sqrt Exp Log1P Max Amax Norm LinalgVectorNorm"
_RISES = frozenset(_RISING.split())
"""With reshaping, what a loss does with terms that are best at 0: it rises with them. (Not `Sub`
nor `Neg`: they turn round what is best.)"""

_LOWER_THE_PRICE = Remedy(
    "lower the price on the activations (an L1 penalty): the loss also rises with what these units "
    "give, and 0 costs nothing",
    "its gradient pushes every unit down on every example, also those that the model needs",
)

SAMPLES = 3
"""Last sampled steps looked at, at least: one odd batch is no verdict."""

STAYED = 0.9
"""Share of the units dead on a sampled step that must still be dead on the two after it, so that
these two are enough. Units that die one after another are not all dead on the first of three; and
of those that are only rarely active, on 2 % of values, a batch of 128 misses one in thirteen."""


_PRICED = _RISES | {"Abs"}
"""What leads from units to a penalty on them. (They are not below 0, so `Abs` changes nothing.)"""


@dataclass(frozen=True, slots=True)
class _Layer:
    place: Place
    priced: bool  # the loss rises with its outputs, besides what it does with them otherwise
    units: int
    dead: int
    examples: int
    first_step: int


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run, the worst layer first."""
    layers = [
        layer
        for at_one_place in case.activations.values()
        for entries in _layers(case, at_one_place)
        if (layer := _layer(case, entries)) is not None and layer.dead >= DEAD_SHARE * layer.units
    ]
    if not layers:
        return []
    layers.sort(key=lambda layer: -layer.dead / layer.units)
    return [_finding(case, layers)]


def _layers(
    case: Case, entries: list[tuple[int, int, Activation]]
) -> list[list[tuple[int, int, Activation]]]:
    """Entries of one place, apart where other weights make the input: a line that a loop repeats.

    A recurrent layer is one, for all its time steps have a weight in common.
    """
    layers: list[tuple[set[int], list[tuple[int, int, Activation]]]] = []
    for entry in entries:
        _, graph, activation = entry
        weights = set(nearest_parameters(case.graphs[graph], activation.node))
        same = next((layer for layer in layers if layer[0] & weights or not weights), None)
        if same is None:
            layers.append((weights, [entry]))
        else:
            same[0].update(weights)
            same[1].append(entry)
    return [entries for _, entries in layers]


def _layer(case: Case, entries: list[tuple[int, int, Activation]]) -> _Layer | None:
    step, graph, latest = entries[-1]
    place = case.graphs[graph].nodes[latest.node].place
    if place.operation not in CAN_DIE or not latest.units:
        return None
    if not _trained(case, graph, latest.node) or _of_the_loss(case.graphs[graph], latest.node):
        return None
    same = [(s, a) for s, _, a in entries if a.units == latest.units and a.dead_mask]
    mask, examples = (1 << 8 * len(latest.dead_mask)) - 1, 0
    used: set[int] = set()
    for s, activation in reversed(same):  # back from the end, until enough was seen
        here = int.from_bytes(activation.dead_mask, "big")
        dying = len(used) == SAMPLES - 1 and (
            here.bit_count() > 0 and (here & mask).bit_count() >= STAYED * here.bit_count()
        )
        if examples >= VALUES and (dying or len(used) >= SAMPLES) and s not in used:
            break
        mask &= here
        examples += activation.examples
        used.add(s)
    if examples < VALUES:
        return None
    # when most of them died: the first step from which as many stayed dead
    first = step
    for s, _, a in reversed([e for e in entries if e[2].units == latest.units]):
        if int.from_bytes(a.dead_mask, "big") & mask != mask:
            break
        first = s
    priced = _priced(case.graphs[graph], latest.node)
    return _Layer(place, priced, latest.units, mask.bit_count(), examples, first)


def _trained(case: Case, graph: int, node: int) -> bool:
    """True if an optimizer holds a weight whose product is the input of the units."""
    nearest = nearest_parameters(case.graphs[graph], node)
    return any(case.parameters[i].optimizers for i in nearest if i in case.parameters)


def _of_the_loss(graph: Graph, node: int) -> bool:
    """True if an activation is a term of the loss, and not a layer of the model."""
    return all(
        (name := operation(graph.nodes[i].name)) in _RISES or kind_of(name) == "structure"
        for i in nodes_above(graph, node)
    )


def _priced(graph: Graph, node: int) -> bool:
    """True if a way leads from an activation to the loss on which the loss rises with it."""
    above = sources(graph)

    def rises(i: int) -> bool:
        name = operation(graph.nodes[i].name)
        return name in _PRICED or kind_of(name) == "structure"

    ways = spread(node, lambda at: [i for i in above[at] if rises(i)])
    return any(not above[i] for i in ways)


def _severity(case: Case, share: float) -> Severity:
    if share >= DEAD_SHARE_ERROR:
        return "error"
    if spread_of_answers(case) <= ALIKE:
        return "warning"
    learned = unlearned(case)
    return "note" if math.isfinite(learned.share) and not learned.most else "warning"


def _finding(case: Case, layers: list[_Layer]) -> Finding:
    worst = layers[0]
    share = worst.dead / worst.units
    spread = spread_of_answers(case)
    alike = {"spread_of_answers": Evidence(spread, "of the targets'", ALIKE, "1 % of the variance")}
    others = ""
    if len(layers) > 1:
        others = "\n\nFurther layers: " + "; ".join(
            f"{layer.place}: {layer.dead} of {layer.units}" for layer in layers[1:6]
        )
    return Finding(
        fault=NAME,
        severity=_severity(case, share),
        title=f"{worst.dead} of {worst.units} units are dead",
        where=worst.place,
        steps=(worst.first_step, case.last_step),
        evidence={
            "dead_share": Evidence(share, "share of units", DEAD_SHARE, "SageMaker DeadRelu"),
            "dead_units": Evidence(float(worst.dead), "units"),
            "units": Evidence(float(worst.units), "units"),
            "values_seen_per_unit": Evidence(float(worst.examples), "values", float(VALUES)),
            "first_step": Evidence(float(worst.first_step), "step"),
            "layers": Evidence(float(len(layers)), "layers"),
            **(alike if spread <= ALIKE else {}),
        },
        explanation=(
            f"{worst.place.operation} passes a gradient on only where its input is "
            f"{_OPEN.get(worst.place.operation, 'positive')}: its derivative is "
            f"{_SLOPE.get(worst.place.operation, '1')} there and 0 elsewhere. For {worst.dead} of "
            f"the {worst.units} units ({percent(share)}) it was 0 on every one of the "
            f"{count(worst.examples)} values seen since step {count(worst.first_step)}. For a "
            f"weight w into such a unit the chain rule reads\n\n"
            f"    ∂L/∂w = ∂L/∂y · σ′(z) · x = ∂L/∂y · 0 · x = 0\n\n"
            f"so no step can move it, and the unit stays where it is for good.{others}"
        ),
        remedies=(
            *((_LOWER_THE_PRICE,) if worst.priced else ()),
            _first_change(worst),
            Remedy(
                "initialise the biases of the layer at 0 and its weights with "
                "nn.init.kaiming_normal_",
                "half of the units are then active on each example",
                "He et al. (2015), arXiv 1502.01852",
            ),
            Remedy(
                "replace it with LeakyReLU or GELU",
                "their derivative is not 0 for negative inputs, so a unit can come back",
                "Maas et al. (2013)",
            ),
        ),
        consequences=(),
    )


_OPEN = {
    "Threshold": "above its threshold",
    "Hardtanh": "between its ends",
    "Hardswish": "above −3",
    "Hardsigmoid": "between −3 and 3",
}
"""Where an activation that can die has a slope, if that is not where its input is positive."""

_SLOPE = {"Hardswish": "not 0", "Hardsigmoid": "1/6"}
"""What the slope is there, if it is not 1."""


def _first_change(worst: _Layer) -> Remedy:
    """What made the units die: a step, unless they were dead before the first one."""
    if worst.first_step > 0:
        return Remedy(
            "lower the learning rate, or warm it up over the first steps",
            "one step that is too long pushes the inputs of the units below zero",
        )
    if worst.place.operation == "Threshold":
        return Remedy(
            "lower the threshold (nn.ReLU has one of 0), or scale up what comes before it",
            "no step was made yet: the initial weights give no value that reaches the threshold",
        )
    return Remedy(
        "look at what the layer is given and at its initial offsets",
        "no step was made yet: the initial weights give no value where the units have a slope",
    )
