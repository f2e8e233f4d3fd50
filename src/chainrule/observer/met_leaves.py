"""Parameters that are met in the graph: leaves that no optimizer holds and no known module owns.

Most have their names before any backward pass: from the modules that were called on a labelled
step, and from the optimizers. What is left are the weights of a model that came later, and bare
tensors that were forgotten. Not every leaf is a weight: an input may ask for its gradient too.
"""

import weakref
from collections.abc import Sequence
from types import FrameType
from typing import Any

from torch import Tensor, nn

from chainrule.records import kind_of, operation

from .backward import BackwardRecorder
from .names import Names
from .structure import Structure

_MOST_WAITING = 4096  # leaves met once: an input that is made anew in each step is never met again
_LOOKED_UP = ("Index", "Gather", "Embedding", "Select")  # from a table, which is no input


class MetLeaves:
    """Registers such leaves, when they are met for the second time.

    Args:
        names: Where they are registered.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._once: dict[int, weakref.ref[Tensor]] = {}
        self._inputs: dict[int, weakref.ref[Tensor]] = {}

    def asked_for(self, inputs: Sequence[Any]) -> None:
        """`torch.autograd.grad` was asked for gradients of these: no weights unless held."""
        for t in inputs:
            full = len(self._inputs) >= _MOST_WAITING
            if isinstance(t, Tensor) and not isinstance(t, nn.Parameter) and not full:
                self._inputs[id(t)] = weakref.ref(t)

    def meet(self, recorder: BackwardRecorder, frame: FrameType | None) -> None:
        """A pass of a measured step begins; some optimizer has stepped before."""
        if not any(p.optimizers for p in self._names.parameters):
            return  # no optimizer has stepped: those that will have not named their tensors yet
        unknown = [
            (i, t)
            for i, t in recorder.leaves.items()
            if self._names.index(t) is None and not self._is(self._inputs, t)
        ]
        if not unknown:
            return
        parameters: list[Tensor] = [t for _, t in unknown if isinstance(t, nn.Parameter)]
        if parameters:
            self._names.add_from_frames(frame, parameters)
        bare = any(not p.in_module and p.optimizers for p in self._names.parameters)
        again: list[Tensor] = []
        for i, t in unknown:
            if self._names.index(t) is not None:
                continue
            if not self._is(self._once, t):
                if len(self._once) < _MOST_WAITING:
                    self._once[id(t)] = weakref.ref(t)
            elif isinstance(t, nn.Parameter):
                again.append(t)
            elif bare or t.numel() == 1:
                held = {n for n, leaf in recorder.leaves.items() if self._is_held(leaf)}
                if not is_input(recorder.structure, i, held):
                    again.append(t)
        if again:
            self._names.add_tensors(again, frame)

    def _is_held(self, leaf: Tensor) -> bool:
        number = self._names.index(leaf)
        return number is not None and bool(self._names.parameters[number].optimizers)

    @staticmethod
    def _is(met: "dict[int, weakref.ref[Tensor]]", t: Tensor) -> bool:
        known = met.get(id(t))
        return known is not None and known() is t


def is_input(structure: Structure, leaf: int, held: set[int]) -> bool:
    """True if a leaf is data: on its way to the loss it first meets a held weight in a product.

    Args:
        structure: That of the graph.
        leaf: Its node.
        held: Nodes of leaves that an optimizer holds.
    """
    targets: dict[int, list[int]] = {}
    sources: dict[int, list[int]] = {}
    for source, target, _, _ in structure.edges:
        targets.setdefault(source, []).append(target)
        sources.setdefault(target, []).append(source)

    def weights(node: int) -> set[int]:
        """Leaves that a node hands on as they are, or transposed."""
        if node in held:
            return {node}
        if kind_of(operation(structure.names[node])) != "structure":
            return set()
        return {w for target in targets.get(node, ()) for w in weights(target)}

    waiting, met = [(s, leaf) for s in sources.get(leaf, ())], set[int]()
    while waiting:
        node, came_from = waiting.pop()
        if node in met or structure.names[node].startswith(_LOOKED_UP):
            continue
        met.add(node)
        others = [t for t in targets.get(node, ()) if t != came_from]
        if kind_of(operation(structure.names[node])) == "weight":
            if any(weights(t) for t in others):
                return True
        elif not others:
            waiting += [(s, node) for s in sources.get(node, ())]
    return False
