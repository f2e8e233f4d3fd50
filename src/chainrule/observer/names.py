"""Names of modules and parameters, as the user knows them.

A parameter inside an `nn.Module` has the path that PyTorch gives it; a bare tensor has the
variable that holds it (`W1`, `params[0]`), found in the frames of the user's program.
"""

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import FrameType

from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from chainrule.records import Parameter

from .frames import is_user_frame

_FRAMES = 12
_COMPILED = "_orig_mod."  # what torch.compile puts before the names of a module's own
_SCANNED = 400  # names looked at in one scope, and items in one container


class Names:
    """The modules and parameters of one run, each with its name and number.

    Args:
        wants: Whether a tensor is to be registered as a parameter.
    """

    def __init__(self, wants: Callable[[Tensor], bool] = lambda tensor: True) -> None:
        self._wants = wants
        self._adding = threading.Lock()  # models of two threads may be met at once
        self.parameters: list[Parameter] = []
        self.tensors: list[weakref.ref[Tensor]] = []
        self._index: dict[int, int] = {}
        self._modules: weakref.WeakKeyDictionary[nn.Module, str] = weakref.WeakKeyDictionary()
        self._roots: weakref.WeakSet[nn.Module] = weakref.WeakSet()
        self._taken: set[str] = set()
        self._fresh: list[int] = []

    def fresh(self) -> list[Parameter]:
        """Parameters that are new or changed since the last call."""
        changed = [self.parameters[i] for i in dict.fromkeys(self._fresh)]
        self._fresh.clear()
        return changed

    def module(self, modules: tuple[nn.Module, ...]) -> str:
        """Path of the innermost module of a stack of calls, the outermost first."""
        for module in reversed(modules):
            if (path := self._modules.get(module)) is not None:
                return path
        return type(modules[-1]).__name__ if modules else ""

    def knows(self, module: nn.Module) -> bool:
        """True if the module, alone or inside another, was registered."""
        return module in self._modules

    def add_root(
        self,
        root: nn.Module,
        frame: FrameType | None,
        caller: nn.Module | None = None,
        *,
        name: str = "",
    ) -> None:
        """Register a root module, named after the variable that holds it in `frame`.

        Args:
            root: The module; nothing is done if it is known, alone or inside another.
            frame: Where it was called.
            caller: A module that calls it without having it as a submodule: layers in a plain
                Python list. It is then named after its place there.
            name: Its name, if that is known.
        """
        if root in self._modules:
            return
        kept = "" if caller is None else _attribute(root, caller)
        inside = f"{self.module((caller,))}.{kept}" if caller is not None and kept else ""
        variable = name or inside or variable_of(root, frame) or type(root).__name__
        names = [name.replace(_COMPILED, "") for name, _ in root.named_parameters()]
        if not names:
            self._modules[root] = type(root).__name__
            for path, module in root.named_modules():
                self._modules.setdefault(module, path or type(root).__name__)
            return
        variable = self._untaken(variable)
        bare = any(name.split(".", 1)[0].isdigit() for name in names) or not any(root.children())
        prefix = f"{variable}." if self._taken or inside or bare else ""
        self._taken.add(variable)
        self._roots.add(root)
        for path, module in root.named_modules():
            path = path.replace(_COMPILED, "").removesuffix(_COMPILED.rstrip("."))
            self._modules.setdefault(module, f"{prefix}{path}" if path else variable)
        for name, parameter in root.named_parameters():
            self._add(parameter, f"{prefix}{name.replace(_COMPILED, '')}", root=variable)

    def _untaken(self, variable: str) -> str:
        """The name, numbered if an earlier root had it: models trained one after another."""
        name, number = variable, 1
        while name in self._taken:
            number += 1
            name = f"{variable}#{number}"
        return name

    def add_from_frames(self, frame: FrameType | None, held: list[Tensor]) -> None:
        """Register the root modules, found in the user's frames, that own a tensor of `held`."""
        wanted = {id(t) for t in held if self.index(t) is None}
        if not wanted:
            return
        found: dict[int, tuple[nn.Module, FrameType]] = {}
        for scope_frame, _, value in variables(frame):
            if isinstance(value, nn.Module) and value not in self._modules:
                found.setdefault(id(value), (value, scope_frame))
            elif not isinstance(value, (Tensor, type)) and hasattr(value, "__dict__"):
                for item in list(vars(value).values())[:_SCANNED]:
                    if isinstance(item, nn.Module) and item not in self._modules:
                        found.setdefault(id(item), (item, scope_frame))
        inner = {
            id(child)
            for module, _ in found.values()
            for child in module.modules()
            if child is not module
        }
        for key, (module, scope_frame) in found.items():
            if key not in inner and any(id(p) in wanted for p in module.parameters()):
                self.add_root(module, scope_frame)

    def add_tensors(self, tensors: list[Tensor], frame: FrameType | None) -> None:
        """Register the tensors of an optimizer that no module holds."""
        unknown = {id(t): t for t in tensors if id(t) not in self._index}
        if not unknown:
            return
        names = _tensor_names(set(unknown), frame)
        for key, tensor in unknown.items():
            name = names.get(key) or f"parameter{len(self.parameters)}"
            self._add(tensor, name, root="")

    def index(self, tensor: Tensor) -> int | None:
        """Number of a registered parameter; None if it is not one."""
        i = self._index.get(id(tensor))
        return i if i is not None and self.tensors[i]() is tensor else None

    def numbers(self, tensors: Iterable[Tensor]) -> set[int]:
        """Numbers of those that are registered."""
        return {i for t in tensors if (i := self.index(t)) is not None}

    def replace(self, old: "weakref.ref[Tensor]", new: Tensor) -> None:
        """The script made a new tensor in the place of a registered one, as its next value."""
        index = next((i for i, known in enumerate(self.tensors) if known is old), None)
        if index is None:
            tensor = old()
            index = None if tensor is None else self.index(tensor)
        if index is not None:
            self.tensors[index] = weakref.ref(new)
            self._index[id(new)] = index

    def hold(self, index: int, optimizer: int) -> None:
        """Note that an optimizer holds the parameter."""
        known = self.parameters[index]
        if optimizer not in known.optimizers:
            self.amend(index, optimizers=(*known.optimizers, optimizer))

    def refresh(self) -> None:
        """Follow `requires_grad` where training changed it (unfreezing)."""
        for index, reference in enumerate(self.tensors):
            tensor = reference()
            if tensor is not None and tensor.requires_grad != self.parameters[index].requires_grad:
                self.amend(index, requires_grad=tensor.requires_grad)

    def evaluating(self) -> set[int]:
        """Numbers of the parameters whose own module is in evaluation mode (`.eval()`)."""
        return {
            i
            for root in list(self._roots)
            for module in root.modules()
            if not module.training
            for parameter in module.parameters(recurse=False)
            if (i := self.index(parameter)) is not None
        }

    def roots_evaluating(self, parameters: set[int]) -> tuple[str, ...]:
        """Names of the outermost modules in evaluation mode that hold one of these parameters."""
        return tuple(
            sorted(
                self._modules[root]
                for root in list(self._roots)
                if not root.training and any(self.index(p) in parameters for p in root.parameters())
            )
        )

    def amend(self, index: int, **changes: object) -> None:
        """Change fields of a parameter's record."""
        import dataclasses

        self.parameters[index] = dataclasses.replace(self.parameters[index], **changes)  # type: ignore[arg-type]
        self._fresh.append(index)

    def _add(self, tensor: Tensor, name: str, *, root: str) -> None:
        if self.index(tensor) is not None or isinstance(tensor, UninitializedParameter):
            return
        if not self._wants(tensor):
            return
        with self._adding:
            number = len(self.parameters)
            self.parameters.append(
                Parameter(
                    index=number,
                    name=name,
                    shape=tuple(tensor.shape),
                    dtype=str(tensor.dtype).removeprefix("torch."),
                    requires_grad=tensor.requires_grad,
                    optimizers=(),
                    in_module=bool(root),
                    root=root,
                )
            )
            self.tensors.append(weakref.ref(tensor))
            self._index[id(tensor)] = number
            self._fresh.append(number)


def variables(frame: FrameType | None) -> Iterator[tuple[FrameType, str, object]]:
    """Every (frame, name, value) that the user's frames can see, innermost first."""
    depth = 0
    seen: set[int] = set()
    while frame is not None and depth < _FRAMES:
        if is_user_frame(frame):
            depth += 1
            for scope in (frame.f_locals, frame.f_globals):
                if id(scope) in seen:
                    continue
                seen.add(id(scope))
                for name, value in list(scope.items())[:_SCANNED]:
                    if not name.startswith("__"):
                        yield frame, name, value
        frame = frame.f_back


def variable_of(target: object, frame: FrameType | None) -> str:
    """The name under which the user's frames hold an object, also as an attribute of `self`."""
    for _, name, value in variables(frame):
        if value is target:
            return name
        if name == "self" and hasattr(value, "__dict__"):
            for attribute, item in vars(value).items():
                if item is target:
                    return attribute
    return ""


def _attribute(target: object, holder: object) -> str:
    """The attribute of an object that holds another: `layers[0]`; empty if none does."""
    for name, value in list(vars(holder).items())[:_SCANNED]:
        if value is target:
            return name
        items: list[tuple[object, object]] = []
        if isinstance(value, (list, tuple)):
            items = list(enumerate(value[:_SCANNED]))
        elif isinstance(value, dict) and not name.startswith("_"):
            items = list(value.items())[:_SCANNED]
        for key, item in items:
            if item is target:
                return f"{name}[{key!r}]"
    return ""


def _tensor_names(wanted: set[int], frame: FrameType | None) -> dict[int, str]:
    names: dict[int, str] = {}
    for _, name, value in variables(frame):
        for path, tensor in _tensors_in(name, value):
            if id(tensor) in wanted:
                names.setdefault(id(tensor), path)
        if name == "self" and hasattr(value, "__dict__"):
            for attribute, item in list(vars(value).items())[:_SCANNED]:
                for path, tensor in _tensors_in(attribute, item):
                    if id(tensor) in wanted:
                        names.setdefault(id(tensor), path)
        if len(names) == len(wanted):
            break
    return names


def _tensors_in(name: str, value: object) -> Iterator[tuple[str, Tensor]]:
    """A tensor itself, or the tensors of a list, tuple or dict."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value[:_SCANNED]):
            if isinstance(item, Tensor):
                yield f"{name}[{position}]", item
    elif isinstance(value, dict):
        for key, item in list(value.items())[:_SCANNED]:
            if isinstance(item, Tensor):
                yield (key if isinstance(key, str) else f"{name}[{key!r}]"), item
