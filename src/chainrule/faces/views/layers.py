"""The table of layers: what was measured of each parameter and of each activation of a run."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypedDict

from chainrule.records import (
    Activation,
    Finding,
    Graph,
    Parameter,
    ParameterSample,
    kind_of,
    operation,
)
from chainrule.records.json_values import json_number
from chainrule.store import RunReader

from .series import Number
from .sparklines import SPARKLINE, Band, bands_of_norms, rounded


class SampledSteps(TypedDict):
    """The steps along a sparkline: entry i holds the samples from first_step to last_step."""

    optimizer: int
    first_step: list[int]
    last_step: list[int]
    samples: list[int]


class Layer(TypedDict):
    """A row: a parameter tensor, or an activation; what was not measured is null.

    Attributes:
        name: Of the parameter; of an activation module and operation, and which one it is of
            several, as in "net Relu (1 of 2)": no two rows have the same.
        optimizer: The entry of `sampled` of that optimizer is that of its sparklines; null
            for an activation, whose sparklines go with `activation_steps`.
        step: The last sampled step, which the numbers are of.
        gradient_norm: ‖∂L/∂w‖ as the optimizer used it.
        gradient_rms: That by the root of the number of entries.
        update_ratio: RMS(Δw) / RMS(w).
        mean_derivative: Mean |σ′(z)|.
        dead_share: Share of units whose derivative was 0 on all `examples` values of that batch.
        saturated_share: Share of elements whose derivative was below a twentieth of its largest.
        zero_share: Share of elements whose derivative was 0.
        findings: Which findings of the verdict name it.
    """

    kind: Literal["parameter", "activation"]
    name: str
    module: str
    operation: str
    source: str
    parameter: int | None
    shape: list[int]
    optimizer: int | None
    state: str
    step: int | None
    gradient_norm: Number | None
    gradient_rms: Number | None
    weight_norm: Number | None
    update_norm: Number | None
    update_ratio: Number | None
    estimated: bool
    mean_derivative: Number | None
    dead_share: Number | None
    saturated_share: Number | None
    zero_share: Number | None
    units: int | None
    examples: int | None
    sparklines: dict[str, Band]
    findings: list[int]


class LayerTable(TypedDict):
    """The rows from the input to the loss, with the steps of their sparklines."""

    rows: list[Layer]
    sampled: list[SampledSteps]
    activation_steps: list[int]


def layer_table(reader: RunReader, findings: Sequence[Finding]) -> LayerTable:
    """Read what was measured of each parameter and each activation.

    Raises:
        RunFileError: If the file is damaged.
    """
    parameters = reader.parameters()
    graphs = {graph.id: graph for graph in reader.graphs()}
    sampled, bands = _parameter_bands(reader, parameters)
    latest = _latest(reader)
    places = _order(graphs.values())
    rows: list[tuple[tuple[float, ...], Layer]] = []
    for parameter in parameters:
        owner = next((i for i in parameter.optimizers if i in latest), None)
        found = latest[owner] if owner is not None else None
        measured = found[1].get(parameter.index) if found else None
        row = _parameter_row(parameter, owner, found[0] if found and measured else None, measured)
        row["sparklines"] = bands.get(parameter.index, {})
        row["findings"] = _naming(findings, row)
        at = places.get(("parameter", parameter.index), (math.inf, 0.0))
        rows.append(((*at, 0, parameter.index), row))
    steps, activations = _activations(reader, graphs)
    for (graph, node), series in activations.items():
        row = _activation_row(graphs[graph], node, steps, series)
        row["findings"] = _naming(findings, row)
        at = places.get((graph, node), (math.inf, 0.0))
        rows.append(((*at, 1, node), row))
    rows.sort(key=lambda entry: entry[0])
    ordered = [row for _, row in rows]
    _tell_apart(ordered)
    return {
        "rows": ordered,
        "sampled": sampled,
        "activation_steps": steps,
    }


def spread(steps: Sequence[int], most: int) -> list[int]:
    """At most `most` of the steps, evenly, the first and the last among them."""
    distinct = list(dict.fromkeys(steps))
    if len(distinct) <= most:
        return distinct
    return [distinct[round(i * (len(distinct) - 1) / (most - 1))] for i in range(most)]


def _tell_apart(rows: Sequence[Layer]) -> None:
    """Number the activations of one name: a module may call the same function more than once."""
    alike: dict[str, list[Layer]] = defaultdict(list)
    for row in rows:
        alike[row["name"]].append(row)
    for name, several in alike.items():
        if len(several) > 1:
            for i, row in enumerate(several, start=1):
                row["name"] = f"{name} ({i} of {len(several)})"


def _order(graphs: Iterable[Graph]) -> dict[tuple[str | int, int], tuple[float, float]]:
    """A place in the order from input to loss for each parameter and each node of an activation.

    A parameter stands where the operation that uses it does; reshapes before that are passed over.
    """
    places: dict[tuple[str | int, int], tuple[float, float]] = {}
    for graph in graphs:
        far = _distances(graph)
        users: dict[int, list[int]] = defaultdict(list)
        for edge in graph.edges:
            users[edge.target].append(edge.source)
        for i, node in enumerate(graph.nodes):
            places[graph.id, i] = (float(graph.id), -float(far[i]))
            if node.parameter is None:
                continue
            user, seen = i, {i}
            while users[user] and (above := min(users[user])) not in seen:
                user = above
                seen.add(user)
                if kind_of(operation(graph.nodes[user].name)) != "structure":
                    break
            places.setdefault(("parameter", node.parameter), (float(graph.id), -float(far[user])))
    return places


def _distances(graph: Graph) -> list[int]:
    """Operations between the loss and each node, on the longest way."""
    arriving = [0] * len(graph.nodes)
    targets: list[list[int]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        arriving[edge.target] += 1
        targets[edge.source].append(edge.target)
    far = [0] * len(graph.nodes)
    order = [i for i, count in enumerate(arriving) if count == 0]
    for i in order:
        for target in targets[i]:
            far[target] = max(far[target], far[i] + 1)
            arriving[target] -= 1
            if arriving[target] == 0:
                order.append(target)
    return far


def _latest(reader: RunReader) -> dict[int, tuple[int, dict[int, ParameterSample]]]:
    """The last sample of each optimizer: its step, and its parameters by index."""
    found = {}
    for outline in reader.optimizers():
        sample = reader.last_sample(outline.index)
        if sample is not None:
            found[outline.index] = (sample.step, {p.parameter: p for p in sample.parameters})
    return found


def _parameter_row(
    parameter: Parameter, optimizer: int | None, step: int | None, measured: ParameterSample | None
) -> Layer:
    row = _row("parameter", parameter.name, parameter.module)
    row["parameter"] = parameter.index
    row["shape"] = list(parameter.shape)
    row["optimizer"] = optimizer
    row["state"] = _state(parameter)
    row["step"] = step
    if measured is not None:
        norm = measured.gradient_norm
        row["gradient_norm"] = None if norm is None else json_number(norm)
        root = math.sqrt(parameter.numel or 1)
        row["gradient_rms"] = None if norm is None else json_number(norm / root)
        row["weight_norm"] = json_number(measured.weight_norm)
        row["update_norm"] = json_number(measured.update_norm)
        ratio = measured.update_ratio
        row["update_ratio"] = json_number(ratio) if measured.weight_norm else None
        row["estimated"] = measured.estimated
    return row


def _state(parameter: Parameter) -> str:
    """Why a parameter does not learn, as far as the record says; empty if nothing keeps it."""
    if not parameter.requires_grad:
        return "frozen"
    if not parameter.optimizers:
        return "moved by hand" if parameter.moved_by_hand else "held by no optimizer"
    return "no gradient in any step" if parameter.without_gradient else ""


def _row(kind: Literal["parameter", "activation"], name: str, module: str) -> Layer:
    return {
        "kind": kind,
        "name": name,
        "module": module,
        "operation": "",
        "source": "",
        "parameter": None,
        "shape": [],
        "optimizer": None,
        "state": "",
        "step": None,
        "gradient_norm": None,
        "gradient_rms": None,
        "weight_norm": None,
        "update_norm": None,
        "update_ratio": None,
        "estimated": False,
        "mean_derivative": None,
        "dead_share": None,
        "saturated_share": None,
        "zero_share": None,
        "units": None,
        "examples": None,
        "sparklines": {},
        "findings": [],
    }


Seen = dict[int, Activation]
"""An activation by step."""


def _activations(
    reader: RunReader, graphs: dict[int, Graph]
) -> tuple[list[int], dict[tuple[int, int], Seen]]:
    """Activations of evenly spread steps, by graph and node."""
    steps = spread(reader.sampled_steps(), SPARKLINE)
    found: dict[tuple[int, int], Seen] = defaultdict(dict)
    for step in steps:
        for graph, activations in reader.activations(step):
            for activation in activations:
                if graph in graphs and 0 <= activation.node < len(graphs[graph].nodes):
                    found[graph, activation.node][step] = activation
    return steps, found


def _activation_row(graph: Graph, node: int, steps: Sequence[int], seen: Seen) -> Layer:
    import numpy as np

    place = graph.nodes[node].place
    name = " ".join(part for part in (place.module, place.operation) if part)
    row = _row("activation", name, place.module)
    row["operation"] = place.operation
    row["source"] = place.source
    row["step"], last = max(seen.items(), key=lambda entry: entry[0])
    row["mean_derivative"] = json_number(last.mean_derivative)
    row["dead_share"] = _optional(_dead_share(last))
    row["saturated_share"] = json_number(last.small_fraction)
    row["zero_share"] = json_number(last.zero_fraction)
    row["units"] = last.units or None
    row["examples"] = last.examples
    quantities: dict[str, Callable[[Activation], float | None]] = {
        "mean_derivative": lambda a: a.mean_derivative,
        "dead_share": _dead_share,
        "saturated_share": lambda a: a.small_fraction,
    }
    measured = {
        quantity: [of(seen[step]) if step in seen else None for step in steps]
        for quantity, of in quantities.items()
    }
    known = {q: values for q, values in measured.items() if values.count(None) < len(values)}
    lines = rounded(np.array(list(known.values()), dtype=float))
    row["sparklines"] = {
        q: {"low": line, "high": None} for q, line in zip(known, lines, strict=True)
    }
    return row


def _dead_share(activation: Activation) -> float | None:
    if not activation.units or not activation.dead_mask:
        return None
    return int.from_bytes(activation.dead_mask, "big").bit_count() / activation.units


def _naming(findings: Sequence[Finding], row: Layer) -> list[int]:
    """Which findings name a row, as their place or as a factor to look at."""
    return [
        number
        for number, finding in enumerate(findings)
        if any(
            place.module
            and place.module in (row["module"], row["name"])
            and (row["kind"] == "parameter" or place.operation in ("", row["operation"]))
            and (row["kind"] == "activation" or kind_of(place.operation) != "activation")
            for place in (finding.where, *(c.place for c in finding.chain if c.culprit))
        )
    ]


def _optional(value: float | None) -> Number | None:
    return None if value is None else json_number(value)


def _parameter_bands(
    reader: RunReader, parameters: Sequence[Parameter]
) -> tuple[list[SampledSteps], dict[int, dict[str, Band]]]:
    """Sparklines of each parameter, with the steps along them.

    Of a parameter that several optimizers hold, those of the first that was sampled.
    """
    sampled: list[SampledSteps] = []
    bands: dict[int, dict[str, Band]] = {}
    roots = {p.index: math.sqrt(p.numel or 1) for p in parameters}
    for outline in reader.optimizers():
        gradients = reader.norm_buckets(outline.index, "gradient_norm", SPARKLINE)
        ratios = reader.norm_buckets(outline.index, "update_ratio", SPARKLINE)
        if not gradients:
            continue
        sampled.append(
            {
                "optimizer": outline.index,
                "first_step": [bucket.first_step for bucket in gradients],
                "last_step": [bucket.last_step for bucket in gradients],
                "samples": [bucket.samples for bucket in gradients],
            }
        )
        for index, band in bands_of_norms(gradients, roots).items():
            bands.setdefault(index, {}).setdefault("gradient_rms", band)
        for index, band in bands_of_norms(ratios).items():
            bands.setdefault(index, {}).setdefault("update_ratio", band)
    return sampled, bands
