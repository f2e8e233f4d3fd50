"""Badly scaled initialization.

What it is
    Initial weights so large or so small that the signal grows or shrinks from layer to layer, and
    the gradient with it, from the first step on.

Why it happens
    `nn.init.normal_(w)` with its standard deviation of 1, one small constant deviation for all
    layers, `torch.randn(n, m)` as a weight.

How it is found
    The factor by which each product with a weight changes the RMS: of the gradient that goes back
    before the first step, and of the values that go forward (RMS of z over RMS of its input) in
    the first pass in which these were seen, if no step before it moved a weight by a tenth. He's
    and Glorot's weights have 1.4 and 1, PyTorch's own 0.6.

    - Too large: some factor is 3 or more (`largest_gain`), the first loss is 5 times that of a
      constant answer or more (`first_loss`), and half of the run or more is spent above it
      (`share_above_constant`, threshold 0.5), or the loss becomes non-finite. Or most of an
      activation's derivatives behind such a layer are small at the first step, and the loss stays
      above half of a constant answer's. A model of one product whose loss rises is left out: its
      loss is convex, and where it begins does not decide whether steps diverge.
    - Too small: half of three or more factors of the gradient are 0.2 or less (`median_gain`; a
      normalisation behind a layer is counted to it, and what lies behind a factor of exactly 0 is
      not counted, for no gradient arrives there), they come to a thousandth or less together
      (`product_of_gains`), and the loss stays above nine tenths of that of a constant answer
      (`loss_over_constant`, threshold 0.9).

    - Too large for what is bounded, such as sines: half of three or more factors of the gradient
      are 3 or more (a constant above 1 by which a product is multiplied is counted to it: sin(ω·Wx)
      has the weights ωW), with all that lies between them the gradient grows a thousandfold or
      more (`growth`), most of no activation is saturated, and the loss stays above nine tenths of
      that of a constant answer. The first loss does not show it, for what is bounded stays as
      large; the slope does.

    It explains exploding and vanishing gradients, dead and saturated units, plateaus and overflows.

Example that has it
    Three hidden layers of 500 units with weights from N(0, 1).

Example that has not
    Last layers of zeros, GPT-2's deviation of 0.02 before a layer norm; any initialisation from
    which the run learns.

Remedies
    Kaiming or Xavier initialisation, or PyTorch's own.

Known limits
    A factor does not tell of the size of the data. Where these are large as well, both are found,
    and either may be what saturates a layer. A bad scale that an optimizer such as Adam mends
    within half of the run is not told.

References
    Glorot and Bengio (2010), AISTATS; He et al. (2015), arXiv 1502.01852.
"""

import math
from dataclasses import dataclass
from itertools import dropwhile, takewhile

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.constant_prediction import ConstantPrediction, constant_prediction
from chainrule.diagnosis.drawing import MOST_NUMBERS, drawn, links
from chainrule.diagnosis.reach import nearest_parameters
from chainrule.diagnosis.wording import number, percent, plural
from chainrule.records import ChainLink, Evidence, Finding, ForwardPass, Place, Remedy

NAME = "badly-scaled-initialization"
SUMMARY = "Initial weights that blow the signal up, or let it die, from layer to layer."

LARGE_GAIN = 3.0
"""Factor of one layer: twice that of He's weights for ReLU (√2), the largest in common use."""

SMALL_GAIN = 0.2
"""Factor of one layer: a third of PyTorch's own weights (1/√3), the smallest in common use."""

LAYERS = 3
"""Layers from which small factors are a product that dies; one alone is a small last layer."""

DIED = 1e-3
"""Product of the factors: of a signal of size 1 less is left than the steps of a run make up."""

HIGH_START = 5.0
"""First loss over that of a constant answer: good initialisations begin at 1 to 2."""

MOST_OF_THE_RUN = 0.5
"""Share of the steps above the loss of a constant answer, spent on coming down."""

NOT_LEARNED = 0.9
"""Loss at the end over that of a constant answer, for signals that die: not a tenth gained."""

HALF_LEARNED = 0.5
"""The same for layers that are saturated from the start: less than half of what can be gained."""

SATURATED = 0.5
"""Share of an activation's derivatives that are small: most of the layer."""

GREW = 1e3
"""Growth of the gradient from the last layer to the first: what `DIED` is, the other way. A step
that is right for the last layer is a thousand times too long for what the first one does."""

SMALL_INPUT = 0.1
"""RMS of what a layer is given from which z is its product with the weights and not the bias: those
of PyTorch are of size 1/√(3n), 0.1 for 30 inputs."""

FIRST_STEPS = 2
"""Step up to which a forward pass tells of the initial weights, if none moved far before it."""

MOVED = 0.1
"""Update over weight: a step that is longer has changed the factor of a layer by a tenth."""

_SCALES = frozenset({"Mul", "Div"})

_PRODUCTS = frozenset(
    {
        *("linear", "matmul", "mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "einsum", "bilinear"),
        *("conv1d", "conv2d", "conv3d", "convolution", "_convolution"),
        *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("__matmul__", "__rmatmul__"),
    }
)


@dataclass(frozen=True, slots=True)
class _Layer:
    place: Place
    parameter: int | None
    gain: float


def check(case: Case) -> list[Finding]:
    """The finding, if the first steps show it and the run suffers from it."""
    constant = constant_prediction(case)
    if constant is None or not constant.loss > 0:
        return []
    back = _backwards(case)
    forth = _forwards(case)
    found: list[Finding] = []
    if forth or back:
        found = _too_large(case, forth, back, constant)
    if back and not found:
        return _too_small(case, back, constant) or _too_steep(case, constant)
    return found


def _first(case: Case) -> ForwardPass | None:
    """The first forward pass that was seen, if weights were still the initial ones."""
    first = next((f for f in case.forward_passes if f.layers and f.step <= FIRST_STEPS), None)
    return None if first is None or _moved_before(case, first.step) else first


def _forwards(case: Case) -> list[_Layer]:
    """RMS of z over RMS of x of the products with weights, from the input to the loss.

    What is given to them must not be so small that the bias is most of z.
    """
    first = _first(case)
    return [
        _Layer(c.place, c.parameter, c.made.rms / c.given.rms)
        for c in (first.layers if first is not None else ())
        if c.function in _PRODUCTS and c.given.rms >= SMALL_INPUT
    ]


def _backwards(case: Case, *, scales: bool = False) -> list[_Layer]:
    """What each weight makes of the RMS of the gradient before the first step; biases have no part.

    A normalisation between two layers is counted to the one before it: it mends a bad scale. Where
    exactly 0 comes out (a unit that is switched off, weights of 0) nothing arrives at what lies
    behind, so that its factors are not measured.

    Args:
        case: The run.
        scales: Count a multiplication that enlarges as well, for ω(Wx) is (ωW)x. Before what can
            saturate it is no fault of the weights.
    """
    first = [chain for step, chain in case.chains if step == 0]
    if case.deepest is None or not first:
        return []
    layers: list[_Layer] = []
    mended = 1.0
    for link in takewhile(lambda link: link.gain != 0, links(first, case.deepest[0])):
        enlarges = scales and link.place.operation in _SCALES and link.gain > 1
        if link.kind == "normalization" or enlarges:
            mended *= link.gain
        elif link.kind == "weight":
            layers.append(_Layer(link.place, None, link.gain * mended))
            mended = 1.0
    return layers[::-1]


def _moved_before(case: Case, step: int) -> bool:
    """True if a step before this one moved some weight so far that it is no initial one."""
    return any(
        not ratio <= MOVED
        for parameter in case.weights
        for at, ratio in case.update_ratios(parameter)
        if at < step
    )


def _too_large(
    case: Case, forth: list[_Layer], back: list[_Layer], constant: ConstantPrediction
) -> list[Finding]:
    worst = max([*forth, *back], key=lambda layer: layer.gain)
    layers = forth if worst in forth else back
    if not worst.gain >= LARGE_GAIN:
        return []
    if len(layers) == 1 and case.loss_end > case.loss_start:
        return []  # of one product the loss is convex: whether steps diverge is not up to the start
    loss = case.main_loss()
    above = [not v <= constant.loss for v in loss.values] if loss is not None else []
    share = sum(above) / len(above) if above else 0.0
    first = case.loss_start / constant.loss
    evidence = {
        "largest_gain": Evidence(worst.gain, "of the RMS", LARGE_GAIN, "He: 1.4"),
        "layers": Evidence(float(len(layers)), "layers"),
        "first_loss": Evidence(first, "of a constant answer's", HIGH_START, constant.words),
        "share_above_constant": Evidence(share, "of the steps", MOST_OF_THE_RUN, constant.words),
        "loss_over_constant": Evidence(case.loss_end / constant.loss),
        **_losses(case),
    }
    broke = case.broke_at is not None
    flat = _saturated(case, [x for x in forth if x.gain >= LARGE_GAIN])
    if first >= HIGH_START and (share >= MOST_OF_THE_RUN or broke):
        effect = (
            f"The first loss was {number(case.loss_start)}, {number(first)} times that of "
            f"{constant.words} ({number(constant.loss)}); "
            + (
                f"from step {case.broke_at} on it is not finite."
                if broke
                else f"{percent(share)} of the steps were spent above that."
            )
        )
    elif flat >= SATURATED and case.loss_end >= HALF_LEARNED * constant.loss:
        evidence["small_derivatives"] = Evidence(flat, "at the first step", SATURATED, "most of it")
        effect = (
            f"{percent(flat)} of the derivatives of an activation behind it were nearly 0 at the "
            f"first step, and the loss ended at {number(case.loss_end)}; {constant.words} has "
            f"{number(constant.loss)}."
        )
    else:
        return []
    severe = broke or not case.loss_end < constant.loss
    return [
        _finding(
            case,
            layers,
            worst,
            title=f"initial weights multiply the signal by up to {number(worst.gain)} a layer",
            severe=severe,
            evidence=evidence,
            effect=effect,
        )
    ]


def _too_small(case: Case, layers: list[_Layer], constant: ConstantPrediction) -> list[Finding]:
    product = math.prod(layer.gain for layer in layers)
    typical = middle(layer.gain for layer in layers)
    if len(layers) < LAYERS or not typical <= SMALL_GAIN or not product <= DIED:
        return []
    if not case.loss_end / constant.loss >= NOT_LEARNED or case.broke_at is not None:
        return []
    worst = min(layers, key=lambda layer: layer.gain)
    return [
        _finding(
            case,
            layers,
            worst,
            title=f"initial weights leave {number(product)} of the signal after all layers",
            severe=True,
            evidence={
                "median_gain": Evidence(typical, "a layer", SMALL_GAIN, "PyTorch's own: 0.6"),
                "product_of_gains": Evidence(product, "", DIED, "less than steps make up"),
                **_nothing_learned(case, layers, constant),
            },
            effect=(
                f"The loss ended at {number(case.loss_end)}; {constant.words} has "
                f"{number(constant.loss)}."
            ),
        )
    ]


def _nothing_learned(
    case: Case, layers: list[_Layer], constant: ConstantPrediction
) -> dict[str, Evidence]:
    """Over how many layers, and that the loss stayed at that of a constant answer."""
    share = case.loss_end / constant.loss
    return {
        "layers": Evidence(float(len(layers)), "layers", float(LAYERS)),
        "loss_over_constant": Evidence(share, "", NOT_LEARNED, constant.words),
        **_losses(case),
    }


def _too_steep(case: Case, constant: ConstantPrediction) -> list[Finding]:
    layers = _backwards(case, scales=True)
    product = _growth(case)
    typical = middle(layer.gain for layer in layers)
    if len(layers) < LAYERS or not typical >= LARGE_GAIN or not product >= GREW:
        return []
    if (
        not case.loss_end / constant.loss >= NOT_LEARNED
        or case.broke_at is not None
        or _flat_units(case)
    ):
        return []
    return [
        _finding(
            case,
            layers,
            max(layers, key=lambda layer: layer.gain),
            title=f"initial weights multiply the gradient by {number(product)} on its way back",
            severe=True,
            evidence={
                "median_gain": Evidence(typical, "a layer", LARGE_GAIN, "He: 1.4"),
                "growth": Evidence(product, "", GREW, "a thousandfold"),
                **_nothing_learned(case, layers, constant),
            },
            effect=(
                "What comes out of the first layers turns so fast with its weights that a step "
                "which is right for the last layer lands anywhere. The loss ended at "
                f"{number(case.loss_end)}; {constant.words} has {number(constant.loss)}."
            ),
        )
    ]


def _flat_units(case: Case) -> bool:
    """True if most of an activation is saturated at once: then that is what there is to tell."""
    return any(
        a.small_fraction >= SATURATED
        for step, chain in case.chains
        if step == 0
        for a in chain.backward_pass.activations
    )


def _growth(case: Case) -> float:
    """What the gradient is multiplied by from the last layer to the first, activations as well."""
    if case.deepest is None:
        return math.nan
    first = [chain for step, chain in case.chains if step == 0]
    behind = dropwhile(lambda link: link.kind != "weight", links(first, case.deepest[0]))
    return math.prod(link.gain for link in behind)


def _saturated(case: Case, layers: list[_Layer]) -> float:
    """Largest share of small derivatives, in the first steps, of an activation behind a layer."""
    parameters = {layer.parameter for layer in layers}
    return max(
        (
            a.small_fraction
            for step, chain in case.chains
            if step == 0
            for a in chain.backward_pass.activations
            if chain.graph.nodes[a.node].place.operation in ("Sigmoid", "Tanh", "Hardtanh")
            and parameters & nearest_parameters(chain.graph, a.node)
        ),
        default=math.nan,
    )


def _losses(case: Case) -> dict[str, Evidence]:
    return {
        "loss_first": Evidence(case.loss_start, rows="series loss"),
        "loss_last": Evidence(case.loss_end, rows="series loss"),
    }


def _chain(case: Case) -> tuple[ChainLink, ...]:
    if case.deepest is None:
        return ()
    first = [chain for step, chain in case.chains if step == 0]
    made = links(first, case.deepest[0])
    return drawn(made, [link for link in made if link.kind == "weight"])


def _finding(
    case: Case,
    layers: list[_Layer],
    worst: _Layer,
    *,
    title: str,
    severe: bool,
    evidence: dict[str, Evidence],
    effect: str,
) -> Finding:
    gains = " · ".join(number(layer.gain) for layer in layers[:MOST_NUMBERS])
    more = f" · … {len(layers) - MOST_NUMBERS} more" if len(layers) > MOST_NUMBERS else ""
    return Finding(
        fault=NAME,
        severity="error" if severe else "warning",
        title=title,
        where=worst.place,
        steps=(0, case.last_step),
        evidence=evidence,
        explanation=(
            "Before training had changed them, the weights of "
            f"{plural(len(layers), 'layer')} multiplied the RMS of what they were given by\n\n"
            f"    {gains}{more}\n\n"
            "from the first layer to the last (an activation comes on top). For weights with a "
            "standard deviation of s, a sum over n inputs has a factor of s·√n, so it stays near 1 "
            "with s = 1/√n, and √2 more for ReLU; the gradient is multiplied by the same weights "
            f"on its way back. {worst.place} has the factor {number(worst.gain)}. {effect}"
        ),
        remedies=(
            Remedy(
                "use nn.init.kaiming_normal_ (ReLU) or nn.init.xavier_normal_ (tanh, sigmoid), or "
                "leave PyTorch's own initialisation",
                "their deviations are √(2/n) and √(2/(n + m)) for n inputs and m outputs: the "
                "product of the factors stays near 1",
                "He et al. (2015), arXiv 1502.01852; Glorot and Bengio (2010)",
            ),
            Remedy(
                "or normalise between the layers (BatchNorm, LayerNorm)",
                "it divides by whatever size the signal has",
            ),
        ),
        chain=_chain(case),
    )
