"""Local derivatives: of numbers, with their values; of tensors, what is sent back and its gain."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import UNWRITABLE, UnreadableError
from .figures import figure
from .forward import Forward
from .measure import Measured
from .saved import exact
from .sizes import near, norm


@dataclass(frozen=True, slots=True)
class LocalDerivative:
    """One edge.

    Attributes:
        text: ∂target/∂source as a formula, or what is sent back in terms of G = ∂L/∂target.
        figures: The formula with numbers.
        value: Its number; for tensors the gain.
        sent: What goes back along the edge; a norm for tensors.
    """

    text: str
    figures: str
    value: float | None
    sent: float | None


class Local:
    """The local derivatives of one graph.

    Args:
        forward: The operations with their labels and values.
        measured: The gradients.
    """

    def __init__(self, forward: Forward, measured: Measured) -> None:
        self._forward, self._measured = forward, measured
        self.checked = 0
        self.notes: list[str] = []

    def __call__(self, index: int, argument: int) -> LocalDerivative:
        """The derivative of an operation by one of its inputs."""
        recorded = self._forward.walk.operations[index]
        source = recorded.inputs[argument]
        assert source is not None
        made = self._forward.walk.operations[source].shapes[recorded.slots[argument]]
        if len(recorded.shapes) == 1 and math.prod(recorded.shapes[0]) == math.prod(made) == 1:
            return self._of_number(index, argument, made)
        return self._of_tensor(index, argument)

    def multiplications(self, index: int, argument: int) -> int:
        """Entries of the local Jacobian that are not zero by structure; 0 if they are not known."""
        rule = self._forward.rules[index]
        if rule is None:
            return 0
        try:
            return rule.multiplications(self._forward.operations[index], argument)
        except UNWRITABLE:
            return 0

    # ---- numbers -----------------------------------------------------------------------------

    def _of_number(self, index: int, argument: int, shape: tuple[int, ...]) -> LocalDerivative:
        sent = self._measured.sent.get((index, argument))
        passed = 0.0 if sent is None else float(exact(sent))
        measured = self._measured_slope(index, argument, passed)
        rule, operation = self._forward.rules[index], self._forward.operations[index]
        unknown = LocalDerivative(
            self._by_name(index, argument), "", measured, passed if sent is not None else None
        )
        if rule is None:
            return unknown
        try:
            column = rule.column(operation, argument, tuple(0 for _ in shape))
        except UNWRITABLE:
            return unknown
        if column.coefficients is None:
            value = float(len(column.positions))
            text, figures = figure(value), ""
        elif not len(column.positions):
            value, text, figures = 0.0, "0", ""
        else:
            value = float(column.coefficients.sum())
            text = column.symbol
            figures = column.figures(0) if column.figures is not None else ""
        self._compare(index, argument, value, measured, sent)
        if figures in (text, figure(value)):
            figures = ""
        return LocalDerivative(text, figures, value if measured is None else measured, passed)

    def _measured_slope(self, index: int, argument: int, passed: float) -> float | None:
        """The derivative as autograd has it: the operation's own backward, asked with G = 1."""
        node = self._forward.walk.operations[index].node
        received = self._measured.received.get(index, (None,))[0]
        if received is None:
            return None
        if callable(node):  # PyTorch's own operations; a user's Function is not run once more
            with torch.no_grad():
                try:
                    found = node(torch.ones_like(received))
                except RuntimeError:
                    found = None
            parts: tuple[Tensor | None, ...] = found if isinstance(found, tuple) else (found,)
            mine = parts[argument] if argument < len(parts) else None
            if mine is not None and mine.numel() == 1:
                return float(exact(mine))
        seed = float(exact(received))
        return passed / seed if seed and math.isfinite(seed) else None

    def _by_name(self, index: int, argument: int) -> str:
        operation = self._forward.operations[index]
        return f"∂{self._forward.labels[index]}/∂{operation.label(argument)} of {operation.kind}"

    def _compare(
        self, index: int, argument: int, value: float, measured: float | None, sent: Tensor | None
    ) -> None:
        if measured is None:
            return
        self.checked += 1
        received = self._measured.received[index][0]
        dtypes = [g.dtype for g in (received, sent) if g is not None]
        eps = max(torch.finfo(dtype).eps for dtype in dtypes)
        # 64: 1 - y² of a saturated y loses digits, as much as y was rounded by
        if not near(value, measured, 64 * eps * max(abs(value), abs(measured), 1.0)):
            recorded = self._forward.walk.operations[index]
            self.notes.append(
                f"{recorded.name} has the local derivative {figure(measured, 6)} by autograd, and "
                f"its formula gives {figure(value, 6)}: trust autograd's number, for what it "
                "saved may have been changed since."
            )

    # ---- tensors -----------------------------------------------------------------------------

    def _of_tensor(self, index: int, argument: int) -> LocalDerivative:
        rule, operation = self._forward.rules[index], self._forward.operations[index]
        text = "its formula is not known"
        if rule is not None:
            try:
                text = rule.backward(operation, argument)
            except UNWRITABLE as error:
                text = "its formula cannot be written out here"
                if isinstance(error, UnreadableError):
                    text = str(error)
        sent = self._measured.sent.get((index, argument))
        received = [g for g in self._measured.received.get(index, ()) if g is not None]
        arrived = math.hypot(*(norm(g) for g in received)) if received else 0.0
        passed = 0.0 if sent is None else norm(sent)
        gain = passed / arrived if arrived else (0.0 if passed == 0 else math.inf)
        return LocalDerivative(text, "", gain, passed)
