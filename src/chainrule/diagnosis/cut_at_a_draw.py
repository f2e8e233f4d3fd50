"""A path cut at a random draw, while a price on what was drawn from still reaches the weights.

A variational autoencoder whose code is drawn by `sample()` trains, and its loss falls: the decoder
learns from the reconstruction, and the encoder from the divergence from the prior alone, which is
least where every input gets the same code.
"""

from dataclasses import dataclass, replace

from chainrule.records import Cut, Evidence, Finding, Graph, Place, Remedy, Values, draws, operation

from .case import Case
from .reach import carries
from .wording import count, names, number, percent, plural

FAULT = "no-gradient"

SAMPLES = 2
"""Forward passes needed that show it, as for any path that is missing."""

SHRUNK = 0.5
"""What the layer that is drawn from said of the inputs, from the smallest number to the largest: at
the end over the beginning. A batch of thousands of numbers has the same range within some percent;
half of it is lost only by what pulls all of them to one place."""

ERROR_SHARE = 0.1
"""Share of the optimized weights from which it is an error: a tenth of the model does not learn."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A draw, and the layer that its settings come from."""

    cut: Cut
    layer: str
    first: float
    last: float
    steps: tuple[int, int]


def cut_at_a_draw(case: Case) -> list[Finding]:
    """The finding, if what is behind a draw learns from nothing that comes after it."""
    optimized = {i for i, p in case.parameters.items() if p.requires_grad and p.optimizers}
    for cut in _lasting(case):
        behind = {*cut.parameters} & optimized
        met = {*cut.met} & optimized
        drawn = _drawn(case, cut)
        if (
            behind
            and met
            and not {*cut.met} & {*cut.parameters}
            and _only_priced(case, behind, optimized)
            and drawn is not None
            and drawn.last <= SHRUNK * drawn.first
        ):
            return [_finding(case, drawn, behind, met)]
    return []


def _lasting(case: Case) -> list[Cut]:
    """Draws whose result met other weights on every forward pass that was listened to."""
    listened = [f for f in case.forward_passes if f.layers and f.cuts]
    seen: dict[tuple[Place, tuple[int, ...]], list[Cut]] = {}
    for forward in listened:
        for cut in forward.cuts:
            if cut.used and cut.is_draw:
                seen.setdefault((cut.place, cut.parameters), []).append(cut)
    return [cuts[-1] for cuts in seen.values() if SAMPLES <= len(cuts) == len(listened)]


def _only_priced(case: Case, behind: set[int], optimized: set[int]) -> bool:
    """True if a gradient reaches all of these weights, by way of no others and together with them.

    So it is of a term of the loss that is computed from what was drawn from itself. One that leads
    through further layers, as a classifier on the same features, is a task of its own.
    """
    passes = [c for _, c in case.chains if behind & c.leaves.keys()]
    return len(passes) >= SAMPLES and all(
        behind <= c.leaves.keys()
        and (optimized - behind) & c.leaves.keys()
        and not carries(_without_draws(c.graph), optimized - behind, behind)
        for c in passes
    )


def _without_draws(graph: Graph) -> Graph:
    """The graph without what draws that were made with gradients on pass on: zeros."""
    drawn = [draws(operation(node.name).lower()) for node in graph.nodes]  # `NormalBackward0`
    return replace(graph, edges=tuple(e for e in graph.edges if not drawn[e.source]))


def _drawn(case: Case, cut: Cut) -> _Drawn | None:
    """The last layer behind a draw, and the range of what it made at the first and last look.

    One that began with the same answer for everything has nothing that it could lose.
    """
    made = {
        (layer.parameter, forward.step): layer.made
        for forward in case.forward_passes
        for layer in forward.layers
    }
    for parameter in cut.parameters:  # the nearest first
        steps = sorted(step for p, step in made if p == parameter)
        if len(steps) < SAMPLES:
            continue
        first, last = (_range(made[parameter, step]) for step in (steps[0], steps[-1]))
        if first > 0:
            layer = case.parameters[parameter].module
            return _Drawn(cut, layer, first, last, (steps[0], steps[-1]))
    return None


def _range(values: Values) -> float:
    return values.maximum - values.minimum


def _finding(case: Case, drawn: _Drawn, behind: set[int], met: set[int]) -> Finding:
    cut = drawn.cut
    function = cut.place.operation.strip("_")
    call = f"{function} ({cut.place.source})"
    parameters = [case.parameters[i] for i in sorted(behind)]
    held = [p for p in case.parameters.values() if p.optimizers]
    share = sum(p.numel for p in parameters) / max(1, sum(p.numel for p in held))
    modules = [p.module for p in parameters]
    after = [case.parameters[i].module for i in sorted(met)]
    left = drawn.last / drawn.first
    return Finding(
        fault=FAULT,
        severity="error" if share >= ERROR_SHARE else "warning",
        title=f"what comes after the draw sends no gradient to {names(modules)}",
        where=Place(drawn.layer, function, cut.place.source),
        steps=(drawn.steps[0], case.last_step),
        evidence={
            "cut_parameters": Evidence(float(len(behind)), "tensors behind the draw", 0.0),
            "range_first": Evidence(drawn.first, f"largest − smallest that {drawn.layer} made"),
            "range_last": Evidence(drawn.last, f"largest − smallest that {drawn.layer} made"),
            "range_left": Evidence(left, "of the first", SHRUNK, "a batch's range varies less"),
            "unreached_share": Evidence(share, "share of optimized weights", ERROR_SHARE),
            "unreached_in_models": Evidence(
                float(sum(p.in_module for p in parameters)), "tensors of a module that was found"
            ),
        },
        explanation=(
            f"{call} draws numbers at random, with what {drawn.layer} made as its settings, and "
            f"they go on to {names(after)}. A draw has no derivative with respect to its settings: "
            "what is learned after it never reaches what is before it,\n\n"
            "    z ~ q(z | x; θ),   ∂L(z)/∂θ = ∂L/∂z · ∂z/∂θ = ∂L/∂z · none\n\n"
            f"On every backward pass that was measured the gradient of {names(modules)} "
            f"({plural(len(behind), 'tensor')}, {percent(share)} of the optimized weights) came "
            "from a term of the loss that is computed from these settings alone, such as a "
            "divergence from a prior. That term is least where all inputs get the same code: the "
            f"numbers that {drawn.layer} made lay {number(drawn.first)} apart at step "
            f"{count(drawn.steps[0])} and {number(drawn.last)} at step {count(drawn.steps[1])}, "
            f"{percent(left)} of it."
        ),
        remedies=(
            Remedy(
                "draw by rsample() in place of sample(), or z = mean + std * torch.randn_like(std)",
                "the randomness then comes from outside, and z has a derivative with respect to "
                "mean and std: 1 and the noise",
                "Kingma and Welling (2014), arXiv 1312.6114",
            ),
            Remedy(
                "of discrete draws, add log_prob(z) times what came of it to the loss, or use a "
                "relaxation such as gumbel_softmax",
                "a step has no slope, and the probability of taking it has",
                "Williams (1992); Jang et al. (2017), arXiv 1611.01144",
            ),
        ),
    )
