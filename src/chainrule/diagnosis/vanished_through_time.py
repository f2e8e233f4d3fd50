"""A gradient that vanishes on its way back through the steps of a recurrence.

The weights are the same at each step, so those of the last steps make them move, and yet nothing
that was read early can be learned from.
"""

import math
from dataclasses import dataclass
from itertools import takewhile

from chainrule.instruments import Chain
from chainrule.records import Evidence, Factor, Finding, Remedy

from .case import Case, middle
from .constant_prediction import ConstantPrediction, constant_prediction
from .drawing import decades, drawn, links
from .unlearned import LEARNS_WITHIN
from .wording import count, number, plural

FAULT = "vanishing-gradient"

LEFT = 1e-3
"""RMS of ∂L/∂z at the first step of the sequence over that at the last: as from layer to layer
(AutoTrainer, ICSE 2021, beta1)."""

USES = 3
"""Uses of a weight on one way from which it is a recurrence, and two or more factors multiply."""

NOTHING_LEARNED = 0.98
"""Loss at the end over that of a constant answer. Stricter than the nine tenths of `cannot-tell`,
for recurrences that forget are common, and harmless where the last steps say enough."""

PERSISTENCE = 0.8
"""Share of the later sampled steps on which it must hold."""

SAMPLES = 3
"""Later sampled steps needed: one odd batch is no verdict."""

_CULPRIT_GAIN = 0.9  # of one factor; 66 of them take three decades


@dataclass(frozen=True, slots=True)
class _Recurrence:
    """The uses of one weight that lie on one way from the loss."""

    near: int
    far: int
    uses: int
    left: float


@dataclass(frozen=True, slots=True)
class _Pass:
    step: int
    chain: Chain
    recurrence: _Recurrence


def vanished_through_time(case: Case) -> list[Finding]:
    """The finding, if a recurrence forgets and nothing at all was learned."""
    constant = constant_prediction(case)
    if (
        len(case.optimizers) != 1
        or case.broke_at is not None
        or case.run.steps < LEARNS_WITHIN
        or constant is None
        or not case.loss_end >= NOTHING_LEARNED * constant.loss > 0
    ):
        return []
    found: list[tuple[float, int, list[_Pass]]] = []
    for weight in case.weights:
        seen = [
            _Pass(step, chain, recurrence)
            for step, chain in case.chains
            if (recurrence := _recurrence(chain, weight)) is not None
        ]
        late = [p.recurrence.left for p in seen if p.step in case.late_steps]
        held = sum(left <= LEFT for left in late)
        if len(late) >= SAMPLES and held >= PERSISTENCE * len(late):
            found.append((middle(late), weight, seen))
    if not found:
        return []
    left, weight, seen = min(found, key=lambda f: f[0])
    return [_finding(case, weight, seen, left, constant)]


def _recurrence(chain: Chain, weight: int) -> _Recurrence | None:
    """The longest way through uses of a weight; None if they do not lie behind one another."""
    products = {
        at for node, _ in chain.uses.get(weight, ()) if (at := _product(chain, node)) is not None
    }
    if len(products) < USES:
        return None
    depth: dict[int, tuple[int, int]] = {}  # of each node: uses on its way, the first of them
    best: _Recurrence | None = None
    for node in chain.outwards:
        source = chain.source(node)
        uses, near = depth.get(source, (0, node)) if source is not None else (0, node)
        if node in products:
            uses, near = uses + 1, near if uses else node
            if uses >= USES and (best is None or uses > best.uses):
                size = chain.rms(near)
                best = _Recurrence(near, node, uses, chain.rms(node) / size if size else math.nan)
        if uses:
            depth[node] = (uses, near)
    return best


def _product(chain: Chain, node: int) -> int | None:
    """The product with the weight that a use belongs to: a weight may be transposed before it."""
    at: int | None = node
    while at is not None and chain.kind(at) == "structure":
        at = chain.source(at)
    return at if at is not None and chain.kind(at) == "weight" else None


def _between(chain: Chain, recurrence: _Recurrence) -> tuple[Factor, ...]:
    """The factors from the last step of the sequence to the first."""
    path = chain.path_to(recurrence.far)
    start = next((i for i, f in enumerate(path) if f.node == recurrence.near), 0)
    return path[start:]


def _finding(
    case: Case,
    weight: int,
    seen: list[_Pass],
    left: float,
    constant: ConstantPrediction,
) -> Finding:
    name = case.parameters[weight].name
    late = [p for p in seen if p.step in case.late_steps]
    ways = {id(p.chain): p.recurrence for p in late}
    chains = [p.chain for p in late][-50:]
    whole = links(chains, weight, lambda c, _: c.path_to(ways[id(c)].far))
    between = links(chains, weight, lambda c, _: _between(c, ways[id(c)]))
    last = late[-1].recurrence
    began = [*takewhile(lambda p: p.recurrence.left <= LEFT, reversed(seen))] or late[:1]
    hops = last.uses - 1
    a_step = left ** (1 / hops)
    lost = {kind: -value for kind, value in decades(between).items() if value < 0}
    rows = f"{len(late)} sampled passes from step {min(case.late_steps)}"
    activation = next(
        (link.place.operation for link in between if link.kind == "activation"), "the activation"
    )
    return Finding(
        fault=FAULT,
        severity="warning",
        title=(
            f"the gradient shrinks {_fold(left)} over {plural(hops, 'step')} of the recurrence of "
            f"{name}, and nothing was learned"
        ),
        where=late[-1].chain.graph.nodes[last.near].place,
        steps=(began[-1].step, case.last_step),
        evidence={
            "gradient_ratio": Evidence(left, "", LEFT, "AutoTrainer (ICSE 2021)", rows),
            "factor_a_step": Evidence(a_step, "of the gradient's RMS", 1.0, "neither way", rows),
            "uses": Evidence(float(last.uses), "on one way", float(USES)),
            "loss_over_constant": Evidence(
                case.loss_end / constant.loss, "", NOTHING_LEARNED, constant.words, "series loss"
            ),
            "steps": Evidence(float(case.run.steps), "steps", float(LEARNS_WITHIN)),
            **{
                f"decades_lost_in_{kind}": Evidence(value, "decades")
                for kind, value in sorted(lost.items(), key=lambda item: -item[1])
            },
        },
        explanation=(
            f"A recurrence multiplies by the same weights at every step of the sequence, and the "
            f"gradient is multiplied by them at every step back. Between the last use of {name} "
            f"and the first there are {plural(hops, 'step')}, each with a factor of about "
            f"{number(a_step)} (measured: weights times the derivative of {activation}):\n\n"
            f"    ∂L/∂z₁ = ∂L/∂z_T · {number(a_step)}^{hops} = {number(left)} · ∂L/∂z_T\n\n"
            f"{name} moves all the same, by what the last steps of the sequence say. But what was "
            f"read at its start has next to no part in the gradient: a task that needs it cannot "
            f"be learned, and this one was not. After {count(case.run.steps)} steps the loss is "
            f"{number(case.loss_end)}; {constant.words} has {number(constant.loss)}. (Where the "
            "last steps of a sequence are enough for the answer, the reason is another.)"
        ),
        remedies=(
            Remedy(
                f"initialise {name} orthogonal (nn.init.orthogonal_) or as the identity",
                "an orthogonal matrix keeps the size of every gradient: its factor is 1 a step",
                "Saxe, McClelland, Ganguli (2014), arXiv 1312.6120; Le, Jaitly, Hinton (2015), "
                "arXiv 1504.00941",
            ),
            Remedy(
                "use an LSTM or a GRU in its place",
                "their state goes on by a sum, whose derivative is the gate that is near 1",
                "Hochreiter and Schmidhuber (1997), Neural Computation 9(8)",
            ),
            Remedy(
                "or give the loss a shorter way to the early steps: attention, or the mean of all "
                "outputs in place of the last one",
                "a product of few factors does not vanish",
            ),
        ),
        chain=drawn(
            whole,
            [
                link
                for link in between
                if link.kind in ("weight", "activation") and link.gain < _CULPRIT_GAIN
            ],
        ),
    )


def _fold(left: float) -> str:
    return f"{number(1 / left)}-fold" if left else "to nothing"
