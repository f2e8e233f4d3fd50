"""Where the first number that is not finite arises: going forward, or on the way back."""

import math

import torch
from torch import Tensor

from .errors import UNWRITABLE
from .figures import figure
from .forward import Forward
from .measure import Measured
from .operations.rule import place, unflat
from .saved import exact


def first_nonfinite(forward: Forward, measured: Measured) -> list[str]:
    """Sentences that name the first operation that makes NaN or ∞ of finite numbers.

    In the order of evaluation, which is the order of the cause; if the loss is finite, in the order
    in which autograd goes back.
    """
    output = forward.walk.output
    loss = forward.value(output)
    if loss is None or bool(torch.isfinite(loss).all()):
        return _backward(forward, measured)
    said = f"{forward.labels[output]} is {figure(float(exact(loss)))}"
    for index, recorded in enumerate(forward.walk.operations):
        if not recorded.inputs:
            value = forward.value(index)
            if value is not None and not bool(torch.isfinite(value).all()):
                return [f"{said}, since {_entry(forward.labels[index], value)} already."]
            continue
        operation = forward.operations[index]
        inputs = [_input(forward, index, j) for j in range(operation.count)]
        for label, held in inputs:
            if held is not None and not bool(torch.isfinite(held).all()):
                return [f"{said}, since {_entry(_held(forward, index, label), held)} already."]
        value = forward.value(index)
        if value is None or bool(torch.isfinite(value).all()):
            continue
        return [f"{said}. {_first(forward, index, value, inputs)} {_TRY}"]
    return [
        f"{said}. Which operation made it first cannot be told, for PyTorch did not keep the "
        "numbers in between: keep them in variables."
    ]


_TRY = (
    "Gradients from there on are not to be trusted, even where they are numbers; change the input "
    "or the operation."
)


def _held(forward: Forward, index: int, label: str) -> str:
    """An input's name; of a number, where it stands."""
    return f"a number in {_written(forward, index)}" if label in forward.numbers else label


def _written(forward: Forward, index: int) -> str:
    """`u₁ = log(v)`."""
    rule, label = forward.rules[index], forward.labels[index]
    try:
        what = None if rule is None else rule.expression(forward.operations[index])
    except UNWRITABLE:
        what = None
    return f"{label} = {what or forward.walk.operations[index].kind + '(…)'}"


Input = tuple[str, Tensor | None]


def _input(forward: Forward, index: int, argument: int) -> Input:
    recorded = forward.walk.operations[index]
    source = recorded.inputs[argument] if argument < len(recorded.inputs) else None
    if source is None:
        return forward.constant(index, argument)
    return forward.operations[index].label(argument), forward.value(
        source, recorded.slots[argument]
    )


def _entry(label: str, value: Tensor) -> str:
    """`w[2] is NaN`."""
    at = _first_odd(value)
    name = place(label, tuple(value.shape), *at)
    return f"{name} is {figure(float(exact(value[at])))}"


def _first_odd(value: Tensor) -> tuple[int, ...]:
    odd = (~torch.isfinite(value)).reshape(-1)
    return unflat(tuple(value.shape), int(odd.nonzero()[0]))


def _first(forward: Forward, index: int, value: Tensor, inputs: list[Input]) -> str:
    label, shape = forward.labels[index], tuple(value.shape)
    at = _first_odd(value)
    many = int((~torch.isfinite(value)).sum())
    made = figure(float(exact(value[at])))
    shares = []
    for name, held in inputs:
        if held is None:
            shares.append(f"{name}, which was not kept")
        elif held.numel() == 1:
            number = figure(float(exact(held.reshape(()))))
            shares.append(number if name == number else f"{name} = {number}")
        elif tuple(held.shape) == shape:
            number = figure(float(exact(held[at])))
            shares.append(f"{place(name, shape, *at)} = {number}")
        else:
            largest = float(exact(held.abs().max()))
            shares.append(f"{name}, whose largest entry has the size {figure(largest)}")
    said = f"The first operation whose result is not finite is {_written(forward, index)}"
    of = f", of {' and '.join(shares)}" if shares else ""
    if value.numel() == 1:
        return f"{said}{of}."
    verb = "is" if many == 1 else "are"
    others = f"{many} of {value.numel()} entries {verb} not finite"
    return f"{said}: {place(label, shape, *at)} = {made}{of} ({others})."


def _backward(forward: Forward, measured: Measured) -> list[str]:
    output = forward.labels[forward.walk.output]
    for index in measured.visits:
        received = [g for g in measured.received.get(index, ()) if g is not None]
        if not all(bool(torch.isfinite(g).all()) for g in received):
            continue
        for argument in range(len(forward.walk.operations[index].inputs)):
            sent = measured.sent.get((index, argument))
            if sent is None or bool(torch.isfinite(sent).all()):
                continue
            name, held = _input(forward, index, argument)
            at = _first_odd(sent)
            entry = place(name, tuple(sent.shape), *at)
            known = held is not None and held.shape == sent.shape
            number = figure(float(exact(held[at]))) if known and held is not None else ""
            where = f" at {entry} = {number}" if number else " here"
            passed = float(exact(sent[at]))
            cause = "no slope" if math.isnan(passed) else "no finite slope"
            return [
                f"The loss is finite, but its gradient is not: {_written(forward, index)} has "
                f"{cause}{where}, so ∂{output}/∂{entry} is {figure(passed)}, and "
                "what lies before it is not to be trusted."
            ]
    return []
