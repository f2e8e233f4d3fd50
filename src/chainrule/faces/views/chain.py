"""The question `chain`: the backward graph of one sampled step, with every factor measured."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, cast

from chainrule.faces.document import finding_document
from chainrule.instruments import Chain
from chainrule.records import (
    NEVER_RAN,
    Activation,
    Finding,
    Node,
    Parameter,
    Place,
    kind_of,
    operation,
)
from chainrule.records.json_values import Json, json_number
from chainrule.store import RunReader

from .factors import FactorEdge, factor_edges
from .layers import spread
from .local_derivatives import Equation, local_derivative
from .measured_pass import chosen_pass, nearest_sample
from .modules import ModuleGroup, module_groups, module_of, start_depth
from .question import Context, Parameters, Question
from .run import Live, live, verdict
from .series import Number

MOST_STEPS = 2000
"""Sampled steps listed at most: more than a slider has pixels."""


class NodeActivation(TypedDict):
    """Local derivatives of an elementwise activation, as shares of its elements or units."""

    mean_derivative: Number
    zero_share: Number
    saturated_share: Number
    nonfinite_share: Number
    dead_share: Number | None
    units: int
    examples: int


class ChainNode(TypedDict):
    """An operation of the graph; nodes come in an order from the loss outwards.

    Attributes:
        operation: Without PyTorch's suffix; its equation is in `operations`.
        kind: Of factor: `activation`, `weight`, `loss`, `parameter`, …
        group: Index into `modules`; null without a module.
        norm: ‖g‖ of the gradient that it received, loss scaling undone; null if none arrived.
        rms: That by the root of the number of entries.
        principal: The edge that brought most of it; from edge to edge this leads back to the loss.
        parent: Node whose backward ran this one (checkpointing).
        findings: Which findings of the verdict name this place as a culprit.
    """

    name: str
    operation: str
    kind: str
    module: str
    source: str
    group: int | None
    parameter: int | None
    parent: int | None
    norm: Number | None
    rms: Number | None
    numel: int
    principal: int | None
    activation: NodeActivation | None
    findings: list[int]


class ChainParameter(TypedDict):
    """A parameter that a gradient reached.

    Attributes:
        node: Its leaf in the graph.
        depth: Weights, activations and attentions on its principal path.
    """

    index: int
    name: str
    shape: list[int]
    node: int
    norm: Number
    depth: int


class Spine(TypedDict):
    """The path to draw first; its factors multiply to the norm of its parameter's gradient.

    It leads to the parameter with most culprits of the verdict on its way, or to the deepest.

    Attributes:
        nodes: From the loss to the parameter.
        edges: Between them; one fewer.
        start_norm: ‖g‖ at the loss.
        product: start_norm · Π γ μ.
        norm: ‖∂L/∂w‖ as it was measured.
    """

    parameter: int
    nodes: list[int]
    edges: list[int]
    start_norm: Number
    product: Number
    norm: Number


class PassOutline(TypedDict):
    """A backward pass of the step that can be asked for by its index."""

    index: int
    graph: int
    loss: Number
    accumulates: bool
    nodes: int


class ChainDocument(TypedDict):
    """The view of the chain.

    Attributes:
        step: The sampled step that is shown; the nearest to `asked`.
        steps: Sampled steps to drag through; of more than 2000, evenly spread ones.
        sampled: How many were sampled.
        loss: The value that backward began with.
        scale: What the loss had been multiplied by; undone in every norm here.
        operations: The equation of each operation that occurs.
        unreached: Trainable parameters that no gradient of this pass reached, by name.
        start_depth: Depth of modules at which the collapsed graph is small enough to begin with;
            null if all nodes are.
        unseen: What could not be seen in this graph, in sentences.
    """

    view: Literal["chain"]
    run: str
    live: Live
    step: int
    asked: int | None
    steps: list[int]
    sampled: int
    passes: list[PassOutline]
    backward_pass: int
    loss: Number
    scale: Number
    nodes: list[ChainNode]
    edges: list[FactorEdge]
    modules: list[ModuleGroup]
    start_depth: int | None
    parameters: list[ChainParameter]
    unreached: list[str]
    spine: Spine | None
    operations: dict[str, Equation]
    findings: list[dict[str, Json]]
    unseen: list[str]


def chain_view(
    reader: RunReader, step: int | None = None, backward_pass: int | None = None
) -> ChainDocument:
    """The document of one backward pass.

    Args:
        reader: The run.
        step: The nearest sampled step is shown; the last if None.
        backward_pass: Index of the pass within the step; that of the largest graph if None.

    Raises:
        Refusal: If nothing was sampled, or there is no such pass.
        RunFileError: If the file is damaged.
    """
    run = reader.run()
    steps = reader.sampled_steps()
    sample = nearest_sample(reader, steps, step)
    graphs = {p.graph: reader.graph(p.graph) for p in sample.backward_passes}
    chosen = chosen_pass(sample, graphs, backward_pass)
    graph = graphs[chosen.graph]
    chain = Chain(graph, chosen)
    parameters = {p.index: p for p in reader.parameters()}
    _, findings = verdict(reader, run)
    groups, group_of = module_groups(graph, chain)
    nodes = _nodes(chain, group_of, findings)
    leaves = _parameters(chain, parameters)
    return {
        "view": "chain",
        "run": run.name,
        "live": live(reader, run),
        "step": sample.step,
        "asked": step,
        "steps": spread(steps, MOST_STEPS),
        "sampled": len(steps),
        "passes": [
            {
                "index": p.index,
                "graph": p.graph,
                "loss": json_number(p.loss),
                "accumulates": p.accumulates,
                "nodes": len(graphs[p.graph].nodes),
            }
            for p in sample.backward_passes
        ],
        "backward_pass": chosen.index,
        "loss": json_number(chosen.loss),
        "scale": json_number(chosen.scale),
        "nodes": nodes,
        "edges": factor_edges(chain),
        "modules": groups,
        "start_depth": start_depth(graph),
        "parameters": leaves,
        "unreached": [
            p.name for p in parameters.values() if p.requires_grad and p.index not in chain.leaves
        ],
        "spine": _spine(chain, nodes, leaves),
        "operations": {
            name: local_derivative(name) for name in dict.fromkeys(n["operation"] for n in nodes)
        },
        "findings": [finding_document(finding) for finding in findings],
        "unseen": list(graph.unseen),
    }


def _nodes(
    chain: Chain, group_of: Sequence[int | None], findings: Sequence[Finding]
) -> list[ChainNode]:
    graph, measured = chain.graph, chain.backward_pass
    activations = {a.node: a for a in measured.activations}
    culprits = _culprits(findings)
    scale = measured.scale or 1.0
    nodes: list[ChainNode] = []
    for i, node in enumerate(graph.nodes):
        name = operation(node.name)
        ran = measured.node_norms[i] != NEVER_RAN
        principal = chain.principal_edge(i)
        activation = activations.get(i)
        nodes.append(
            {
                "name": node.name,
                "operation": name,
                "kind": kind_of(name),
                "module": module_of(node),
                "source": node.place.source,
                "group": group_of[i],
                "parameter": node.parameter,
                "parent": node.parent,
                "norm": json_number(measured.node_norms[i] / scale) if ran else None,
                "rms": json_number(chain.rms(i) / scale) if ran else None,
                "numel": measured.numels[i],
                "principal": principal,
                "activation": None if activation is None else _activation(activation),
                "findings": _named(node, culprits),
            }
        )
    return nodes


def _activation(activation: Activation) -> NodeActivation:
    dead = int.from_bytes(activation.dead_mask, "big").bit_count()
    known = activation.units and activation.dead_mask
    return {
        "mean_derivative": json_number(activation.mean_derivative),
        "zero_share": json_number(activation.zero_fraction),
        "saturated_share": json_number(activation.small_fraction),
        "nonfinite_share": json_number(activation.nonfinite_fraction),
        "dead_share": dead / activation.units if known else None,
        "units": activation.units,
        "examples": activation.examples,
    }


def _culprits(findings: Sequence[Finding]) -> dict[Place, list[int]]:
    """Which findings mark each place: those with a chain its culprits, others their own place."""
    found: dict[Place, list[int]] = {}
    for number, finding in enumerate(findings):
        places = [link.place for link in finding.chain if link.culprit]
        if not places and finding.severity != "note":
            places = [finding.where]
        for place in dict.fromkeys(places):
            if str(place):
                found.setdefault(place, []).append(number)
    return found


def _named(node: Node, culprits: Mapping[Place, list[int]]) -> list[int]:
    """Findings that mark a node: by its whole place, or by that of its module or parameter."""
    module_only = Place(module=node.place.module)
    return [*culprits.get(node.place, []), *culprits.get(module_only, [])]


def _parameters(chain: Chain, parameters: Mapping[int, Parameter]) -> list[ChainParameter]:
    depths = _depths(chain)
    scale = chain.backward_pass.scale or 1.0
    return [
        {
            "index": index,
            "name": parameters[index].name if index in parameters else chain.graph.nodes[node].name,
            "shape": list(parameters[index].shape) if index in parameters else [],
            "node": node,
            "norm": json_number(chain.backward_pass.node_norms[node] / scale),
            "depth": depths[node],
        }
        for index, node in sorted(chain.leaves.items())
    ]


def _depths(chain: Chain) -> list[int]:
    """For each node the weights, activations and attentions on its principal path."""
    principal = [chain.principal_edge(i) for i in range(len(chain.graph.nodes))]
    sources = [None if e is None else chain.graph.edges[e].source for e in principal]
    depths: dict[int, int] = {}
    for start in range(len(sources)):
        way: list[int] = []
        node: int | None = start
        while node is not None and node not in depths and len(way) <= len(sources):
            way.append(node)
            node = sources[node]
        for here in reversed(way):
            source = sources[here]
            if source is None:
                depths[here] = 0
                continue
            kind = kind_of(operation(chain.graph.nodes[source].name))
            counts = kind in ("weight", "activation", "attention")
            depths[here] = depths.get(source, 0) + counts
    return [depths[i] for i in range(len(sources))]


def _spine(
    chain: Chain, nodes: Sequence[ChainNode], leaves: Sequence[ChainParameter]
) -> Spine | None:
    """The principal path with most culprits on it, or the deepest one."""
    matrices = [leaf for leaf in leaves if len(leaf["shape"]) >= 2] or list(leaves)
    if not matrices:
        return None
    marked = {i for i, node in enumerate(nodes) if node["findings"]}

    def weight(leaf: ChainParameter) -> tuple[int, int, int]:
        on_path = sum(n in marked for n in _way(chain, leaf["node"])[0]) if marked else 0
        return on_path, leaf["depth"], -leaf["index"]

    leaf = max(matrices, key=weight)
    way, edges = _way(chain, leaf["node"])
    factors = chain.path_to(leaf["node"])
    scale = chain.backward_pass.scale or 1.0
    start = chain.backward_pass.node_norms[way[0]] / scale
    product = start
    for factor in factors:
        product *= factor.gain * factor.merge
    return {
        "parameter": leaf["index"],
        "nodes": way,
        "edges": edges,
        "start_norm": json_number(start),
        "product": json_number(product),
        "norm": leaf["norm"],
    }


def _way(chain: Chain, node: int) -> tuple[list[int], list[int]]:
    """Nodes and edges of the principal path, the loss first."""
    nodes, edges = [node], []
    while (edge := chain.principal_edge(nodes[-1])) is not None:
        source = chain.graph.edges[edge].source
        if len(nodes) > len(chain.graph.nodes):  # a damaged file: graphs have no cycles
            break
        edges.append(edge)
        nodes.append(source)
    return nodes[::-1], edges[::-1]


def _chain(parameters: Parameters, context: Context) -> dict[str, Json]:
    step = parameters.whole("step") if "step" in parameters else None
    chosen = parameters.whole("backward_pass") if "backward_pass" in parameters else None
    with context.open(parameters.text("run")) as reader:
        return cast(dict[str, Json], chain_view(reader, step, chosen))


QUESTIONS = (Question("chain", _chain),)
