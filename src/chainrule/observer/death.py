"""An exception that ended the training, as an event: where, in which call, and on what it came.

Looked at when all is over, so nothing of it costs a step. Only an exception out of a training step
is told: `training_code` says what that is.
"""

import os
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

import torch
from torch import Tensor, nn

from chainrule.records import Event
from chainrule.records.shortened import shortened

from .frames import INTERNAL, USER, file_kind
from .modes import unseen
from .names import Names
from .training_code import call_at, in_a_step

KIND = "died"
"""Of the event."""

_CALL = nn.Module._call_impl.__code__
_MOST_MODULES = 12  # of the innermost function that has any
_MOST_TENSORS = 12  # named in the event; a frame seldom has more that matter
_MOST_ELEMENTS = 2**22  # of one tensor that is looked through for numbers that are not finite
_MOST_WEIGHTS = 2**26  # elements of all weights together, likewise
_TRAINING = tuple(
    os.path.join(os.path.dirname(torch.__file__), part) for part in ("autograd", "optim")
)


def death(error: BaseException, names: Names, step: int) -> Event | None:
    """The event of an exception that ended the training.

    Args:
        error: What nobody caught, with its traceback.
        names: Names of modules and parameters.
        step: Steps made until then.

    Returns:
        None if it came from elsewhere: before or after the training, from the keyboard, or from a
        script that ended itself.
    """
    if not isinstance(error, Exception):
        return None
    steps = [*traceback_steps(error.__traceback__)]
    users = [s for s in steps if file_kind(s[0].f_code.co_filename) == USER]
    if not users or not _in_training(steps, users):
        return None
    frame, line, _ = users[-1]
    source = f"{os.path.basename(frame.f_code.co_filename)}:{line}"
    kind, message = type(error).__name__, shortened(" ".join(str(error).split()))
    last, _, instruction = steps[-1]
    module = next((s[0].f_locals["self"] for s in reversed(steps) if s[0].f_code is _CALL), None)
    gradients = torch.is_grad_enabled()  # no block is open any more: what is off stays off
    with torch.no_grad(), unseen():
        tensors = _tensors(frame, last, module)
        spoiled = _spoiled(names)
    return Event(
        step,
        KIND,
        f"The training ended at {source} with {kind}: {message}".removesuffix(": "),
        {
            "type": kind,
            "message": message,
            "source": source,
            "function": call_at(last, instruction).removeprefix("run_"),
            "module": _module([s[0] for s in steps], names),
            "in_torch": file_kind(last.f_code.co_filename) == INTERNAL,
            "raised": _is_raised_by_user(error, last),
            "tensors": tensors,
            "nonfinite_parameters": spoiled,
            "modules": _modules([s[0] for s in users]),
            "gradients_on": gradients,
        },
    )


def spoiled_roots(error: BaseException) -> list[Any]:
    """Graphs of the tensors at hand that are not finite: they still hold what each step saved."""
    found: list[Any] = []
    with torch.no_grad(), unseen():
        for frame, _, _ in traceback_steps(error.__traceback__):
            found += [
                value.grad_fn
                for value in list(frame.f_locals.values())
                if isinstance(value, Tensor) and value.grad_fn is not None and _nonfinite(value) > 0
            ]
    return list(dict.fromkeys(found))[:_MOST_TENSORS]


def traceback_steps(trace: TracebackType | None) -> Iterator[tuple[FrameType, int, int]]:
    """Frames of a traceback, outermost first, each with its line and its instruction."""
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno, trace.tb_lasti
        trace = trace.tb_next


def _in_training(
    steps: list[tuple[FrameType, int, int]], users: list[tuple[FrameType, int, int]]
) -> bool:
    if any(frame.f_code.co_filename.startswith(_TRAINING) for frame, _, _ in steps):
        return True
    return any(in_a_step(frame.f_code, line) for frame, line, _ in users)


def _is_raised_by_user(error: Exception, last: FrameType) -> bool:
    """True for an `assert` or a `raise` in the script's own code."""
    if file_kind(last.f_code.co_filename) != USER:
        return False
    found = traceback.extract_tb(error.__traceback__)[-1].line or ""
    return found.lstrip().startswith(("assert", "raise"))


def _module(frames: list[FrameType], names: Names) -> str:
    """Path of the innermost module whose call is in the traceback."""
    modules = tuple(f.f_locals["self"] for f in frames if f.f_code is _CALL)
    if not modules:
        return ""
    if names.knows(modules[-1]):
        return names.module(modules)
    inside = (path for path, module in modules[0].named_modules() if module is modules[-1])
    return next(inside, "") or type(modules[-1]).__name__


def _tensors(user: FrameType, last: FrameType, module: nn.Module | None) -> list[list[object]]:
    """`[name, dtype, shape, non-finite elements]` of what was at hand; −1 if not counted.

    That is the variables of the script's innermost function and of the call in which it ended,
    and the weights of the module whose call it is.
    """
    found: list[list[object]] = []
    seen: set[int] = set()
    weights = {f"self.{n}": p for n, p in module._parameters.items()} if module is not None else {}
    for scope in (last.f_locals, weights, user.f_locals):
        for name, value in list(scope.items()):
            if not isinstance(value, Tensor) or id(value) in seen or name.startswith("_"):
                continue
            seen.add(id(value))
            dtype = str(value.dtype).removeprefix("torch.")
            found.append([shortened(name), dtype, list(value.shape)[:8], _nonfinite(value)])
    return found[:_MOST_TENSORS]


def _modules(users: list[FrameType]) -> list[list[object]]:
    """`[name, parameters, how many of them are frozen]` of the modules at hand.

    They are those of the innermost function of the script that has any with parameters.
    """
    for frame in reversed(users):
        found: dict[int, list[object]] = {}
        for name, value in list(frame.f_locals.items()):
            if isinstance(value, nn.Module) and id(value) not in found:
                parameters = list(value.parameters())
                frozen = sum(not p.requires_grad for p in parameters)
                if parameters:
                    found[id(value)] = [shortened(name), len(parameters), frozen]
        if found:
            return list(found.values())[:_MOST_MODULES]
    return []


def _nonfinite(value: Tensor) -> int:
    if not value.is_floating_point() or value.numel() > _MOST_ELEMENTS:
        return 0 if not value.is_floating_point() else -1
    try:
        return value.numel() - int(torch.isfinite(value.detach()).sum())
    except Exception:  # a device after an error of its own, a tensor without values
        return -1


def _spoiled(names: Names) -> list[int]:
    """Indices of the parameters that hold a number that is not finite."""
    found, elements = [], 0
    for index, reference in enumerate(names.tensors):
        tensor = reference()
        if tensor is None or elements + tensor.numel() > _MOST_WEIGHTS:
            continue
        elements += tensor.numel()
        try:
            if not bool(torch.isfinite(tensor.detach()).all()):
                found.append(index)
        except Exception:  # as in `_nonfinite`
            continue
    return found
