"""Paths that lead through a step function: its derivative is 0, and so is every product with it."""

from dataclasses import dataclass

from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN, Evidence, Finding, Graph, Place, Remedy, operation

from .case import Case
from .reach import targets
from .wording import count, names, percent, plural

FAULT = "no-gradient"

_LEVEL = frozenset(["Round", "Floor", "Ceil", "Trunc", "Sign", "Sgn"])
_LEVEL_IF_ROUNDED = frozenset({"DivBackward2", "DivBackward3"})  # torch.div(rounding_mode=…)

SAMPLES = 2
"""Sampled steps needed, as for a path that is missing: one pass may be a special first one."""

ERROR_SHARE = 0.1
"""Share of the optimized weights from which it is an error: a tenth of the model does not learn."""


@dataclass(frozen=True, slots=True)
class Level:
    """What lies behind step functions only.

    Attributes:
        parameters: Optimized parameters whose every path to the loss leads through one.
        places: The step functions, that with the most parameters behind it first.
        passes: Backward passes that reached these parameters, all with a gradient of exactly 0.
    """

    parameters: tuple[int, ...]
    places: tuple[Place, ...]
    passes: int


def level(case: Case) -> Level | None:
    """The parameters that only step functions lead to; None if there are none.

    Both must hold on each pass that reached them: without the step functions there is no path, and
    the gradient that arrived is exactly 0. A straight-through estimator has another path.
    """
    stepped = {s.optimizer for s in case.samples}
    candidates = {
        i
        for i, reached in case.reached.items()
        if i in case.parameters
        and case.parameters[i].requires_grad
        and set(case.parameters[i].optimizers) & stepped
        and len({step for step, _ in reached}) >= SAMPLES
        and all(norm == 0 for _, norm in reached)
    }
    behind: dict[Place, set[int]] = {}
    passes = 0
    for _, chain in case.chains:
        here = candidates & chain.leaves.keys()
        if not here:
            continue
        passes += 1
        ends = _level_nodes(chain)
        candidates -= here & _spread(chain.graph, _roots(chain.graph), ends)[1]
        for end in ends:
            below = _spread(chain.graph, {end}, frozenset())[1]
            behind.setdefault(chain.graph.nodes[end].place, set()).update(below)
        if not candidates:
            return None
    if not candidates:
        return None
    places = {place: len(below & candidates) for place, below in behind.items()}
    found = sorted((p for p in places if places[p]), key=lambda p: -places[p])
    return Level(tuple(sorted(candidates)), tuple(found), passes)


def _level_nodes(chain: Chain) -> frozenset[int]:
    """Step functions of a pass that passed on nothing but zeros."""
    named = {
        i
        for i, node in enumerate(chain.graph.nodes)
        if operation(node.name) in _LEVEL or node.name.rpartition("::")[2] in _LEVEL_IF_ROUNDED
    }
    for edge, norm in zip(chain.graph.edges, chain.backward_pass.edge_norms, strict=True):
        if norm not in (0, NEVER_RAN):
            named.discard(edge.source)
    return frozenset(named)


def _roots(graph: Graph) -> set[int]:
    return set(range(len(graph.nodes))) - {edge.target for edge in graph.edges}


def _spread(graph: Graph, starts: set[int], closed: frozenset[int]) -> tuple[set[int], set[int]]:
    """Nodes met from `starts` without going on from those `closed`, and their parameters."""
    following = targets(graph)
    met, waiting = set(starts), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in closed:
            fresh = [n for n in following[node] if n not in met]
            met.update(fresh)
            waiting += fresh
    parameters = {graph.nodes[i].parameter for i in met}
    return met, {p for p in parameters if p is not None}


def level_path(case: Case) -> list[Finding]:
    """The finding, if optimized parameters lie behind step functions only."""
    found = level(case)
    if found is None or not found.places:
        return []
    behind = [case.parameters[i] for i in found.parameters]
    held = [p for p in case.parameters.values() if p.optimizers]
    share = sum(p.numel for p in behind) / max(1, sum(p.numel for p in held))
    modules = [p.module for p in behind]
    first = found.places[0]
    function = first.operation.lower()
    calls = [f"{p.operation.lower()} ({p.source or p.module})" for p in found.places]
    return [
        Finding(
            fault=FAULT,
            severity="error" if share >= ERROR_SHARE else "warning",
            title=f"every path to {names(modules)} leads through {function}, whose derivative is 0",
            where=Place(first.module, function, first.source),
            steps=(case.samples[0].step, case.last_step),
            evidence={
                "gradient_norm": Evidence(0.0, "on every pass", 0.0, "exactly", "backward passes"),
                "passes_seen": Evidence(float(found.passes), "backward passes"),
                "step_functions": Evidence(float(len(found.places)), "operations"),
                "unreached_parameters": Evidence(float(len(behind)), "tensors"),
                "unreached_in_models": Evidence(
                    float(sum(p.in_module for p in behind)), "tensors of a module that was found"
                ),
                "unreached_share": Evidence(share, "share of optimized weights", ERROR_SHARE),
            },
            explanation=(
                f"Every path from the loss to {plural(len(behind), 'parameter')} "
                f"({names([p.name for p in behind])}) leads through {names(calls)}. A step "
                "function is level between its steps, so wherever it has a derivative that is 0, "
                "and by the chain rule the whole product is:\n\n"
                f"    ∂L/∂w = ∂L/∂y · {function}′(z) · ∂z/∂w = ∂L/∂y · 0 · ∂z/∂w = 0\n\n"
                f"On all of the {count(found.passes)} backward passes that were measured the "
                f"gradient of these parameters was exactly 0: {percent(share)} of the weights "
                "that the optimizer was given have nothing to follow."
            ),
            remedies=(
                Remedy(
                    "pass the gradient straight through: "
                    f"y = z + ({function}(z) − z).detach() in place of y = {function}(z)",
                    "the value is that of the step function, and the derivative that of z, which "
                    "is 1",
                    "Bengio, Léonard, Courville (2013), arXiv 1308.3432",
                ),
                Remedy(
                    f"train with something smooth in place of {calls[0]}: a sigmoid or a tanh that "
                    "is made steeper and steeper, or the value itself",
                    "then the slope says which way the output goes",
                ),
            ),
        )
    ]
