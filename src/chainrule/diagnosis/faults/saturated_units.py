"""Saturated units.

What it is
    Units of a sigmoid or a tanh whose input is far from 0: the output is at its limit whatever
    the input does, so the local derivative σ′(z) is nearly 0, and with it ∂L/∂w of all weights
    before them. So it is with a softmax whose shares are 1 and 0, and with an exp of large
    negative numbers.

Why it happens
    Inputs of hundreds that nobody scaled, initial weights that are too large, or one step that
    was far too long; scores that are not divided by the root of their width, centres far from the
    data.

How it is found
    On each sampled step the derivative of every such layer is read. A derivative is small if it
    is below a twentieth of the largest that the activation has. The fault needs a layer in which
    at least half of the derivatives are small, as the median over the later half of the sampled
    steps (quantity `small_derivatives`, threshold 0.5, as SageMaker Debugger and TheDeepChecker
    count it) and on at least nine tenths of these steps (`saturated_steps`, threshold 0.9). And
    its effect: half of the loss of the first step, or of a constant answer where that is lower,
    is left at the end (`loss_left`, threshold 0.5); or nearly all derivatives are small
    (threshold 0.9), the weights before the layer have moved by less than a tenth of their size
    (`way`, threshold 0.1), and a tenth of the loss is left: that is a warning.

    Where no such layer is found, a softmax or an exp is asked for (attention, radial basis
    functions) that lets a hundred-thousandth of the gradient's RMS through or less (`gain`,
    threshold 1e-5: a softmax over n values that are alike passes on 1/n, this is a twentieth of
    that of 5,000) on nine tenths of the later sampled steps, while all weights behind it moved by
    less than a tenth of their size and half of the loss is left.

Example that has it
    `examples/plateau_digits.py`.

Example that has not
    A classifier with a sigmoid at its end that has learned: it is saturated because it is sure,
    and its loss is low. The gate of an LSTM: it is there to be open or shut.

Remedies
    Scale the input, initialise with Xavier's or PyTorch's scale, normalise before the activation.

Known limits
    Of a softmax only the norms are known: one that is one-hot looks like one whose weighed values
    are all the same; where exactly 0 comes through on every pass it may be one over a single value,
    and is a warning. Fused attention is not looked at; fused recurrent layers and compiled code
    show no derivatives. With more than one optimizer (a GAN) a lower loss is not the aim, and
    nothing is said.

References
    Glorot and Bengio (2010), AISTATS; LeCun et al. (1998), Efficient BackProp, section 4.4.
"""

from dataclasses import dataclass

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.flat_exponentials import flat_exponentials
from chainrule.diagnosis.reach import (
    nearest_parameters,
    nodes_above,
    parameters_below,
    sources,
    spread,
    targets,
)
from chainrule.diagnosis.unlearned import Unlearned, unlearned
from chainrule.diagnosis.wording import names, number, percent
from chainrule.instruments import Chain
from chainrule.records import Evidence, Finding, Graph, Place, Remedy, kind_of, operation

NAME = "saturated-units"
SUMMARY = "Activations or a softmax at their limits: nearly no gradient comes through them."

SMALL_SHARE = 0.5
"""Share of a layer's derivatives that must be small: most of the layer (SageMaker Debugger,
SaturatedActivation; TheDeepChecker)."""

NEARLY_ALL = 0.9
"""From here the layer passes next to nothing on, so it is a fault even of a run that learns by the
layers after it."""

PERSISTENT = 0.9
"""Of the later sampled steps, the share on which most of the layer must be saturated: single odd
batches are allowed for."""

SAMPLES = 3
"""Later sampled steps needed: one odd batch is no verdict."""

STILL = 0.1
"""Way of the weights before the layer, in shares of their size, below which they hardly moved."""

SOME_LEFT = 0.1
"""Share of the loss left below which nothing is said: the layers after it have learned the task."""

_TWO_SIDED = frozenset({"Sigmoid", "Tanh", "Hardsigmoid", "Hardtanh"})
_LOGARITHMS = frozenset(
    {"BinaryCrossEntropy", "BinaryCrossEntropyWithLogits", "Log", "NllLoss", "LogSoftmax"}
)
"""Losses whose derivative grows as that of a sigmoid before them falls: the product does not
vanish on wrong answers."""


@dataclass(frozen=True, slots=True)
class _Layer:
    place: Place
    share: float
    steps: float
    derivative: float
    gain: float
    first_step: int
    way: float
    before: tuple[str, ...]


def check(case: Case) -> list[Finding]:
    """The finding, with all saturated layers, if they cost the run its learning."""
    if len(case.optimizers) != 1:
        return []
    left = unlearned(case)
    layers = [layer for place in case.activations if (layer := _layer(case, place)) is not None]
    layers = [
        layer
        for layer in layers
        if left.most
        or (layer.share >= NEARLY_ALL and layer.way < STILL and left.share >= SOME_LEFT)
    ]
    if not layers:
        return flat_exponentials(case, left)
    layers.sort(key=lambda layer: -layer.share)
    return [_finding(case, layers, left)]


def _layer(case: Case, place: str) -> _Layer | None:
    entries = case.activations[place]
    _, number_of, latest = entries[-1]
    graph = case.graphs[number_of]
    node = graph.nodes[latest.node]
    late = [(s, a) for s, _, a in entries if s in case.late_steps]
    if operation(node.name) not in _TWO_SIDED or len({s for s, _ in late}) < SAMPLES:
        return None
    share = middle(a.small_fraction for _, a in late)
    steps = sum(a.small_fraction >= SMALL_SHARE for _, a in late) / len(late)
    if not share >= SMALL_SHARE or not steps >= PERSISTENT:
        return None
    before = [case.parameters[i] for i in parameters_below(graph)[latest.node]]
    trained = [p for p in before if p.optimizers and p.requires_grad]
    if not trained or _is_gate(graph, latest.node) or _is_balanced(graph, latest.node):
        return None
    nearest = nearest_parameters(graph, latest.node) or {p.index for p in trained}
    first = entries[-1][0]
    for s, _, a in reversed(entries):
        if a.small_fraction < SMALL_SHARE:
            break
        first = s
    return _Layer(
        place=node.place,
        share=share,
        steps=steps,
        derivative=middle(a.mean_derivative for _, a in late),
        gain=_gain(case, number_of, latest.node),
        first_step=first,
        way=max((w for p in trained if (w := case.way(p.index)) >= 0), default=0.0),
        before=tuple(case.parameters[i].name for i in sorted(nearest) if i in case.parameters),
    )


def _users(graph: Graph, node: int) -> list[int]:
    """What takes the output of a node, reshaping and scaling by constants left out."""
    above, following = sources(graph), targets(graph)

    def goes_on(i: int) -> bool:
        name = operation(graph.nodes[i].name)
        scales = name in ("Mul", "Div", "Neg") and len(following[i]) == 1
        return scales or kind_of(name) == "structure"  # dropout multiplies by a constant mask

    met = spread(node, lambda i: above[i] if i == node or goes_on(i) else [])
    return [i for i in met if not goes_on(i)]


def _is_gate(graph: Graph, node: int) -> bool:
    """True if the output only weights other values: what a gate is for."""
    users = [operation(graph.nodes[i].name) for i in _users(graph, node)]
    return bool(users) and all(name in ("Mul", "Addcmul", "Lerp", "Rsub", "Sub") for name in users)


def _is_balanced(graph: Graph, node: int) -> bool:
    """True for the last activation before a loss that takes logarithms."""
    above = [operation(graph.nodes[i].name) for i in nodes_above(graph, node)]
    return not any(kind_of(name) == "weight" for name in above) and any(
        name in _LOGARITHMS for name in above
    )


def _gain(case: Case, graph: int, node: int) -> float:
    """RMS of the gradient after the activation over that before it, on the later samples."""

    def of(chain: Chain) -> float:
        after = [e.target for e in chain.graph.edges if e.source == node][:1]
        before = chain.rms(node)
        return chain.rms(after[0]) / before if after and before > 0 else float("nan")

    return middle(
        of(chain)
        for step, chain in case.chains
        if chain.graph.id == graph and step in case.late_steps
    )


def _finding(case: Case, layers: list[_Layer], left: Unlearned) -> Finding:
    worst = layers[0]
    others = ""
    if len(layers) > 1:
        others = "\n\nFurther layers: " + "; ".join(
            f"{layer.place}: {percent(layer.share)}" for layer in layers[1:6]
        )
    return Finding(
        fault=NAME,
        severity="error" if left.most else "warning",
        title=f"{percent(worst.share)} of {worst.place} is saturated",
        where=worst.place,
        steps=(worst.first_step, case.last_step),
        evidence={
            "small_derivatives": Evidence(
                worst.share, "of the derivatives", SMALL_SHARE, "most of the layer"
            ),
            "saturated_steps": Evidence(
                worst.steps, "of the later sampled steps", PERSISTENT, "persistently"
            ),
            "mean_derivative": Evidence(worst.derivative),
            "gain": Evidence(worst.gain, "of the gradient's RMS"),
            "way": Evidence(
                worst.way, "of the weights' size", STILL if not left.most else None, "hardly moved"
            ),
            "layers": Evidence(float(len(layers)), "layers"),
            **left.evidence,
        },
        explanation=(
            f"From step {worst.first_step} on {percent(worst.share)} of the derivatives of "
            f"{worst.place} are below a twentieth of the largest that it has; their mean is "
            f"{number(worst.derivative)}. Its inputs are so far from 0 that its outputs stay at "
            "their limits. For a weight w before it the chain rule reads\n\n"
            f"    ∂L/∂w = ∂L/∂y · σ′(z) · ∂z/∂w,   σ′(z) = {number(worst.derivative)} on average"
            f"\n\nand of the gradient's RMS {number(worst.gain)} comes through (measured). The "
            f"weights before it moved by {number(worst.way)} of their size in the whole run. The "
            f"loss ended at {left.in_words}, "
            + ("most of which is left." if left.most else "reached by the layers after it alone.")
            + others
        ),
        remedies=(
            Remedy(
                "standardise the input, and start from PyTorch's or Xavier's initialisation",
                "sums before the activation are then near 0, where its derivative is largest",
                "Glorot and Bengio (2010), AISTATS",
            ),
            Remedy(
                f"normalise the output of {names(worst.before)} before the activation"
                if worst.before
                else "normalise before the activation",
                "batch or layer normalisation keeps its inputs near 0 through the whole run",
                "Ioffe and Szegedy (2015), arXiv 1502.03167",
            ),
            Remedy(
                "lower the learning rate if the layer saturated only after some steps"
                f" (here from step {worst.first_step} on)",
                "one step that is far too long pushes the sums to where there is no slope",
            ),
        ),
    )
