"""Every call of a PyTorch function passes by, without a frame of ours on the stack.

A function mode is told of each call, but Python written in `__torch_function__` would stand in the
traceback of every exception and be the place of every warning. So ours is not Python: it is
CPython's own `PyObject_VectorcallDict`, reached through `ctypes`, which calls back before it (to
convert the arguments) and after it (to check the result), and both times we have returned when
PyTorch goes on.

A mode also makes `has_torch_function` true, which sends `torch.nn.functional` through the machinery
of overrides and keeps `nn.TransformerEncoder` off its fast path. While ours is on, those questions
are answered as if it were not there.
"""

import ctypes
import sys
import threading
import types
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
import torch.overrides
from torch.jit import _builtins
from torch.utils._device import DeviceContext

# They ask whether anything overrides a function before they run it.
_ASKING = (
    "torch.overrides",
    "torch.functional",
    "torch.nn.functional",
    "torch._tensor",
    "torch._lowrank",
    "torch._lobpcg",
)
_QUESTIONS = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")

_MOST_ARGUMENTS = 512
"""Positional arguments of one call, which PyTorch's own functions take as lists beyond a few."""


class Listener(Protocol):
    """What is told of each call; it must not raise."""

    def before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        """The function is about to be called."""

    def after(self, result: Any) -> None:
        """It has returned. It is not called if the function raised."""


class _Mode:
    """What lies on PyTorch's stack of function modes."""

    listener: Listener | None = None
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    values: Any
    __torch_function__: Any


_mode = _Mode()

# `__torch_function__(function, types, arguments, keywords)` becomes, one argument for another,
# `PyObject_VectorcallDict(function, values, how many, keywords)`.


class _Function:
    @classmethod
    def from_param(cls, value: Any) -> Any:
        _mode.function = value
        return ctypes.py_object(value)


class _Values:
    """Memory for the arguments, which are known one conversion later."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        _mode.values = (ctypes.py_object * _MOST_ARGUMENTS)()
        return _mode.values


class _HowMany:
    @classmethod
    def from_param(cls, value: Any) -> Any:
        values, _mode.values, _mode.arguments = _mode.values, None, value
        for i, argument in enumerate(value):
            values[i] = argument
        return ctypes.c_size_t(len(value))


class _Keywords:
    @classmethod
    def from_param(cls, value: Any) -> Any:
        function, arguments = _mode.function, _mode.arguments
        del _mode.function, _mode.arguments  # nothing of the script's is kept alive
        if (listener := _mode.listener) is not None:
            listener.before(function, arguments, value or {})
        return ctypes.py_object(value) if value else ctypes.c_void_p(None)


def _returned(result: Any, function: Any, arguments: Any) -> Any:
    if (listener := _mode.listener) is not None:
        listener.after(result)
    return result


def _through_c() -> Any:
    # anything with `from_param` may stand for a type
    kinds: Any = (_Function, _Values, _HowMany, _Keywords)
    given = ((1, "function"), (1, "types"), (1, "arguments", ()), (1, "keywords", None))
    prototype = ctypes.PYFUNCTYPE(ctypes.py_object, *kinds)
    call: Any = prototype(("PyObject_VectorcallDict", ctypes.pythonapi), given)
    call.errcheck = _returned
    call.__self__ = _mode  # PyTorch asks whose method it is
    return call


_mode.__torch_function__ = _through_c()


def _without_ours(original: Callable[..., bool]) -> Callable[..., bool]:
    """A question after overrides that does not see our mode."""
    size, at = torch._C._len_torch_function_stack, torch._C._get_function_stack_at
    pop, push = torch._C._pop_torch_function_stack, torch._C._push_on_torch_function_stack

    def answer(*arguments: Any) -> bool:
        if size() != 1 or at(0) is not _mode:  # the stack is that of the thread that asks
            return original(*arguments)
        mode = pop()
        try:
            return original(*arguments)
        finally:
            push(mode)

    # a function that is scripted meanwhile must find the question under its own name
    _builtins._register_builtin(answer, "aten::has_torch_function")
    return answer


_ANSWERS = {name: _without_ours(getattr(torch.overrides, name)) for name in _QUESTIONS}


def foreign_modes() -> bool:
    """True if the script has modes of its own on, other than a default device."""
    if torch._C._len_torch_dispatch_stack():
        return True
    return any(
        not isinstance(mode, DeviceContext) and mode is not _mode
        for mode in map(
            torch._C._get_function_stack_at, range(torch._C._len_torch_function_stack())
        )
    )


class Both:
    """Two listeners, told one after the other."""

    def __init__(self, first: Listener, second: Listener) -> None:
        self._first, self._second = first, second

    def before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        """The function is about to be called."""
        self._first.before(function, arguments, keywords)
        self._second.before(function, arguments, keywords)

    def after(self, result: Any) -> None:
        """It has returned."""
        self._first.after(result)
        self._second.after(result)


class Interception:
    """Tells a listener of the calls made by one thread while it is on.

    Args:
        listener: Told of each call.
        on_apply: Told (cls, arguments, keywords, frame) when an `autograd.Function` is applied,
            which is no call of PyTorch's own.
    """

    def __init__(
        self, listener: Listener, on_apply: Callable[[type, Any, Any, types.FrameType], None]
    ) -> None:
        self._listener = self._told = listener
        self._on_apply = on_apply
        self._thread = 0
        self._replaced: list[tuple[types.ModuleType, str, Any]] = []

    @property
    def on(self) -> bool:
        """True between `start` and `stop`."""
        return bool(self._thread)

    def start(self) -> None:
        """From now on the calls of this thread are told."""
        if self._thread:
            return
        self._thread = threading.get_ident()
        self._answer()
        self._follow_functions()
        self.resume()

    def stop(self) -> None:
        """Take everything back. Works from another thread too, where the mode stays, mute."""
        if not self._thread:
            return
        self.suspend()
        _mode.listener = None
        for module, name, original in self._replaced:
            setattr(module, name, original)
        self._replaced.clear()
        self._thread = 0

    def resume(self) -> None:
        """Go on after `suspend`."""
        if self._thread != threading.get_ident() or self._position() is not None:
            return
        _mode.listener = self._told
        torch._C._push_on_torch_function_stack(_mode)

    @property
    def listening(self) -> bool:
        """True if calls of this thread are told now: `on`, and not suspended."""
        return self._thread == threading.get_ident() and self._position() is not None

    def tell_also(self, listener: Listener | None) -> None:
        """From now on tell a second listener, too; None tells the first alone again."""
        self._told = self._listener if listener is None else Both(self._listener, listener)
        if self.listening:
            _mode.listener = self._told

    def suspend(self) -> bool:
        """Say nothing for now.

        Returns:
            True if it was on, so that it is to be resumed.
        """
        if self._thread != threading.get_ident():
            _mode.listener = None
            return False
        position = self._position()
        if position is None:
            return False
        above = []
        while torch._C._len_torch_function_stack() > position + 1:
            above.append(torch._C._pop_torch_function_stack())
        torch._C._pop_torch_function_stack()
        for mode in reversed(above):
            torch._C._push_on_torch_function_stack(mode)
        return True

    @staticmethod
    def _position() -> int | None:
        for i in range(torch._C._len_torch_function_stack()):
            if torch._C._get_function_stack_at(i) is _mode:
                return i
        return None

    def _replace(self, module: types.ModuleType, name: str, by: Any) -> None:
        self._replaced.append((module, name, getattr(module, name)))
        setattr(module, name, by)

    def _answer(self) -> None:
        """Answer the questions after overrides as if our mode were not there."""
        for path in _ASKING:
            module = sys.modules.get(path)
            for name, answer in _ANSWERS.items():
                if module is not None and hasattr(module, name):
                    self._replace(module, name, answer)

        # `torch.autograd.grad` is one call to us, `backward` none
        autograd: Any = torch.autograd
        seen, hidden = autograd.has_torch_function, _ANSWERS["has_torch_function"]
        code = torch.autograd.grad.__code__

        def asked(arguments: Any) -> bool:
            return seen(arguments) if sys._getframe(1).f_code is code else hidden(arguments)

        self._replace(torch.autograd, "has_torch_function", asked)

    def _follow_functions(self) -> None:
        """`Function.apply` asks for this function just before it runs: the only way to see it."""
        import torch._functorch.utils as functorch

        original = functorch.unwrap_dead_wrappers
        code = torch.autograd.Function.apply.__code__
        on_apply, thread = self._on_apply, self._thread

        def unwrap(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
            frame = sys._getframe(1)
            if frame.f_code is code and threading.get_ident() == thread and self.suspend():
                local = frame.f_locals
                on_apply(local["cls"], arguments, local["kwargs"], frame)
                self.resume()
            return original(arguments)

        self._replace(functorch, "unwrap_dead_wrappers", unwrap)
