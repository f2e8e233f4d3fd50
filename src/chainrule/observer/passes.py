"""The backward passes of a window: what each adds to the loss, and the gradients that they left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from torch import Tensor
from torch.optim import Optimizer

from chainrule.objective.step import Term

from .captured import Digest, Evidence

MOST_PASSES = 64
"""Backward passes of one step; a step with more is accumulated over a whole data set."""


@dataclass(slots=True)
class Pass:
    """A backward pass.

    Attributes:
        term: What it adds to the loss.
        returned: True for `torch.autograd.grad`, which adds to no `.grad`.
        before: `.grad` before it where there was one, by identity of the parameter.
        after: `.grad` after it.
        fresh: Identities of parameters whose `.grad` was None or zero before it.
    """

    term: Term
    returned: bool
    before: dict[int, Tensor] = field(default_factory=dict)
    after: dict[int, Digest | None] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)


class Passes:
    """Those since the last update.

    Args:
        optimizers: Those met so far.
    """

    def __init__(self, optimizers: Iterable[Optimizer]) -> None:
        self._optimizers = optimizers
        self._kept: list[Pass] = []
        self._shared: list[Pass] = []

    def __bool__(self) -> bool:
        return bool(self._kept)

    @property
    def full(self) -> bool:
        """True if a step cannot have more."""
        return len(self._kept) >= MOST_PASSES

    @property
    def of_update(self) -> list[Pass]:
        """Those that the present update follows; several optimizers may share them."""
        return self._kept or self._shared

    def begin(self, term: Term, *, returned: bool) -> Pass:
        """One is about to run."""
        found = Pass(term, returned)
        for p in self._held():
            if p.grad is None or not bool(p.grad._nnz() if p.grad.is_sparse else p.grad.any()):
                found.fresh.add(id(p))
            elif not self._kept:
                found.before[id(p)] = p.grad.detach().clone()
        self._kept.append(found)
        return found

    def end(self, found: Pass) -> None:
        """It has run."""
        if not found.returned:
            for earlier in self._kept[:-1]:  # only the last sum is compared
                earlier.after = {}
            found.after = {
                id(p): None if p.grad is None else Digest.of(p.grad) for p in self._held()
            }

    def discard(self, optimizer: Optimizer) -> None:
        """Forget those whose gradients were thrown away before this optimizer's update."""
        own = {id(p) for group in optimizer.param_groups for p in group["params"]}
        own &= {id(p) for p in self._held()}
        for i in range(len(self._kept) - 1, 0, -1):
            if not self._kept[i].returned and own <= self._kept[i].fresh:
                self._kept[i].before = {}
                del self._kept[:i]
                return

    def next_update(self) -> None:
        """An optimizer has stepped."""
        self._shared, self._kept = self.of_update, []

    def _held(self) -> list[Tensor]:
        unique = {
            id(p): p
            for optimizer in list(self._optimizers)
            for group in optimizer.param_groups
            for p in group["params"]
            if p.requires_grad
        }
        return list(unique.values())


def evidence(
    passes: list[Pass],
    live: Mapping[str, Tensor],
    returned: Iterable[Mapping[int, Tensor | None]],
) -> Evidence:
    """What is known of the gradients of some passes.

    Args:
        passes: They.
        live: The script's parameters by name.
        returned: What each call of `torch.autograd.grad` returned, by identity.
    """
    names = {id(p): name for name, p in live.items()}
    adding = [p for p in passes if not p.returned]
    before = adding[0].before if adding else {}
    after = adding[-1].after if adding else {}
    given = iter(returned)
    return Evidence(
        before={names[key]: g for key, g in before.items() if key in names},
        after={names[key]: digest for key, digest in after.items() if key in names},
        returned={
            i: {
                names[key]: None if g is None else Digest.of(g)
                for key, g in next(given, {}).items()
                if key in names
            }
            for i, p in enumerate(passes)
            if p.returned
        },
        hooked=frozenset(
            name
            for name, p in live.items()
            if p._backward_hooks or getattr(p, "_post_accumulate_grad_hooks", None)
        ),
    )
