"""Whether anything of the script can have run between a backward pass and an optimizer's step.

A gradient may be changed unseen: `p.grad.data.clamp_(-1, 1)` leaves no trace in its version. So the
gradients that an optimizer uses are measured again after its step, but for one case, which is how
most training loops are written: two calls of one frame with nothing between them.

    loss.backward()
    optimizer.step()

And the optimizer must be one of PyTorch's own, without hooks: they write to no gradient unseen.
"""

import dis
import sys
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from types import CodeType, FrameType

from torch.optim import Optimizer
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

_IN_BACKWARD = ("torch.autograd", "torch.autograd.graph", "torch._tensor")
_IN_STEP = ("torch.optim.optimizer", "torch.optim.lr_scheduler")
_LOADS = frozenset(
    (
        "POP_TOP",
        "NOP",
        "EXTENDED_ARG",
        "PUSH_NULL",
        "PRECALL",
        "LOAD_FAST",
        "LOAD_FAST_BORROW",
        "LOAD_FAST_CHECK",
        "LOAD_DEREF",
        "LOAD_NAME",
        "LOAD_GLOBAL",
        "LOAD_ATTR",
        "LOAD_METHOD",
    )
)
"""Instructions that run nothing of the script, but for a property that finds the optimizer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is being made.

    Attributes:
        frame: Identity of the frame that makes it. Another frame may have it later, but comes to no
            second call without making the first one anew.
        code: Its code.
        at: Offset of the call in the code, in bytes.
    """

    frame: int
    code: CodeType
    at: int


def call_of_backward(frame: FrameType | None) -> Call | None:
    """The call of `backward()` by which a frame of ours was reached at the end of a pass."""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("chainrule."):
        frame = frame.f_back
    return _call(frame, _IN_BACKWARD)


def follows_at_once(first: Call, frame: FrameType | None) -> bool:
    """True if after a call nothing has run but what loads the arguments of the next.

    Args:
        first: The call.
        frame: That which called a hook of ours before an optimizer's step.
    """
    second = _call(frame, _IN_STEP)
    return (
        second is not None
        and second.frame == first.frame
        and second.code is first.code
        and sys.gettrace() is None  # a debugger stops in between, and anything may be typed there
        and _only_loads(first.code, first.at, second.at)
    )


def keeps_gradients(optimizer: Optimizer) -> bool:
    """True if in a step of it no gradient is changed but by operations that change its version."""
    hooks = chain(_global_optimizer_pre_hooks.values(), _global_optimizer_post_hooks.values())
    return (
        f"{type(optimizer).__module__}.".startswith("torch.optim.")
        and not optimizer._optimizer_step_pre_hooks
        and not optimizer._optimizer_step_post_hooks
        and all(getattr(hook, "__module__", "").startswith("chainrule.") for hook in hooks)
    )


def _call(frame: FrameType | None, modules: tuple[str, ...]) -> Call | None:
    """The innermost call from outside of some modules."""
    while frame is not None and frame.f_globals.get("__name__") in modules:
        frame = frame.f_back
    return None if frame is None else Call(id(frame), frame.f_code, frame.f_lasti)


@lru_cache(maxsize=64)
def _only_loads(code: CodeType, first: int, second: int) -> bool:
    instructions = list(dis.get_instructions(code))
    offsets = [instruction.offset for instruction in instructions]
    # of a call that is being made the offset lies in the instruction or in its cache behind it
    begins, ends = (bisect_right(offsets, at) - 1 for at in (first, second))
    between = instructions[begins + 1 : ends + 1]
    return (
        bool(between)
        and all(instructions[at].opname.startswith("CALL") for at in (begins, ends))
        and all(instruction.opname in _LOADS for instruction in between[:-1])
        and not any(instruction.is_jump_target for instruction in between)
    )
