"""Steps without an optimizer: the script itself changes its weights between two backward passes.

`w -= lr * w.grad` tells nobody that it is a step. But the weights are known, as leaves of the graph
that was walked, and an in-place change raises their version. Three ways of writing it are seen:

- in place, under `no_grad`: the version of a leaf has grown;
- in place, through `.data`, which counts no version: its values have changed;
- anew, as in `w = (w - lr * g).detach().requires_grad_()`: other leaves stand in the old places.

A step ends when the next backward pass begins, or sooner, when the `no_grad` block is left in which
all weights changed: so that the next forward pass belongs to the next step. The first steps are
needed to see whether that block is the last one. Once an optimizer has stepped, none is looked for.
"""

import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from chainrule import _guard
from chainrule.records import NEVER_RAN

from .backward import BackwardRecorder
from .modes import unseen
from .names import Names, variables
from .norms import Norm, norm, resolve
from .present import Present
from .structure import Structure, walk

_MOST_COMPARED = 64
"""Passes after which values are no longer compared, if none changed: the script only measures."""

_WITNESS = 4096  # elements of the one leaf whose values are compared on a step not measured
_SCANNED = 400  # attributes of one object
_MOST_GRAPHS = 8  # whose leaves are looked for among those of the graph before


class ByHand(Optimizer):
    """Stands in for the optimizer that the script does not have; it is never stepped."""

    def __init__(self) -> None:
        # nothing of an optimizer's own set-up: it would reach into the class
        self.param_groups: list[dict[str, Any]] = [{"params": []}]
        self.state: Any = {}


@dataclass(slots=True)
class _Leaf:
    """A leaf of a graph that was walked.

    Attributes:
        tensor: It.
        version: Its version when a pass began or a step ended.
        held: True once the script has changed it.
        values: What it held then, if it is the witness of a script that works through `.data`.
    """

    tensor: "weakref.ref[Tensor]"
    version: int
    held: bool = False
    values: Tensor | None = None


class StepsByHand:
    """Finds such steps.

    Args:
        present: The present step.
        names: Names of the parameters.
        before: Told before each update what it may change, and with which ‖∂L/∂w‖.
        after: Told after it.

    Attributes:
        possible: False once an optimizer was seen: then its steps count.
        found: True once there was such a step.
        optimizer: Stands for the script's own updates.
    """

    def __init__(
        self,
        present: Present,
        names: Names,
        before: Callable[[Optimizer, list[Tensor], list[float | None]], None],
        after: Callable[[Optimizer, FrameType | None], None],
    ) -> None:
        self.possible = True
        self.found = False
        self.optimizer = ByHand()
        self._present = present
        self._names = names
        self._before = before
        self._after = after
        self._looked = False
        self._leaves: list[_Leaf] = []
        self._places: dict[Structure, list[_Leaf]] = {}
        self._kept: list[tuple[_Leaf, Tensor, Tensor]] = []
        self._successors: dict[int, Tensor] = {}
        self._moved = 0
        self._passes = 0
        self._since = 0
        self._by_value = False
        self._anew = False
        self._early: bool | None = None  # not known yet
        self._after_block: list[int] = []
        self._busy = False

    def give_up(self) -> None:
        """An optimizer steps: what the script itself changes is not its training."""
        self.possible = False
        self._leaves, self._kept = [], []
        self._places.clear()

    # ---- a backward pass --------------------------------------------------------------------

    def enters(self, outputs: Sequence[Any], frame: FrameType | None) -> None:
        """A backward pass begins: if weights have changed since the last one, a step is over."""
        if self._busy:
            return
        try:
            if not self._looked:
                self._looked = True
                if _optimizer_in_sight(frame):
                    self.give_up()
                    return
            self._passes += 1
            if self._leaves:
                with unseen(), torch.no_grad():
                    self._look(outputs, frame)
            self._since += 1
        except Exception as error:
            self._fail(error)

    def _look(self, outputs: Sequence[Any], frame: FrameType | None) -> None:
        full = self._present.armed or self._anew or not self.found
        changed: list[_Leaf] = []
        if full or self._leaves[0].tensor() is None:
            changed = self._replaced(outputs)
        changed = changed or self._changed(full)
        if self._early is None and self._after_block:
            self._early = self._after_block == self._versions()
        if changed and self._since:
            self._end(changed, frame)
        elif changed:
            self._early = False  # the last step was taken to be over too soon
            self._note()

    def may_train(self, inputs: Iterable[Any]) -> bool:
        """True if gradients for these may be for an update, as `autograd.grad(loss, weights)`."""
        return self.possible and any(isinstance(t, Tensor) and t.is_leaf for t in inputs)

    def meets(self, recorder: BackwardRecorder) -> None:
        """A pass that is measured is about to run: its leaves are what may be trained."""
        known = {id(t): leaf for leaf in self._leaves if (t := leaf.tensor()) is not None}
        for tensor in recorder.leaves.values():
            if id(tensor) not in known:
                known[id(tensor)] = _Leaf(weakref.ref(tensor), tensor._version)
        self._leaves = list(known.values())
        if recorder.structure in self._places or len(self._places) < _MOST_GRAPHS:
            self._places[recorder.structure] = [known[id(t)] for t in recorder.leaves.values()]

    def leaves(self, recorder: BackwardRecorder) -> None:
        """It is over: the update may come."""
        self._successors = {}
        try:
            alive = [(leaf, t) for leaf in self._leaves if (t := leaf.tensor()) is not None]
            tensors = [t for leaf, t in alive if leaf.held or not self.found]
            if self._by_value or (not self.found and self._passes <= _MOST_COMPARED):
                self._kept = [(leaf, t, t.detach().clone()) for leaf, t in alive]
            brought = {id(t): recorder.node_norms[i] for i, t in recorder.leaves.items()}
            norms: list[Norm] = [
                brought.get(id(t), NEVER_RAN) if t.grad is None else norm(t.grad) for t in tensors
            ]
            gradients = [None if n == NEVER_RAN else n for n in resolve(norms)]
            self._before(self.optimizer, tensors, gradients)
        except Exception as error:
            self._fail(error)

    def successor(self, tensor: Tensor) -> Tensor:
        """What stands in its place now, if the script has made its weights anew."""
        return self._successors.get(id(tensor), tensor)

    def reached(self) -> list[Tensor]:
        """Leaves of the graphs walked so far that are still there."""
        return [t for leaf in self._leaves if (t := leaf.tensor()) is not None]

    # ---- what has changed -------------------------------------------------------------------

    def _changed(self, full: bool) -> list[_Leaf]:
        """Leaves that are not as they were; if not `full`, one of them is enough."""
        found = []
        for leaf in self._leaves:
            tensor = leaf.tensor()
            if tensor is not None and tensor._version != leaf.version:
                found.append(leaf)
                if not full:
                    return found
        if found:
            return found
        if self._kept:
            found = [leaf for leaf, t, then in self._kept if not _same(t.detach(), then)]
            self._by_value = self._by_value or bool(found)
        elif self._by_value:
            found = [leaf for leaf in self._leaves if leaf.values is not None and _moved(leaf)]
        return found

    def _replaced(self, outputs: Sequence[Any]) -> list[_Leaf]:
        """Leaves in whose places others stand, if that is so of all in the graph."""
        roots = [node for t in outputs if (node := getattr(t, "grad_fn", None)) is not None]
        if not roots or not self._places:
            return []
        order, structure = walk(roots)
        places = self._places.get(structure)
        now = [order[i].variable for i, _ in structure.leaves]
        if not places or len(places) != len(now):
            return []
        pairs = list(zip(places, now, strict=True))
        known = [leaf.tensor() for leaf in self._leaves]
        if any(any(new is old for old in known) for new in now):
            return []
        self._successors = {id(t): new for leaf, new in pairs if (t := leaf.tensor()) is not None}
        self._anew = True
        for leaf, new in pairs:
            self._names.replace(leaf.tensor, new)
            leaf.tensor, leaf.version = weakref.ref(new), new._version
        return places

    # ---- the end of a step ------------------------------------------------------------------

    def left_block(self, frame: FrameType | None) -> None:
        """A `no_grad` block was left: it may have been the update."""
        if self._busy or self._by_value or self._early is False or not (self.found and self._since):
            return
        try:
            changed = self._changed(True)
            if not changed or len(changed) < self._moved:
                return
            if self._early:
                self._end(changed, frame)
            elif not self._after_block:
                self._after_block = self._versions()
        except Exception as error:
            self._fail(error)

    def finish(self, frame: FrameType | None) -> None:
        """The run is over, perhaps after an update."""
        if self.possible and self._since and not self._busy:
            changed = self._changed(True)
            if changed:
                self._end(changed, frame)

    def _end(self, changed: list[_Leaf], frame: FrameType | None) -> None:
        self._busy = True
        try:
            if self._present.armed or not self.found:  # all that has changed is known
                self._moved = len({id(leaf) for leaf in changed})
            for leaf in changed:
                leaf.held = True
            self._leaves = [leaf for leaf in self._leaves if leaf.tensor() is not None]
            self.optimizer.param_groups[0]["params"] = [
                t for leaf in self._leaves if leaf.held and (t := leaf.tensor()) is not None
            ]
            self.found = True
            self._note()
            self._since = 0
            self._after(self.optimizer, frame)
        finally:
            self._busy = False

    def _versions(self) -> list[int]:
        return [-1 if (t := leaf.tensor()) is None else t._version for leaf in self._leaves]

    def _note(self) -> None:
        """Remember the weights as they are now."""
        self._kept = []
        witness = not self._by_value
        for leaf in self._leaves:
            tensor = leaf.tensor()
            if tensor is None:
                continue
            leaf.version, leaf.values = tensor._version, None
            if leaf.held and not witness:
                leaf.values, witness = _part(tensor).clone(), True

    def _fail(self, error: Exception) -> None:
        self.give_up()
        _guard.report("looking for steps without an optimizer", error)


def _part(tensor: Tensor) -> Tensor:
    return tensor.detach().reshape(-1)[:_WITNESS]


def _moved(leaf: _Leaf) -> bool:
    tensor = leaf.tensor()
    return tensor is not None and leaf.values is not None and not _same(_part(tensor), leaf.values)


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(torch.equal(a, b))


def _optimizer_in_sight(frame: FrameType | None) -> bool:
    """True if the script has an optimizer, which has not stepped yet."""
    for _, _, value in variables(frame):
        if isinstance(value, Optimizer):
            return True
        if isinstance(value, (Tensor, type)) or not hasattr(value, "__dict__"):
            continue
        if any(isinstance(v, Optimizer) for v in list(vars(value).values())[:_SCANNED]):
            return True
    return False
