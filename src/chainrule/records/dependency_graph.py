"""How a result depends on its inputs: values on the nodes, local derivatives on the edges.

Along a path the local derivatives multiply, and the paths add: that sum is the derivative.
"""

from dataclasses import dataclass
from typing import Literal

NodeKind = Literal["input", "constant", "operation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyNode:
    """One quantity.

    Attributes:
        id: From 0; inputs of an operation have smaller ids, so the order is that of evaluation.
        kind: An input is what may be differentiated by; a constant is data or a number.
        operation: What computes it, by its name: `tanh`, `×`, `AddmmBackward0`; empty for inputs.
        label: What it is called: `w1`, `u₁`.
        expression: What it is, in terms of its inputs' labels: `tanh(u₁)`; a constant's number.
        value: Its number; None for tensors with several entries.
        shape: Of its value; () for a number.
        norm: ‖value‖ of a tensor; None for a number.
        adjoint: ∂(output)/∂(this), or the norm of that for a tensor; None where no gradient goes.
        formula_node: Id of the part in the formula it stands for, −1 for none.
    """

    id: int
    kind: NodeKind
    operation: str
    label: str
    expression: str
    value: float | None
    shape: tuple[int, ...] = ()
    norm: float | None = None
    adjoint: float | None = None
    formula_node: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyEdge:
    """One local derivative, ∂target/∂source with the target's other inputs held.

    Attributes:
        id: From 0, in the order in which backpropagation visits them.
        source: The input's node.
        target: The node computed from it.
        argument: Which of the target's inputs it is, from 0.
        derivative: The local derivative as a formula in the labels; for tensors in words.
        value: Its number; for tensors the gain ‖Jᵀg‖ / ‖g‖.
        figures: The formula with the numbers in place of the labels: `1 − 0.46²`; empty if it has
            none.
        sent: What goes back along it, adjoint of the target times local derivative; a norm for
            tensors.
        name: What it is called: `∂u₂/∂u₁`; where u₁ is used twice, which of the places is meant.
    """

    id: int
    source: int
    target: int
    argument: int
    derivative: str
    value: float | None
    sent: float | None = None
    figures: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyPath:
    """One way from the input to the output.

    Attributes:
        edges: Ids, from the output back to the input.
        product: The local derivatives, written as a product.
        value: What they come to; None for tensors.
    """

    edges: tuple[int, ...]
    product: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyGraph:
    """A computation, differentiated by one or more of its inputs.

    Attributes:
        nodes: By id.
        edges: By id; only those on a way from an input that is differentiated by to the output.
        output: Id of the result.
        wrt: Ids of the inputs that it is differentiated by.
        paths: For each input in `wrt`, by its label, all ways to it; empty if there are more than
            `paths_counted` says can be listed.
        paths_counted: How many ways there are, by label.
        derivative: Their sum, by label: the derivative; a norm for tensors.
        visits: Nodes in the order in which backpropagation reaches them.
        forward_multiplications: Multiplications of local derivatives to carry derivatives from each
            input forward.
        reverse_multiplications: The same, from the output backward, for all inputs at once.
        notices: What is said of kinks and jumps exactly at the point, where local derivatives have
            no value; a sentence each.
    """

    nodes: tuple[DependencyNode, ...]
    edges: tuple[DependencyEdge, ...]
    output: int
    wrt: tuple[int, ...]
    paths: dict[str, tuple[DependencyPath, ...]]
    paths_counted: dict[str, int]
    derivative: dict[str, float | None]
    visits: tuple[int, ...]
    forward_multiplications: int
    reverse_multiplications: int
    notices: tuple[str, ...] = ()
