"""A loss of the user's own program, differentiated on paper with the numbers of its model."""

from dataclasses import dataclass

from .dependency_graph import DependencyGraph
from .factor import Factor


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTerm:
    """One term of a sum: a local derivative times the gradient of the entry that it leads to.

    Attributes:
        figures: The local derivative as numbers are written: `1 − 0.46²`, `0.3`; empty for 1.
        coefficient: The local derivative.
        adjoint_label: The gradient that it is multiplied by: `∂L/∂u₂[3,0]`; empty for ∂L/∂L = 1.
        adjoint: Its number, as autograd computed it.
        value: Their product.
    """

    figures: str
    coefficient: float
    adjoint_label: str
    adjoint: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySum:
    """What one operation contributes to the gradient of one entry: Σ local derivative · gradient.

    Attributes:
        edge: Id of the edge in the graph along which it comes.
        symbols: The sum in symbols: `Σₙ x[n,0] · ∂L/∂u₂[n,1]`; empty if `unknown` says why.
        terms: The first terms, and the largest.
        count: How many terms there are.
        rest: What the terms that are not listed add up to.
        value: The sum of all terms, in float64.
        exact: What autograd sent along the edge to this entry.
        unknown: Why the inside of the operation cannot be written out; empty if it can.
    """

    edge: int
    symbols: str
    terms: tuple[EntryTerm, ...]
    count: int
    rest: float
    value: float | None
    exact: float
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryStep:
    """The gradient of one entry, from the operations that use it.

    Attributes:
        node: Id of the tensor in the graph.
        label: The entry: `W1[0,1]`.
        index: Its place in the tensor.
        sums: One for each operation that uses the entry; they add.
        value: ∂L/∂(this entry), as autograd computed it.
    """

    node: int
    label: str
    index: tuple[int, ...]
    sums: tuple[EntrySum, ...]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LossExplanation:
    """Backpropagation from a loss to one or more tensors, as equations.

    Attributes:
        graph: What the loss was computed from; the operations on the ways to `wrt`, what they
            take, and constants.
        output: What the loss is called, `L` unless a tensor has that name.
        loss: Its value.
        scalar: True if every quantity on the ways is one number; then the edges hold signed
            derivatives and the paths their products.
        dtypes: Of each tensor in `graph.wrt`, by label: `float32`.
        norms: ‖∂L/∂w‖ by label, from `torch.autograd.grad`.
        entry: Which entry of the first tensor was worked out; None for one number.
        entry_was_chosen: True if nobody asked for this entry: it has the largest gradient.
        steps: That entry worked out: its own sum first, then that of the entry which its largest
            term leads to, and so on up to the loss.
        chain: For tensors, the factors from the loss to the first of them along the way by which
            most of the gradient came: ‖∂L/∂w‖ = Π γ μ.
        checked: Numbers of ours that were compared with autograd's.
        notes: What could not be read or does not agree, in sentences.
    """

    graph: DependencyGraph
    output: str
    loss: float
    scalar: bool
    dtypes: dict[str, str]
    norms: dict[str, float]
    entry: tuple[int, ...] | None
    entry_was_chosen: bool
    steps: tuple[EntryStep, ...]
    chain: tuple[Factor, ...]
    checked: int
    notes: tuple[str, ...]
