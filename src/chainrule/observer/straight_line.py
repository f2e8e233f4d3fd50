"""Whether anything of the script can have run between a backward pass and an optimizer's step.

A gradient may be changed unseen: `p.grad.data.clamp_(-1, 1)` leaves no trace in its version. So the
gradients that an optimizer uses are measured again after its step, but for one case, which is how
most training loops are written: two calls of one frame with nothing between them.

    loss.backward()
    optimizer.step()

And the optimizer must be one of PyTorch's own, unchanged: those write to no gradient unseen.

What is left out of account: code of the script that runs where an attribute is looked up on the way
to the optimizer (a property), or where the loss is let go (`__del__`).
"""

import dis
import sys
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from dis import Instruction
from functools import lru_cache
from itertools import chain
from types import CodeType, FrameType
from typing import Any

from torch.optim import Optimizer
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

_IN_BACKWARD = ("torch.autograd", "torch.autograd.graph", "torch._tensor")
_IN_STEP = ("torch.optim.optimizer", "torch.optim.lr_scheduler")
_SILENT = ("NOP", "EXTENDED_ARG", "CACHE", "PRECALL", "KW_NAMES")  # say nothing of what is done
_VARIABLE = (
    "LOAD_FAST",
    "LOAD_FAST_BORROW",
    "LOAD_FAST_CHECK",
    "LOAD_DEREF",
    "LOAD_NAME",
    "LOAD_GLOBAL",
)


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
    if _is_traced():
        return None
    while frame is not None and frame.f_globals.get("__name__", "").startswith("chainrule."):
        frame = frame.f_back
    return _call(frame, _IN_BACKWARD)


def follows_at_once(first: Call, frame: FrameType | None) -> bool:
    """True if after a call nothing has run but what finds the optimizer's `step`.

    Args:
        first: The call.
        frame: That which called a hook of ours before an optimizer's step.
    """
    second = _call(frame, _IN_STEP)
    return (
        second is not None
        and second.frame == first.frame
        and second.code is first.code
        and not _is_traced()
        and _is_straight(first.code, first.at, second.at)
    )


def keeps_gradients(optimizer: Optimizer) -> bool:
    """True if in a step of it no gradient is changed but by operations that change its version."""
    hooks = chain(_global_optimizer_pre_hooks.values(), _global_optimizer_post_hooks.values())
    return (
        f"{type(optimizer).__module__}.".startswith("torch.optim.")
        and _is_pytorchs(type(optimizer).step)
        and not optimizer._optimizer_step_pre_hooks
        and not optimizer._optimizer_step_post_hooks
        and all(getattr(hook, "__module__", "").startswith("chainrule.") for hook in hooks)
        # by which fused kernels divide the gradients themselves
        and getattr(optimizer, "grad_scale", None) is None
        and getattr(optimizer, "found_inf", None) is None
    )


@lru_cache(maxsize=64)
def _is_pytorchs(function: Callable[..., Any]) -> bool:
    """True if a function and all that it is wrapped around are PyTorch's."""
    layer: Any = function
    while layer is not None:
        if not getattr(layer, "__globals__", {}).get("__name__", "").startswith("torch."):
            return False
        layer = getattr(layer, "__wrapped__", None)
    return True


def _is_traced() -> bool:
    """True if a debugger or profiler is at work: it may stop anywhere, for anything to be done."""
    monitoring = getattr(sys, "monitoring", None)  # Python 3.12 and later
    tools = monitoring is not None and any(map(monitoring.get_tool, range(6)))
    return tools or sys.gettrace() is not None or sys.getprofile() is not None


def _call(frame: FrameType | None, modules: tuple[str, ...]) -> Call | None:
    """The innermost call from outside of some modules."""
    while frame is not None and frame.f_globals.get("__name__") in modules:
        frame = frame.f_back
    return None if frame is None else Call(id(frame), frame.f_code, frame.f_lasti)


@lru_cache(maxsize=64)
def _is_straight(code: CodeType, first: int, second: int) -> bool:
    """True of `….backward(…)` and then, with nothing in between, `….step()`."""
    instructions = list(dis.get_instructions(code))
    offsets = [instruction.offset for instruction in instructions]
    # of a call that is being made the offset lies in the instruction or in its cache behind it
    begins, ends = (bisect_right(offsets, at) - 1 for at in (first, second))
    between = [each for each in instructions[begins + 1 : ends] if each.opname not in _SILENT]
    if any(each.is_jump_target for each in instructions[begins + 1 : ends + 1]) or len(between) < 3:
        return False
    result, variable, *attributes, method = between
    return (
        _calls(instructions[: begins + 1], "backward")
        and result.opname == "POP_TOP"
        and variable.opname in _VARIABLE
        and all(each.opname == "LOAD_ATTR" for each in attributes)
        and _is_method(method, "step")
        and instructions[ends].opname == "CALL"
        and instructions[ends].arg == 0  # no closure
    )


def _calls(instructions: list[Instruction], name: str) -> bool:
    """True if the last instruction calls a method of that name with constants and variables."""
    *before, call = instructions
    if call.opname not in ("CALL", "CALL_KW"):
        return False
    arguments = 0
    for each in reversed(before):
        if each.opname in _VARIABLE or each.opname == "LOAD_CONST":
            arguments += 1
        elif each.opname not in _SILENT:
            named = call.opname == "CALL_KW"  # the names themselves are a constant, too
            return _is_method(each, name) and arguments == (call.arg or 0) + named
    return False


def _is_method(instruction: Instruction, name: str) -> bool:
    """True if it finds a method that is to be called: since Python 3.12 the lowest bit says so."""
    kind, arg = instruction.opname, instruction.arg or 0
    found = kind == "LOAD_METHOD" or (
        kind == "LOAD_ATTR" and sys.version_info >= (3, 12) and arg & 1
    )
    return bool(found) and instruction.argval == name
