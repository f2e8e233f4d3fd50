"""What the caller calls the tensors: by a mapping of theirs, else by the variables around the call.

Only names that stand in the calling function are looked at: its variables, the modules and the
lists in them, and the module-level names that its code mentions.
"""

import sys
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from torch import Tensor, nn

_LONGEST_LIST = 64  # entries of a caller's list or dictionary that are looked at


class Names:
    """Names of tensors, by identity, by the operation that made them, or by their memory.

    Args:
        given: Names and tensors that the user gave, such as `dict(model.named_parameters())`.
        frame: The function that asked, whose variables are looked at after that.
    """

    def __init__(self, given: Mapping[str, Tensor] | None, frame: FrameType | None) -> None:
        self._leaves: dict[int, str] = {}
        self._made: dict[tuple[Any, int], tuple[str, Tensor]] = {}
        self._memory: dict[tuple[object, ...], str] = {}
        for name, tensor in (given or {}).items():
            self._add(name, tensor)
        if frame is not None:
            for name, tensor in _variables(frame):
                self._add(name, tensor)

    def leaf(self, tensor: Tensor) -> str | None:
        """The name of this very tensor."""
        return self._leaves.get(id(tensor))

    def made_by(self, node: Any, slot: int = 0) -> tuple[str, Tensor] | None:
        """The variable that holds what an operation made, and its name."""
        return self._made.get((node, slot))

    def constant(self, tensor: Tensor) -> str | None:
        """The name of the tensor whose memory this is."""
        return self._memory.get(_memory_of(tensor))

    def _add(self, name: str, tensor: Tensor) -> None:
        name = readable(name)
        self._leaves.setdefault(id(tensor), name)
        if tensor.grad_fn is not None:
            self._made.setdefault((tensor.grad_fn, tensor.output_nr), (name, tensor))
        elif not tensor.is_sparse:
            self._memory.setdefault(_memory_of(tensor), name)


def readable(name: str) -> str:
    """A name that is not read as a number: `[0].weight` of a `nn.Sequential` for `0.weight`.

    Example:
        >>> readable("0.weight"), readable("1.0.bias"), readable("layers.0.bias")
        ('[0].weight', '[1][0].bias', 'layers.0.bias')
    """
    parts = name.split(".")
    leading = 0
    while leading < len(parts) and parts[leading].isdecimal():
        leading += 1
    if not leading:
        return name
    rest = parts[leading:]
    return "".join(f"[{part}]" for part in parts[:leading]) + "".join(f".{part}" for part in rest)


def calling_frame() -> FrameType | None:
    """The nearest frame that runs no code of ours."""
    frame: FrameType | None = sys._getframe(1)
    while (
        frame is not None
        and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "chainrule"
    ):
        frame = frame.f_back
    return frame


def _memory_of(tensor: Tensor) -> tuple[object, ...]:
    try:
        pointer = tensor.data_ptr()
    except RuntimeError:  # it has no memory: a fake tensor, a subclass
        pointer = id(tensor)
    return (pointer, tuple(tensor.shape), tensor.stride(), tensor.dtype)


def _variables(frame: FrameType) -> Iterator[tuple[str, Tensor]]:
    scope = dict(frame.f_locals)
    for name in frame.f_code.co_names:
        if name in frame.f_globals and name not in scope:
            scope[name] = frame.f_globals[name]
    public = {name: held for name, held in scope.items() if not name.startswith("_")}
    modules = {name: held for name, held in public.items() if isinstance(held, nn.Module)}
    parents = {id(child) for held in modules.values() for child in held.children()}
    roots = {name: held for name, held in modules.items() if id(held) not in parents}
    for name, held in public.items():
        if isinstance(held, Tensor):
            yield name, held
    for name, held in roots.items():
        prefix = f"{name}." if len(roots) > 1 and name != "self" else ""
        for inner, parameter in held.named_parameters():
            yield prefix + inner, parameter
        for inner, buffer in held.named_buffers():
            yield prefix + inner, buffer
    for name, held in public.items():
        yield from _inside(name, held)


def _inside(name: str, held: object) -> Iterator[tuple[str, Tensor]]:
    if type(held) in (list, tuple):
        for i, part in enumerate(held[:_LONGEST_LIST]):  # type: ignore[index]
            if isinstance(part, Tensor):
                yield f"{name}[{i}]", part
    elif type(held) is dict:
        for key, part in list(held.items())[:_LONGEST_LIST]:
            if isinstance(part, Tensor):
                yield f"{name}[{key!r}]", part
