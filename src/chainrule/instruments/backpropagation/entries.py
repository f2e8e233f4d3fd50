"""The gradient of one entry as a chain of sums, from the tensor asked about up to the loss.

Each operation that uses an entry adds one sum, Σ local derivative · gradient of what it made. The
chain then follows the largest of all terms: its gradient is the next entry that is worked out.
"""

import math

import torch
from torch import Tensor

from chainrule.records.loss_explanation import EntryStep, EntrySum, EntryTerm

from .errors import UNWRITABLE, UnreadableError
from .figures import as_factor, figure, subscript
from .forward import Forward
from .measure import Measured
from .operations.rule import Column, Index, place, unflat
from .saved import exact
from .sizes import near

MOST_TERMS = 6
"""Terms of a sum that are all written out."""

FIRST_TERMS = 3
"""Of a longer sum, those at its beginning; the largest follows if it is not among them."""

MOST_CANCELLED = 1e-3
"""Relative error that may come from a difference of nearly equal numbers; a wrong formula is off
by more."""


class Entries:
    """Works out entries of the tensors of one graph.

    Args:
        forward: The operations with their labels and values.
        measured: The gradients.
        edges: Id of each edge, by (operation, input).
        nodes: Id of each operation's node.
    """

    def __init__(
        self,
        forward: Forward,
        measured: Measured,
        edges: dict[tuple[int, int], int],
        nodes: dict[int, int],
    ) -> None:
        self._forward, self._measured = forward, measured
        self._edges, self._nodes = edges, nodes
        self.checked = 0
        self.notes: list[str] = []

    def chain(self, start: int, slot: int, index: Index, gradient: Tensor) -> list[EntryStep]:
        """The steps from one entry to the loss.

        Args:
            start: The operation or leaf of the tensor asked about.
            slot: Which of its outputs.
            index: The entry.
            gradient: ∂L/∂(the tensor).
        """
        steps = []
        value = float(exact(gradient[index]))
        here: tuple[int, int, Index] | None = (start, slot, index)
        while here is not None and here[0] != self._forward.walk.output:
            step, following = self._step(*here, value)
            steps.append(step)
            here = following
            if here is not None:
                value = self._adjoint(here[0], here[1], here[2])
        return steps

    def adjoint_name(self, operation: int, slot: int, *index: int | str) -> str:
        """`∂L/∂u₂[3,0]`."""
        output = self._forward.labels[self._forward.walk.output]
        return f"∂{output}/∂{self._entry(operation, slot, *index)}"

    # ---- one step ----------------------------------------------------------------------------

    def _step(
        self, operation: int, slot: int, index: Index, value: float
    ) -> tuple[EntryStep, tuple[int, int, Index] | None]:
        recorded = self._forward.walk.operations
        sums, best, following = [], -1.0, None
        for user, argument in self._forward.walk.consumers[operation]:
            if recorded[user].slots[argument] != slot:
                continue
            made, largest, position = self._sum(user, argument, index)
            sums.append(made)
            if largest > best and position is not None:
                best, following = largest, position
        label = self._entry(operation, slot, *index)
        step = EntryStep(
            node=self._nodes[operation], label=label, index=index, sums=tuple(sums), value=value
        )
        known = [s.value for s in sums if s.value is not None]
        if len(known) == len(sums):
            self._compare(math.fsum(known), value, sums, label, self._precision(operation))
        return step, following

    def _sum(
        self, user: int, argument: int, index: Index
    ) -> tuple[EntrySum, float, tuple[int, int, Index] | None]:
        """The sum, its largest term's size, and the entry that this term leads to."""
        edge = self._edges[user, argument]
        sent = self._measured.sent.get((user, argument))
        value = 0.0 if sent is None else float(exact(sent[index]))
        try:
            column = self._column(user, argument, index)
        except UNWRITABLE as error:
            reason = (
                str(error)
                if isinstance(error, UnreadableError)
                else "its formula cannot be written out here"
            )
            unknown = EntrySum(
                edge=edge,
                symbols="",
                terms=(),
                count=0,
                rest=0.0,
                value=None,
                exact=value,
                unknown=self._unknown(user, reason),
            )
            return unknown, -1.0, None
        return self._written(user, argument, column, edge, value)

    def _column(self, user: int, argument: int, index: Index) -> Column:
        rule = self._forward.rules[user]
        if rule is None:
            raise UnreadableError("the formula inside it is not known")
        return rule.column(self._forward.operations[user], argument, index)

    def _unknown(self, user: int, reason: str) -> str:
        name = self._forward.walk.operations[user].name
        return (
            f"{name}: {reason}. The number is autograd's own, so it is right; only its sum "
            "cannot be written out."
        )

    def _written(
        self, user: int, argument: int, column: Column, edge: int, value: float
    ) -> tuple[EntrySum, float, tuple[int, int, Index] | None]:
        shape = self._forward.walk.operations[user].shapes[column.slot]
        received = self._received(user, column.slot)
        count = len(column.positions)
        adjoints = torch.zeros(count, dtype=torch.float64)
        if received is not None:
            where = column.positions.to(received.device)
            adjoints = exact(received.reshape(-1)[where])
        ones = torch.ones(count, dtype=torch.float64)
        factors = ones if column.coefficients is None else column.coefficients
        products = factors * adjoints
        # a gradient of exactly 0 stops whatever comes, also an infinite local derivative
        total = (
            math.fsum(products.tolist())
            if bool(products.isfinite().all())
            else float(products.sum())
        )
        largest = int(products.abs().nan_to_num(nan=math.inf).argmax()) if count else -1
        shown = _shown(count, largest, products)
        terms = tuple(
            EntryTerm(
                figures=self._figures(column, k, float(factors[k])),
                coefficient=float(factors[k]),
                adjoint_label=self._leads_to(user, column, k),
                adjoint=float(adjoints[k]),
                value=float(products[k]) + 0.0,  # no -0
            )
            for k in shown
        )
        listed = math.fsum(term.value for term in terms)
        made = EntrySum(
            edge=edge,
            symbols=self._symbols(user, column, count),
            terms=terms,
            count=count,
            rest=total - listed if len(shown) < count else 0.0,
            value=total,
            exact=value,
        )
        size = float(products.abs().sum()) if count else 0.0
        self._compare_sum(user, argument, total, value, size, float(adjoints.abs().sum()))
        if not count:
            return made, -1.0, None
        following = (user, column.slot, unflat(shape, int(column.positions[largest])))
        return made, abs(float(products[largest])), following

    def _symbols(self, user: int, column: Column, count: int) -> str:
        if count == 0:
            return "0, for nothing was made of this entry"
        if user == self._forward.walk.output:
            return column.symbol or "1"  # ∂L/∂L is 1
        if count == 1 or column.adjoint:
            at = column.adjoint.split(",") if column.adjoint else []
            shape = self._forward.walk.operations[user].shapes[column.slot]
            if len(at) != len(shape):
                at = [str(i) for i in unflat(shape, int(column.positions[0]))]
            adjoint = self.adjoint_name(user, column.slot, *at)
        else:
            adjoint = f"{self.adjoint_name(user, column.slot)}[…]"
        sigma = f"Σ{subscript(column.letters)} " if column.letters and count > 1 else ""
        if not column.symbol:
            return f"{sigma}{adjoint}"
        return f"{sigma}{as_factor(column.symbol)} · {adjoint}"

    def _leads_to(self, user: int, column: Column, k: int) -> str:
        if user == self._forward.walk.output:
            return ""
        shape = self._forward.walk.operations[user].shapes[column.slot]
        return self.adjoint_name(user, column.slot, *unflat(shape, int(column.positions[k])))

    def _figures(self, column: Column, k: int, value: float) -> str:
        if column.coefficients is None:
            return ""
        return column.figures(k) if column.figures is not None else figure(value)

    # ---- numbers of autograd -----------------------------------------------------------------

    def _received(self, operation: int, slot: int) -> Tensor | None:
        received = self._measured.received.get(operation, ())
        return received[slot] if slot < len(received) else None

    def _adjoint(self, operation: int, slot: int, index: Index) -> float:
        received = self._received(operation, slot)
        return 0.0 if received is None else float(exact(received[index]))

    def _entry(self, operation: int, slot: int, *index: int | str) -> str:
        label = self._forward.labels[operation]
        shape = self._forward.walk.operations[operation].shapes[slot]
        named = label if slot == 0 else f"{label}.{slot}"
        return place(named, shape, *index) if index else named

    # ---- checks ------------------------------------------------------------------------------

    def _precision(self, *operations: int) -> float:
        """The coarsest rounding that the numbers have been through."""
        worst = 0.0
        for i in operations:
            for dtype in self._dtypes(i):
                worst = max(worst, torch.finfo(dtype).eps)
        return worst or torch.finfo(torch.float32).eps

    def _dtypes(self, operation: int) -> list[torch.dtype]:
        received = self._measured.received.get(operation, ())
        found = [g.dtype for g in received if g is not None and g.is_floating_point()]
        recorded = self._forward.walk.operations[operation]
        found += [
            sent.dtype
            for j in range(len(recorded.inputs))
            if (sent := self._measured.sent.get((operation, j))) is not None
        ]
        if recorded.leaf is not None:
            found.append(recorded.leaf.dtype)
        device = next((g.device.type for g in received if g is not None), "cpu")
        # matrix products of float32 on a GPU may run in TF32, which has ten bits
        return [*found, torch.float16] if device == "cuda" and found else found

    def _compare_sum(
        self, user: int, argument: int, total: float, value: float, size: float, adjoints: float
    ) -> None:
        self.checked += 1
        recorded = self._forward.walk.operations[user]
        eps = self._precision(user)
        # σ - t, 1 - y²: a small difference has lost digits, and its terms were near 1
        cancelled = min(32 * eps * adjoints, MOST_CANCELLED * size)
        allowed = 32 * eps * max(size, abs(value)) + cancelled
        if near(total, value, allowed):
            return
        source = self._forward.operations[user].label(argument)
        self.notes.append(
            f"{recorded.name} sends {figure(value, 6)} to this entry of {source} where its formula "
            f"gives {figure(total, 6)}: trust autograd's number, for what it saved may have been "
            "changed since, or the operation is not what its name says."
        )

    def _compare(
        self, total: float, value: float, sums: list[EntrySum], label: str, eps: float
    ) -> None:
        self.checked += 1
        size = math.fsum(abs(s.exact) for s in sums)
        contributions = math.fsum(s.exact for s in sums)
        if not near(contributions, value, 32 * eps * max(size, abs(value))):
            self.notes.append(
                f"The contributions to {label} add up to {figure(contributions, 6)}, and autograd "
                f"has {figure(value, 6)}: a hook of yours on this tensor changes its gradient."
            )


def _shown(count: int, largest: int, products: Tensor) -> list[int]:
    if count <= MOST_TERMS:
        return list(range(count))
    # terms of zero say nothing: the first others
    busy = products.nonzero().reshape(-1)[:FIRST_TERMS].tolist()
    first = busy if len(busy) == FIRST_TERMS else list(range(FIRST_TERMS))
    return sorted({*first, largest})
