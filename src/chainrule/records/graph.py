"""The autograd graph of one backward pass, and the gradient norms measured on it."""

from dataclasses import dataclass

from .place import Place

NEVER_RAN = -1.0
"""Stored in place of a norm (which is never negative) where no gradient arrived."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of the autograd graph.

    Attributes:
        name: As PyTorch names it, e.g. `AddmmBackward0`; `AccumulateGrad` is a parameter.
        place: Labels laid over the node. Empty parts are unknown.
        parameter: Index into the run's parameters if this node is a leaf, else None.
        parent: Index of the node whose backward ran this one (reentrant checkpointing), else None.
    """

    name: str
    place: Place
    parameter: int | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """The way of a gradient from `source` (nearer the loss) to `target` (nearer the inputs).

    Attributes:
        source: Node index that produces the contribution.
        target: Node index that receives it.
        input_index: Which input of the source's forward operation this is.
    """

    source: int
    target: int
    input_index: int


@dataclass(frozen=True, slots=True)
class Graph:
    """The structure that backward passes share: nodes in an order from the loss outwards.

    Attributes:
        id: Key in the run file.
        nodes: `nodes[0]` is the loss (the first, if backward was given several).
        edges: Sorted by source, then by input index.
        unseen: Sentences on what could not be seen in this graph, for the reader.
    """

    id: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activation:
    """Local derivatives of one elementwise activation, σ′(z), as backward met them.

    σ′(z) is read as (gradient passed on) / (gradient received), element by element, where the
    gradient received is not zero; on at most a few thousand elements for the fractions, on every
    example for `dead_mask`.

    Attributes:
        node: Index of the activation's node.
        mean_derivative: Mean of |σ′(z)|, dimensionless.
        zero_fraction: Share of elements with σ′(z) = 0.
        small_fraction: Share of elements with |σ′(z)| below a twentieth of the activation's
            largest possible derivative: the saturated ones.
        nonfinite_fraction: Share of non-finite values in the activation's output; NaN if the
            output could not be read.
        examples: How many values each unit was seen with (batch × positions).
        units: How many units (features or channels) there are; 0 if they could not be told apart.
        dead_mask: One bit a unit, `numpy.packbits` order (big-endian in each byte): 1 if the
            unit's derivative was 0 on every value seen in this pass. Empty if `units` is 0.
    """

    node: int
    mean_derivative: float
    zero_fraction: float
    small_fraction: float
    nonfinite_fraction: float
    examples: int
    units: int
    dead_mask: bytes


@dataclass(frozen=True, slots=True)
class BackwardPass:
    """The norms measured in one backward pass of a sampled step.

    Shapes: `node_norms` has one entry a node, `edge_norms` one an edge, `numels` one a node.

    Attributes:
        step: The optimizer step that this pass belongs to.
        index: 0 for the first backward pass of the step, and so on.
        graph: Id of its `Graph`.
        loss: Value that backward started from, loss scaling undone; NaN if it was not a scalar.
        scale: What the loss had been multiplied by (GradScaler); 1 if nothing.
        seed_norm: ‖g‖ of the gradient that backward was started with (1 for a plain loss).
        accumulates: True for `backward`, False for `torch.autograd.grad`.
        node_norms: ‖g‖ received by each node, over all of its outputs, as measured: with a
            scaled loss the norms are scaled too. `NEVER_RAN` where none arrived.
        edge_norms: ‖contribution‖ passed along each edge, measured alike.
        numels: Elements of the gradient that each node received; 0 where none arrived.
        activations: Statistics of the elementwise activations.
    """

    step: int
    index: int
    graph: int
    loss: float
    scale: float
    seed_norm: float
    accumulates: bool
    node_norms: tuple[float, ...]
    edge_norms: tuple[float, ...]
    numels: tuple[int, ...]
    activations: tuple[Activation, ...] = ()
