"""Whether an `autograd.Function` of the script can run again without anybody noticing.

Its forward and backward are the script's own code, the only such code that a replay runs. A
function that counts its calls, prints or appends to a list would do so once more.
"""

import dis
import inspect
from collections.abc import Iterator
from types import CodeType, FunctionType

_METHODS = ("forward", "setup_context", "backward", "vjp")
_TELLING = frozenset(["print", "open", "input", "exec", "eval", "setattr", "delattr"])
_STORES = frozenset(["STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_ATTR"])
_MUTABLE = (list, dict, set, bytearray)
_known: dict[type, str | None] = {}


def side_effect(cls: type) -> str | None:
    """What a custom function does besides computing, as far as its code shows; None if nothing."""
    if cls not in _known:
        _known[cls] = next(_found(cls), None)
    return _known[cls]


def _found(cls: type) -> Iterator[str]:
    if cls.__module__.startswith("torch."):
        return
    for name in _METHODS:
        method = inspect.getattr_static(cls, name, None)
        function = getattr(method, "__func__", method)
        if isinstance(function, FunctionType) and not function.__module__.startswith("torch."):
            outside = inspect.getclosurevars(function)
            for kept, value in {**outside.globals, **outside.nonlocals}.items():
                if isinstance(value, _MUTABLE):
                    yield f"{cls.__name__}.{name} uses {kept}, which it may change"
            for what in _written(function.__code__):
                yield f"{cls.__name__}.{name} {what}"


def _written(code: CodeType) -> Iterator[str]:
    context = code.co_varnames[:1]
    before: dis.Instruction | None = None
    for now in dis.get_instructions(code):
        if now.opname in _STORES:
            yield f"sets {now.argval}"
        elif now.opname == "STORE_ATTR":
            # the object is on top of the stack: what was loaded last, mostly ctx
            loaded = before.argval if before is not None else None
            last = loaded[-1] if isinstance(loaded, tuple) else loaded
            if last not in context:
                yield f"sets .{now.argval}"
        elif now.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME")) and now.argval in _TELLING:
            yield f"calls {now.argval}"
        if now.opname != "CACHE":
            before = now
