"""Everything a fault may ask of a run, read once."""

import math
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from statistics import median

from chainrule.instruments import Chain
from chainrule.records import (
    UPDATES_BY_HAND,
    Activation,
    Event,
    Factor,
    FinalPlace,
    ForwardPass,
    Graph,
    OptimizerOutline,
    Parameter,
    ParameterSample,
    Run,
    Scheduler,
    Series,
    StepSample,
    StepScan,
    StepSharpness,
)
from chainrule.store import RunReader

MOST_SAMPLES = 400
"""Sampled steps read for a diagnosis; of more, this many are taken evenly over the run."""

_SCALE_FREE_NAMES = (
    "Adadelta Adafactor Adagrad Adam Adamax AdamW LAMB LBFGS Lion Muon NAdam RAdam RMSprop Rprop "
    "SparseAdam"
)
_SCALE_FREE = frozenset(_SCALE_FREE_NAMES.split())
"""Optimizers that divide by the size of the gradient, or by a curvature measured with it: a factor
of the loss cancels. (Of RAdam after its first steps, which are those of heavy ball.)"""

_WITH_WEIGHTS = frozenset({"weight", "compiled", "normalization", "other", "attention"})
"""Kinds of operations that may have weights."""


class Case:
    """A run under diagnosis.

    Args:
        reader: The open run file.
    """

    def __init__(self, reader: RunReader) -> None:
        self.run: Run = reader.run()
        self.parameters: dict[int, Parameter] = {p.index: p for p in reader.parameters()}
        self.optimizers: tuple[OptimizerOutline, ...] = reader.optimizers()
        self.graphs: dict[int, Graph] = {g.id: g for g in reader.graphs()}
        self.events: tuple[Event, ...] = reader.events()
        self.losses: dict[str, Series] = {
            name: reader.series(name) for name in reader.series_names() if name.startswith("loss")
        }
        self.rates: dict[int, Series] = {
            int(name.partition("/")[2]): reader.series(name)
            for name in reader.series_names()
            if name.startswith("learning_rate/")
        }  # of each optimizer: a point where the rate changed
        self.validation_losses: dict[str, Series] = {
            name: reader.series(name)
            for name in reader.series_names()
            if name.startswith("validation_loss")
        }
        self.step_scans: tuple[StepScan, ...] = reader.step_scans()
        self.step_sharpness: tuple[StepSharpness, ...] = reader.step_sharpness()
        self.forward_passes: tuple[ForwardPass, ...] = reader.forward_passes()
        self.schedulers: tuple[Scheduler, ...] = reader.schedulers()
        self.final_place: FinalPlace | None = reader.final_place()
        samples = _spread_samples(reader)
        if self.broke_at is not None:  # what is not finite any more is no sign of anything else
            samples = [s for s in samples if s.step < self.broke_at] or samples[:1]
        self.samples: tuple[StepSample, ...] = tuple(samples)

    @property
    def last_step(self) -> int:
        """Number of the last step seen."""
        return max(self.run.steps - 1, 0)

    @property
    def by_hand(self) -> bool:
        """True if there is no optimizer: the script itself changes its weights."""
        return [o.kind for o in self.optimizers] == [UPDATES_BY_HAND]

    @property
    def scale_free(self) -> bool:
        """True if no step is longer where the gradient is: every optimizer divides by its size."""
        return bool(self.optimizers) and all(o.kind in _SCALE_FREE for o in self.optimizers)

    @property
    def step_follows_gradient(self) -> bool:
        """True if there is one optimizer, and twice the gradient makes twice the step."""
        return len(self.optimizers) == 1 and not self.scale_free

    @cached_property
    def late_steps(self) -> frozenset[int]:
        """The later half of the sampled steps: what a run was like after its beginning."""
        steps = sorted({sample.step for sample in self.samples})
        return frozenset(steps[len(steps) // 2 :])

    @cached_property
    def chains(self) -> tuple[tuple[int, Chain], ...]:
        """Every sampled backward pass as `(step, chain)`."""
        return tuple(
            (sample.step, Chain(self.graphs[p.graph], p))
            for sample in self.samples
            for p in sample.backward_passes
            if p.graph in self.graphs
        )

    @cached_property
    def reached(self) -> dict[int, list[tuple[int, float]]]:
        """For each parameter, `(step, ‖∂L/∂w‖)` of the passes that brought it a gradient."""
        reached: dict[int, list[tuple[int, float]]] = {}
        for step, chain in self.chains:
            if chain.backward_pass.accumulates or self.uses_autograd_grad:
                for parameter, node in chain.leaves.items():
                    norm = chain.backward_pass.node_norms[node]
                    reached.setdefault(parameter, []).append((step, norm))
        return reached

    @cached_property
    def uses_autograd_grad(self) -> bool:
        """True if no pass accumulates: the script takes its gradients by `torch.autograd.grad`."""
        passes = [p for s in self.samples for p in s.backward_passes]
        return bool(passes) and not any(p.accumulates for p in passes)

    @cached_property
    def measured(self) -> dict[int, list[tuple[int, ParameterSample]]]:
        """For each parameter what was measured of it, as `(step, norms)`."""
        measured: dict[int, list[tuple[int, ParameterSample]]] = {}
        for sample in self.samples:
            for p in sample.parameters:
                measured.setdefault(p.parameter, []).append((sample.step, p))
        return measured

    def update_ratios(self, parameter: int) -> list[tuple[int, float]]:
        """`(step, RMS(Δw)/RMS(w))` of the sampled steps; 0 for weights of 0 that stay so."""
        return [
            (step, p.update_ratio if p.weight_norm else 0.0)
            for step, p in self.measured.get(parameter, ())
            if p.weight_norm > 0 or p.update_norm == 0
        ]

    def way(self, parameter: int) -> float:
        """How far a weight went over the run, in shares of its size: its updates, added up.

        Between sampled steps the updates are taken to go from the one measured to the next in a
        straight line; after the last one they stay. NaN if none was measured.
        """
        ratios = [(s, v) for s, v in self.update_ratios(parameter) if math.isfinite(v)]
        if not ratios:
            return math.nan
        way = ratios[0][1] * (ratios[0][0] + 1) + ratios[-1][1] * (self.last_step - ratios[-1][0])
        for (start, before), (end, after) in pairwise(ratios):
            way += after + (end - start - 1) * (before + after) / 2
        return way

    def gradient_rms(self, parameter: int) -> list[tuple[int, float]]:
        """`(step, RMS(∂L/∂w))` as the optimizer used it, where there was a gradient."""
        root = math.sqrt(self.parameters[parameter].numel or 1)
        return [
            (step, p.gradient_norm / root)
            for step, p in self.measured.get(parameter, ())
            if p.gradient_norm is not None
        ]

    def main_loss(self) -> Series | None:
        """The loss of the first optimizer, or whichever was seen."""
        return self.losses.get("loss") or next(iter(self.losses.values()), None)

    @property
    def loss_start(self) -> float:
        """The loss of the first step, before any update; NaN if none was seen."""
        loss = self.main_loss()
        return loss.values[0] if loss is not None and loss.values else math.nan

    @property
    def loss_end(self) -> float:
        """Median loss of the last tenth of the steps; NaN if none was seen.

        Of a run that broke with a NaN or an infinity, the steps before it did.
        """
        loss = self.main_loss()
        finite = [v for v in loss.values if math.isfinite(v)] if loss is not None else []
        return median(finite[-max(1, len(finite) // 10) :]) if finite else math.nan

    @cached_property
    def broke_at(self) -> int | None:
        """The step from which on no loss is finite; None if the run ended with finite ones."""
        broke = []
        for loss in self.losses.values():
            sound = [i for i, v in enumerate(loss.values) if math.isfinite(v)]
            after = sound[-1] + 1 if sound else 0
            if after < len(loss.values):
                broke.append(loss.steps[after])
        return min(broke, default=None)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """Weight matrices and kernels that an optimizer holds and a gradient reaches."""
        return tuple(
            i
            for i, p in self.parameters.items()
            if len(p.shape) >= 2 and p.requires_grad and p.optimizers and i in self.reached
        )

    @cached_property
    def deepest(self) -> tuple[int, int] | None:
        """The weights at both ends of the longest chain: `(farthest from, nearest to the loss)`.

        Depth is the number of weight and activation factors on the principal path, over the
        sampled passes; the nearest is the first weight met on the farthest one's chain.
        """
        best: tuple[int, int, int] | None = None
        for _, chain in self.chains[-8:]:
            nearest: tuple[int, int] | None = None
            depths = _depths(chain, self.weights)
            if len(depths) < 2:
                continue
            far = max(depths, key=lambda w: (depths[w], -w))
            nearest = min(((depths[w], -w) for w in depths if w != far), default=None)
            if nearest is not None and (best is None or depths[far] > best[2]):
                best = (far, -nearest[1], depths[far])
        return None if best is None else best[:2]

    @cached_property
    def activations(self) -> dict[str, list[tuple[int, int, Activation]]]:
        """Activation statistics by place: `(step, graph, activation)`."""
        found: dict[str, list[tuple[int, int, Activation]]] = {}
        for step, chain in self.chains:
            for a in chain.backward_pass.activations:
                place = chain.graph.nodes[a.node].place
                found.setdefault(str(place), []).append((step, chain.graph.id, a))
        return found


def _spread_samples(reader: RunReader) -> list[StepSample]:
    """All samples, or as many as are looked at, evenly over the run; the rest are not read."""
    steps = reader.sampled_steps()
    if len(steps) <= MOST_SAMPLES:
        return list(reader.samples())
    stride = len(steps) / MOST_SAMPLES
    chosen = dict.fromkeys(steps[int(i * stride)] for i in range(MOST_SAMPLES))
    return [sample for step in chosen for sample in reader.samples(step, step)]


def _depths(chain: Chain, weights: Iterable[int]) -> dict[int, int]:
    """Weight and activation factors on the principal path to each weight that has one."""
    depths = [0] * len(chain.graph.nodes)
    for node in chain.outwards:
        source = chain.source(node)
        if source is not None:
            counts = chain.kind(source) in ("weight", "activation", "attention")
            depths[node] = depths[source] + counts
    leaves = {w: chain.leaves[w] for w in weights if w in chain.leaves}
    return {w: depths[node] for w, node in leaves.items() if chain.source(node) is not None}


def layer_node(chain: Chain, parameter: int) -> int | None:
    """The operation that makes z of a weight's layer; None if no gradient reached the weight.

    It is the nearest on the weight's principal path that can be one, and the weight's own node if
    none can.
    """
    leaf = chain.leaves.get(parameter)
    node, seen = leaf, set[int]()
    while node is not None and node not in seen:  # a damaged file: graphs have no cycles
        seen.add(node)
        node = chain.source(node)
        if node is not None and chain.kind(node) in _WITH_WEIGHTS:
            return node
    return leaf


def layer_uses(chain: Chain, parameter: int) -> tuple[int, ...]:
    """The operations that make z of a weight that is used several times, the loss's side first.

    A recurrent weight has one a time step. Uses that brought it less than half of an equal share
    of its gradient are left out: what happens on the way to them does not show in it. Empty for a
    weight that is used once.
    """
    uses, total = chain.uses.get(parameter, []), chain.norm(parameter)
    if len(uses) < 2 or total is None:
        return ()
    found = []
    for node, norm in uses:
        at: int | None = node
        while at is not None and chain.kind(at) not in _WITH_WEIGHTS:
            at = chain.source(at)
        if at is not None and norm >= total / (2 * len(uses)):
            found.append(at)
    place = {node: i for i, node in enumerate(chain.outwards)}
    return tuple(sorted(found, key=lambda at: place.get(at, 0)))


def z_chain(chain: Chain, parameter: int) -> tuple[Factor, ...]:
    """The principal path to a weight, up to and without its own last factor ∂z/∂w.

    What is left is ∂L/∂z of the layer that the weight belongs to: the part of the product that
    all earlier layers share.
    """
    node = layer_node(chain, parameter)
    return () if node is None else chain.path_to(node)


def middle(values: Iterable[float]) -> float:
    """Median of the finite values; NaN if there is none."""
    finite = [v for v in values if math.isfinite(v)]
    return median(finite) if finite else math.nan
