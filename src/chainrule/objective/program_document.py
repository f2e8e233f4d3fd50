"""A step's program as plain JSON values and named tensors, and back.

Nothing in it is code: calls are names of PyTorch's own functions, arguments are numbers, words and
places for tensors. A program that calls a function of the script's cannot be written so.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .errors import ObjectiveError
from .function_names import function_named, name_of_function
from .step import Autocast, Datum, Operation, OwnGenerator, Program, Slot, Stream, Term

Json = Any
Tensors = dict[str, Tensor]

_CONSTANTS = {"dtype": torch.dtype, "memory_format": torch.memory_format, "layout": torch.layout}


def document_of(program: Program, tensors: Tensors) -> dict[str, Json]:
    """The document of a program.

    Args:
        program: It.
        tensors: Its tensors are put here, contiguous, under the names by which the document means
            them.

    Raises:
        ObjectiveError: If it calls something that is not PyTorch's own, or takes an argument of
            another kind.
    """
    return {
        "operations": [
            _operation(operation, f"operation.{i}", tensors)
            for i, operation in enumerate(program.operations)
        ],
        "data": {
            str(slot): {
                "tensor": _put(datum.tensor, f"data.{slot}", tensors),
                "requires_grad": datum.requires_grad,
                "changes": datum.changes,
            }
            for slot, datum in program.data.items()
        },
        "leaves": {str(slot): name for slot, name in program.leaves.items()},
        "complex_names": sorted(program.complex_names),
        "terms": [_term(term, f"term.{i}", tensors) for i, term in enumerate(program.terms)],
        "needs_graph": program.needs_graph,
    }


def program_of(document: Mapping[str, Json], tensors: Mapping[str, Tensor]) -> Program:
    """The program of a document.

    Raises:
        ObjectiveError: If the document is not one that `document_of` writes, or names a function
            that this PyTorch does not have.
    """
    try:
        return Program(
            operations=[_read_operation(item, tensors) for item in document["operations"]],
            data={
                int(slot): Datum(
                    _get(item["tensor"], tensors), bool(item["requires_grad"]), item["changes"]
                )
                for slot, item in document["data"].items()
            },
            leaves={int(slot): str(name) for slot, name in document["leaves"].items()},
            complex_names=frozenset(document["complex_names"]),
            terms=[_read_term(item, tensors) for item in document["terms"]],
            needs_graph=bool(document["needs_graph"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ObjectiveError):
            raise
        raise ObjectiveError(
            "Expected a saved step, found something else "
            f"({type(error).__name__}: {error}): save it again."
        ) from error


# ---- tensors ----------------------------------------------------------------------------------


def _put(tensor: Tensor, name: str, tensors: Tensors) -> Json:
    t = tensor.detach()
    if t.layout is not torch.strided or t.is_quantized or type(t) is not Tensor:
        raise ObjectiveError(f"it holds a {type(t).__name__} of layout {t.layout}")
    kept: dict[str, Json] = {"name": name, "stride": list(t.stride())}
    if t.is_complex():
        t, kept["complex"] = torch.view_as_real(t.resolve_conj()), True
    tensors[name] = t.resolve_neg().cpu().clone(memory_format=torch.contiguous_format)
    return kept


def _get(item: Json, tensors: Mapping[str, Tensor]) -> Tensor:
    t = tensors[item["name"]]
    if item.get("complex"):
        t = torch.view_as_complex(t)
    stride = tuple(item["stride"])
    if t.stride() == stride or 0 in t.shape:
        return t
    if any(s == 0 and n > 1 for n, s in zip(t.shape, stride, strict=True)):
        return t  # an expanded tensor: its copy has numbers of its own
    laid = torch.empty_strided(t.shape, stride, dtype=t.dtype)  # so that the same kernels run
    return laid.copy_(t)


# ---- operations and terms -----------------------------------------------------------------------


def _operation(operation: Operation, name: str, tensors: Tensors) -> Json:
    called = None if operation.applied else name_of_function(operation.function)
    if called is None:
        label = getattr(operation.function, "__qualname__", repr(operation.function))
        raise ObjectiveError(f"it calls {label}, which is not one of PyTorch's own functions")
    kept: dict[str, Json] = {
        "function": called,
        "arguments": [
            _value(value, f"{name}.{i}", tensors) for i, value in enumerate(operation.arguments)
        ],
        "keywords": {
            key: _value(value, f"{name}.{key}", tensors)
            for key, value in operation.keywords.items()
        },
        "results": operation.results,
        "gradients": operation.gradients,
    }
    if operation.autocast is not None:
        kinds = [[kind, str(dtype)] for kind, dtype in operation.autocast.kinds]
        kept["autocast"] = {"kinds": kinds, "stretch": operation.autocast.stretch}
    if operation.streams:
        kept["streams"] = [
            [str(device), _put(state, f"{name}.stream.{i}", tensors)]
            for i, (device, state) in enumerate(operation.streams)
        ]
    return kept


def _read_operation(item: Json, tensors: Mapping[str, Tensor]) -> Operation:
    function = function_named(item["function"])
    if function is None:
        raise ObjectiveError(
            f"Expected a function of PyTorch {torch.__version__} that computes on tensors, found "
            f"{item['function']!r} in a saved step: open it with the PyTorch it was saved with."
        )
    autocast = item.get("autocast")
    streams: tuple[Stream, ...] = tuple(
        (torch.device(device), _get(state, tensors)) for device, state in item.get("streams", ())
    )
    return Operation(
        function=function,
        arguments=tuple(_read(value, tensors) for value in item["arguments"]),
        keywords={str(key): _read(value, tensors) for key, value in item["keywords"].items()},
        results=[int(slot) for slot in item["results"]],
        gradients=bool(item["gradients"]),
        autocast=None
        if autocast is None
        else Autocast(
            tuple((str(kind), _constant("dtype", dtype)) for kind, dtype in autocast["kinds"]),
            int(autocast["stretch"]),
        ),
        streams=streams,
    )


def _term(term: Term, name: str, tensors: Tensors) -> Json:
    return {
        "roots": list(term.roots),
        "seeds": [
            None if seed is None else _put(seed, f"{name}.seed.{i}", tensors)
            for i, seed in enumerate(term.seeds)
        ],
        "scale": term.scale,
        "values": [
            _put(value, f"{name}.value.{i}", tensors) for i, value in enumerate(term.values)
        ],
    }


def _read_term(item: Json, tensors: Mapping[str, Tensor]) -> Term:
    return Term(
        roots=tuple(int(slot) for slot in item["roots"]),
        seeds=tuple(None if seed is None else _get(seed, tensors) for seed in item["seeds"]),
        scale=float(item["scale"]),
        values=tuple(_get(value, tensors) for value in item["values"]),
    )


# ---- arguments ----------------------------------------------------------------------------------


def _value(value: Any, name: str, tensors: Tensors) -> Json:
    """JSON's own values as they are; everything else as a mapping with one key, its kind."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return {"float": value.hex()}  # JSON has no infinities and no NaN
    if type(value) is complex:
        return {"complex": [value.real.hex(), value.imag.hex()]}
    if type(value) is Slot:
        return {"slot": value.number}
    if type(value) is OwnGenerator:
        return {"generator": [str(value.device), _put(value.state, f"{name}.state", tensors)]}
    if isinstance(value, (tuple, list)):
        kind = "list" if type(value) is list else "tuple"  # torch.Size is a tuple
        return {kind: [_value(item, f"{name}.{i}", tensors) for i, item in enumerate(value)]}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"dict": {k: _value(v, f"{name}.{k}", tensors) for k, v in value.items()}}
    if type(value) is slice:
        parts = (value.start, value.stop, value.step)
        return {"slice": [_value(v, f"{name}.{i}", tensors) for i, v in enumerate(parts)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, torch.device):
        return {"device": str(value)}
    for kind, wanted in _CONSTANTS.items():
        if isinstance(value, wanted):
            return {kind: str(value)}
    raise ObjectiveError(f"it passes a {type(value).__name__} to an operation")


def _read(item: Json, tensors: Mapping[str, Tensor]) -> Any:
    if not isinstance(item, dict):
        return item
    ((kind, value),) = item.items()
    if kind == "float":
        return float.fromhex(value)
    if kind == "complex":
        return complex(*(float.fromhex(part) for part in value))
    if kind == "slot":
        return Slot(int(value))
    if kind == "generator":
        return OwnGenerator(torch.device(value[0]), _get(value[1], tensors))
    if kind in ("tuple", "list"):
        items = [_read(part, tensors) for part in value]
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {key: _read(part, tensors) for key, part in value.items()}
    if kind == "slice":
        return slice(*(_read(part, tensors) for part in value))
    if kind == "ellipsis":
        return Ellipsis
    if kind == "device":
        return torch.device(value)
    return _constant(kind, value)


def _constant(kind: str, text: str) -> Any:
    found = getattr(torch, text.removeprefix("torch."), None)
    if kind not in _CONSTANTS or not isinstance(found, _CONSTANTS[kind]):
        raise ObjectiveError(f"Expected a {kind} of PyTorch in a saved step, found {text!r}.")
    return found
