"""What is known of PyTorch's functions by name: which only look, and which read numbers."""

from collections.abc import Callable
from typing import Any

READS = frozenset(
    [
        "item",
        "tolist",
        "numpy",
        "__array__",
        "__bool__",
        "__int__",
        "__float__",
        "__index__",
        "__complex__",
        "is_nonzero",
        "equal",
        "allclose",
    ]
)
"""Functions that hand numbers to Python."""

READS_ALL = frozenset(["tolist", "numpy", "__array__"])
"""Of these, those that hand over more than one."""

FINITENESS = frozenset(["isnan", "isinf", "isfinite", "isneginf", "isposinf"])
"""Asked by guards against NaN: at every θ with a finite loss the answer is the same."""

KEEPS_FINITENESS = frozenset(
    [
        "any",
        "all",
        "sum",
        "detach",
        "cpu",
        "to",
        "view",
        "reshape",
        "__invert__",
        "__or__",
        "__and__",
        "logical_not",
        "logical_or",
        "logical_and",
        "bitwise_not",
        "bitwise_or",
        "bitwise_and",
    ]
)
"""What such guards do with the answer before they look at it."""

SPARSE = {"embedding": 4, "embedding_bag": 5}
"""Functions that can be asked for a sparse gradient, and the position of that argument."""

_VIEWS = frozenset(["T", "mT", "H", "mH", "data", "real", "imag"])
_LOOKS = frozenset(
    [
        "backward",
        "register_hook",
        "retain_grad",
        "register_post_accumulate_grad_hook",
        "size",
        "stride",
        "dim",
        "numel",
        "ndimension",
        "nelement",
        "is_contiguous",
        "data_ptr",
        "storage",
        "storage_offset",
        "element_size",
        "get_device",
        "is_floating_point",
        "is_complex",
        "untyped_storage",
        "__hash__",
        "__len__",
        "is_shared",
        "is_pinned",
        "has_names",
        "is_set_to",
        "is_same_size",
        "_is_view",
        "_set_grad_enabled",
    ]
)


def name_of(function: Callable[..., Any]) -> str:
    """Its name; of a property read the name of the property."""
    name: str = getattr(function, "__name__", "")
    if name in ("__get__", "__set__"):
        return str(getattr(getattr(function, "__self__", None), "__name__", name))
    return name


def is_gradient(function: Callable[..., Any], name: str) -> bool:
    """True if `.grad` is read."""
    return name == "grad" and getattr(function, "__name__", "") == "__get__"


def looks_only(function: Callable[..., Any], name: str) -> bool:
    """True if no tensor that depends on θ comes of it."""
    kind = getattr(function, "__name__", "")
    if kind == "__get__":
        return name not in _VIEWS and name != "grad"
    if kind == "__set__":
        return name != "data"
    return name in _LOOKS


def replaces_data(function: Callable[..., Any], name: str) -> bool:
    """True for `tensor.data = ...`."""
    return name == "data" and getattr(function, "__name__", "") == "__set__"
