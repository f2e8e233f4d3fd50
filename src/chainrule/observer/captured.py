"""A captured step: L(θ) if it proves itself, and what the optimizer did.

The proof: done again at the recorded θ, the operations give the recorded loss bit for bit, and the
gradients that the step had. If not, the capture says why, and nothing is asked of it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from chainrule.instruments.preconditioner import Preconditioner
from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.step import Program, objective_of_step, real_view

RING_BYTES = 2**30
"""Bytes that all captures together may take, weights included (1 GiB); a laptop has eight."""

FIRST = 4
"""Captures kept from the beginning, where a learning rate that is too high does its damage."""


class CaptureError(ObjectiveError):
    """A captured step was asked for that is not there or does not verify."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Enough of a gradient to know it again without keeping it.

    Attributes:
        norm: Its length.
        bits: Sum of its bits as integers; the same for the same numbers.
        rounding: Relative difference that its precision may bring.
    """

    norm: float
    bits: int
    rounding: float

    @classmethod
    def of(cls, gradient: Tensor) -> "Digest":
        """Of one tensor."""
        g = real_view(dense(gradient.detach())) + 0.0  # there is one zero, not two
        whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[g.element_size()]
        return cls(
            float(torch.linalg.vector_norm(g.double())),
            int(g.contiguous().view(whole).sum(dtype=torch.int64)),
            torch.finfo(g.dtype).eps ** 0.5,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the step's gradients.

    Attributes:
        before: `.grad` by name before the first backward pass, where there was one.
        after: `.grad` by name after the last; None where there was none.
        returned: What `torch.autograd.grad` returned, by number of the term and name.
        hooked: Names of parameters that have hooks of the script.
    """

    before: Mapping[str, Tensor]
    after: Mapping[str, Digest | None]
    returned: Mapping[int, Mapping[str, Digest | None]]
    hooked: frozenset[str]


@dataclass(slots=True)
class Capture:
    """One captured step.

    Attributes:
        step: The optimizer step.
        optimizer_index: Number of its optimizer in the run.
        learning_rate: η of its first parameter group.
        loss: The loss as it was at backward, summed over its passes; scaling undone.
        parameters: θ before the step, by name; complex ones as real numbers, last axis of 2.
        update: Δθ, in the same form.
        reason: Why it cannot be asked; None as long as nothing speaks against it.
        notes: Numbers that the script read from θ and that the objective holds fixed.
        exact_gradient: True if the gradients, too, were the same to the last bit.
        program: Its operations; None if it could not be recorded.
        preconditioner: Of its optimizer after the step; None if none is known for it.
        bytes: Memory of what was copied for it, with the preconditioner.
        borrowed: Memory of the script's own tensors that it keeps alive, by their address: data
            too large to copy.
    """

    step: int
    optimizer_index: int
    learning_rate: float = math.nan
    loss: float = math.nan
    parameters: dict[str, Tensor] = field(default_factory=dict)
    update: dict[str, Tensor] = field(default_factory=dict)
    reason: str | None = None
    notes: tuple[str, ...] = ()
    exact_gradient: bool = False
    program: Program | None = None
    preconditioner: Preconditioner | None = None
    bytes: int = 0
    borrowed: dict[int, int] = field(default_factory=dict)
    evidence: Evidence | None = field(default=None, repr=False)

    def verified(self) -> bool:
        """True if the step, done again at its own θ, gives what it gave; tried once."""
        evidence, self.evidence = self.evidence, None
        if evidence is not None and self.program is not None and self.reason is None:
            try:
                self.reason = self._differs(self.program, evidence)
            except Exception as error:
                self.reason = f"doing it again fails ({type(error).__name__}: {_first_line(error)})"
        if self.reason is not None:
            self.program = None
        return self.program is not None

    def objective(self) -> Objective:
        """L of this step; its θ₀ is θ before the step.

        Raises:
            CaptureError: If the capture did not verify; the message says why.
        """
        if not self.verified() or self.program is None:
            raise CaptureError(
                f"Expected a step that can be done again, found that step {self.step} cannot: "
                f"{self.reason}. Ask another captured step."
            )
        objective = objective_of_step(
            self.program, self.parameters, description=f"the loss of step {self.step}"
        )
        objective.start_value = self.loss
        return objective

    def _differs(self, program: Program, evidence: Evidence) -> str | None:
        """Do the step again and compare: None if all agree, else the reason."""
        with torch.no_grad():
            recorded = program.total([term.values for term in program.terms])
        with torch.enable_grad():
            leaves = {n: t.detach().requires_grad_() for n, t in self.parameters.items()}
            values = program.run(leaves)
            for term, roots in zip(program.terms, values, strict=True):
                for then, now in zip(term.values, roots, strict=True):
                    if not same(then, now.detach()):
                        return _loss_differs(then, now.detach())
            reason = self._gradients_differ(program, leaves, values, evidence)
        if reason is not None:
            return reason
        del values
        program.needs_graph = not _same_without_graph(program, self.parameters, recorded)
        if program.needs_graph and not same(program.loss(self.parameters).detach(), recorded):
            return "done again a second time, its loss is another one"
        return None

    def _gradients_differ(
        self,
        program: Program,
        leaves: Mapping[str, Tensor],
        values: list[list[Tensor]],
        evidence: Evidence,
    ) -> str | None:
        """Add the passes' gradients up as the script did, and compare."""
        sums: dict[str, Tensor] = {n: dense(real_view(g)) for n, g in evidence.before.items()}
        pairs: list[tuple[str, Digest | None, Tensor | None]] = []
        for i, (term, roots) in enumerate(zip(program.terms, values, strict=True)):
            seeds = [
                torch.ones_like(root) if seed is None else seed
                for root, seed in zip(roots, term.seeds, strict=True)
            ]
            found = torch.autograd.grad(
                roots,
                list(leaves.values()),
                seeds,
                allow_unused=True,
                retain_graph=i + 1 < len(values),
            )
            given = evidence.returned.get(i)
            for name, g in zip(leaves, found, strict=True):
                if given is not None:
                    if name in given:
                        pairs.append((name, given[name], g))
                elif g is not None:
                    sums[name] = sums[name] + g if name in sums else g
        pairs += [(name, then, sums.get(name)) for name, then in evidence.after.items()]
        self.exact_gradient = True
        for name, then, now in pairs:
            if then is None and now is None:
                continue
            again = Digest.of(now) if now is not None else None
            if then is not None and again is not None and then == again:
                continue
            self.exact_gradient = False
            before, after = (0.0 if d is None else d.norm for d in (then, again))
            rounding = then.rounding if then is not None else 0.0
            # kernels may add in another order from run to run; a part that is missing is larger
            if not abs(before - after) <= rounding * max(before, after):
                return _gradient_differs(name, before, after, name in evidence.hooked)
        return None


def _same_without_graph(program: Program, theta: Mapping[str, Tensor], recorded: Tensor) -> bool:
    """False if L takes a gradient itself, or kernels differ where autograd does not record."""
    try:
        with torch.no_grad():
            return same(program.loss(theta), recorded)
    except RuntimeError:
        return False


def _gradient_differs(name: str, before: float, after: float, hooked: bool) -> str:
    why = (
        "the script has a hook on it"
        if hooked
        else "a hook of the script changes it, or part of the loss was computed unseen"
    )
    return (
        f"its gradient for {name} has the length {before:.4g}, that of its loss {after:.4g}: {why}"
    )


def _loss_differs(then: Tensor, now: Tensor) -> str:
    if then.numel() == 1:
        return (
            f"done again at the same weights its loss is {float(now.real):.9g}, and was "
            f"{float(then.real):.9g}: something in it cannot be seen, or changes from call to call"
        )
    return "done again at the same weights its result is another one"


def same(a: Tensor, b: Tensor) -> bool:
    """Equal in every number, NaN at the same places included."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(((a == b) | ((a != a) & (b != b))).all())


def dense(g: Tensor) -> Tensor:
    """A gradient without sparse layout."""
    return g.to_dense() if g.is_sparse else g


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:160]


class Captures:
    """The captures that are kept, within a limit of memory: the first few and the latest.

    Args:
        most: How many; 0 keeps none.
        most_bytes: What they may take together.
    """

    def __init__(self, most: int, most_bytes: int = RING_BYTES) -> None:
        self.most = most
        self._most_bytes = most_bytes
        self._kept: list[Capture] = []
        self._reasons: dict[int, str] = {}

    def add(self, capture: Capture) -> None:
        """Keep a capture, and let one go where there are too many."""
        if capture.reason is not None:
            self._reasons[capture.step] = capture.reason
            return
        self._kept.append(capture)
        while len(self._kept) > max(1, self.most) or (
            len(self._kept) > 1 and self._bytes() > self._most_bytes
        ):
            self._kept.pop(min(FIRST, len(self._kept) - 2))

    def _bytes(self) -> int:
        """Memory that all hold together; what several borrow counts once."""
        borrowed = {key: n for c in self._kept for key, n in c.borrowed.items()}
        return sum(c.bytes for c in self._kept) + sum(borrowed.values())

    def beside(self, capture: Capture) -> Capture | None:
        """The captured step nearest in time, of the same optimizer, that can be done again."""
        others = [
            c
            for c in self._kept
            if c is not capture and c.optimizer_index == capture.optimizer_index
        ]
        for other in sorted(others, key=lambda c: abs(c.step - capture.step)):
            if other.verified():
                return other
        return None

    @property
    def kept(self) -> tuple[Capture, ...]:
        """Those that are kept, oldest first."""
        return tuple(self._kept)

    def at(self, step: int) -> Capture:
        """The capture of a step.

        Raises:
            CaptureError: If it is not there; the message names those that are.
        """
        for capture in self._kept:
            if capture.step == step:
                return capture
        there = ", ".join(str(c.step) for c in self._kept) or "none"
        if step in self._reasons:
            raise CaptureError(
                f"Step {step} was captured but cannot be done again: {self._reasons[step]}. Ask "
                f"for another one (captured and kept are: {there}), or change what stands in the "
                "way; docs/capture.md lists what does."
            )
        raise CaptureError(
            f"Expected a step that is captured, found {step}; captured and kept are: {there}. "
            "Few steps are captured, and only the first and the latest are kept."
        )
