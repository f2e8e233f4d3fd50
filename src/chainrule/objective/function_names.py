"""PyTorch's computing functions by name: what a saved step may call, and nothing else.

Only functions that PyTorch itself implements in C and that compute on tensors are here, so a file
that names one cannot run anything but mathematics.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import torch

_C: Any = torch._C
_NAMESPACES: dict[str, Any] = {
    "torch": _C._VariableFunctions,
    "torch.Tensor": _C.TensorBase,
    "torch.nn": _C._nn,
    "torch.linalg": _C._linalg,
    "torch.fft": _C._fft,
    "torch.special": _C._special,
    "torch.sparse": _C._sparse,
    "torch.nested": _C._nested,
}
_NOT_MATHEMATICS = frozenset(["torch.from_file"])  # maps a file into memory
_OBJECT = frozenset(dir(object))  # what every Python object has; some of it is not harmless


def _named() -> Iterator[tuple[str, Callable[..., Any]]]:
    for space, home in _NAMESPACES.items():
        for name in dir(home):
            full = f"{space}.{name}"
            if name in _OBJECT or full in _NOT_MATHEMATICS:
                continue
            # where a method of the C class is extended in Python, PyTorch hands that on
            found = getattr(torch.Tensor if home is _C.TensorBase else home, name)
            if type(found).__name__ == "getset_descriptor":
                yield f"{full}.__get__", found.__get__
            elif callable(found) and not isinstance(found, type):
                yield full, found
    yield "torch.autograd.grad", torch.autograd.grad


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    return dict(_named())


@cache
def _names() -> dict[Callable[..., Any], str]:
    return {function: name for name, function in reversed(list(_functions().items()))}


def name_of_function(function: Callable[..., Any]) -> str | None:
    """The name under which `function_named` gives it back; None for any other function."""
    try:
        return _names().get(function)
    except TypeError:  # not hashable
        return None


def function_named(name: str) -> Callable[..., Any] | None:
    """The function of that name; None if there is no such function, or it is not mathematics."""
    return _functions().get(name)
