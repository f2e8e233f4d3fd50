"""Step samples as rows of packed arrays, and back."""

from collections.abc import Iterable, Sequence
from math import nan
from typing import Any

from chainrule.records import (
    NEVER_RAN,
    Activation,
    BackwardPass,
    ParameterSample,
    StepSample,
)

from .codec import pack_floats, pack_integers, unpack_floats, unpack_integers
from .errors import Damaged

_HAS_GRADIENT = 1
_ESTIMATED = 2

Row = tuple[object, ...]


def columns_of(sample: StepSample) -> Sequence[tuple[Any, ...]]:
    """One column for each attribute of a `ParameterSample`, a row for each parameter."""
    return list(zip(*sample.parameters, strict=True)) or [()] * len(ParameterSample._fields)


def sample_row(number: int, sample: StepSample) -> Row:
    """The row of table `sample`."""
    indices, gradients, weights, updates, estimated = columns_of(sample)
    flags = [
        (gradient is not None) * _HAS_GRADIENT + part * _ESTIMATED
        for gradient, part in zip(gradients, estimated, strict=True)
    ]
    return (
        number,
        sample.step,
        sample.optimizer,
        pack_floats((sample.time_s, sample.overhead_s)),
        pack_integers(indices),
        pack_floats([nan if norm is None else norm for norm in gradients]),
        pack_floats(weights),
        pack_floats(updates),
        bytes(flags),
    )


def pass_rows(number: int, sample: StepSample) -> list[Row]:
    """The rows of table `backward_pass` that belong to the sample of that number."""
    return [
        (number, position, *_pass_columns(backward))
        for position, backward in enumerate(sample.backward_passes)
    ]


def to_sample(row: Sequence[object], passes: Iterable[Sequence[object]]) -> StepSample:
    """A sample from its row of `sample` and its rows of `backward_pass`, in order.

    Raises:
        Damaged: If the rows are not what `sample_row` and `pass_rows` make.
    """
    _, step, optimizer, timing, parameters, gradients, weights, updates, flags = row
    indices = unpack_integers(parameters)
    count = len(indices)
    if not isinstance(flags, bytes) or len(flags) != count:
        raise Damaged("a sample's flags do not fit its parameters")
    time_s, overhead_s = unpack_floats(timing, 2)
    columns = zip(
        indices,
        unpack_floats(gradients, count),
        unpack_floats(weights, count),
        unpack_floats(updates, count),
        flags,
        strict=True,
    )
    return StepSample(
        step=to_integer(step),
        optimizer=to_integer(optimizer),
        time_s=time_s,
        overhead_s=overhead_s,
        parameters=tuple(
            ParameterSample(
                parameter=index,
                gradient_norm=gradient if flag & _HAS_GRADIENT else None,
                weight_norm=weight,
                update_norm=update,
                estimated=bool(flag & _ESTIMATED),
            )
            for index, gradient, weight, update, flag in columns
        ),
        backward_passes=tuple(_to_pass(columns[2:]) for columns in passes),
    )


def norms_in(
    columns: Sequence[object],
) -> tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Parameters and norms, from parameters, gradient, weight and update norms, and flags.

    Returns:
        Indices, gradient norms (`NEVER_RAN` where there was none), weight and update norms.

    Raises:
        Damaged: If the columns are not what `sample_row` makes.
    """
    parameters, gradients, weights, updates, flags = columns
    indices = unpack_integers(parameters)
    count = len(indices)
    if not isinstance(flags, bytes) or len(flags) != count:
        raise Damaged("a sample's flags do not fit its parameters")
    there = unpack_floats(gradients, count)
    if not all(flag & _HAS_GRADIENT for flag in set(flags)):
        there = tuple(
            norm if flag & _HAS_GRADIENT else NEVER_RAN
            for norm, flag in zip(there, flags, strict=True)
        )
    return indices, there, unpack_floats(weights, count), unpack_floats(updates, count)


def to_activations(row: Sequence[object]) -> tuple[int, tuple[Activation, ...]]:
    """Graph and activations of a pass: from labels, activation counts and fractions, and masks.

    Raises:
        Damaged: If the row is not what `pass_rows` makes.
    """
    labels, counts, fractions, masks = row
    _, _, graph, _ = unpack_integers(labels, 4)
    return graph, _to_activations(unpack_integers(counts), fractions, masks)


def to_integer(value: object) -> int:
    """A whole number from a column.

    Raises:
        Damaged: If it is anything else.
    """
    if not isinstance(value, int):
        raise Damaged(f"a {type(value).__name__} stands where a whole number should")
    return value


def _pass_columns(backward: BackwardPass) -> Row:
    counts: list[int] = []
    fractions: list[float] = []
    for activation in backward.activations:
        mask_bytes = len(activation.dead_mask)
        counts += (activation.node, activation.examples, activation.units, mask_bytes)
        fractions += (
            activation.mean_derivative,
            activation.zero_fraction,
            activation.small_fraction,
            activation.nonfinite_fraction,
        )
    return (
        pack_integers((backward.step, backward.index, backward.graph, int(backward.accumulates))),
        pack_floats((backward.loss, backward.scale, backward.seed_norm)),
        pack_floats(backward.node_norms),
        pack_floats(backward.edge_norms),
        pack_integers(backward.numels),
        pack_integers(counts),
        pack_floats(fractions),
        b"".join(activation.dead_mask for activation in backward.activations),
    )


def _to_pass(columns: Sequence[object]) -> BackwardPass:
    labels, scalars, node_norms, edge_norms, numels, counts, fractions, masks = columns
    step, index, graph, accumulates = unpack_integers(labels, 4)
    loss, scale, seed_norm = unpack_floats(scalars, 3)
    return BackwardPass(
        step=step,
        index=index,
        graph=graph,
        loss=loss,
        scale=scale,
        seed_norm=seed_norm,
        accumulates=bool(accumulates),
        node_norms=unpack_floats(node_norms),
        edge_norms=unpack_floats(edge_norms),
        numels=unpack_integers(numels),
        activations=_to_activations(unpack_integers(counts), fractions, masks),
    )


def _to_activations(
    counts: tuple[int, ...], packed: object, masks: object
) -> tuple[Activation, ...]:
    fractions = unpack_floats(packed, len(counts))
    mask_bytes = counts[3::4]
    if len(counts) % 4 or not isinstance(masks, bytes) or min(mask_bytes, default=0) < 0:
        raise Damaged("the activations of a backward pass do not fit together")
    if sum(mask_bytes) != len(masks):
        raise Damaged("the masks of dead units do not fit their activations")
    activations = []
    start = 0
    for at in range(0, len(counts), 4):
        node, examples, units, size = counts[at : at + 4]
        derivative, zero, small, nonfinite = fractions[at : at + 4]
        activations.append(
            Activation(
                node=node,
                mean_derivative=derivative,
                zero_fraction=zero,
                small_fraction=small,
                nonfinite_fraction=nonfinite,
                examples=examples,
                units=units,
                dead_mask=masks[start : start + size],
            )
        )
        start += size
    return tuple(activations)
