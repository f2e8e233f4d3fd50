"""A run file of a million steps and 200 layers, and the same scalars as TensorBoard has them."""

import math
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from chainrule.records import (
    Activation,
    BackwardPass,
    Edge,
    Graph,
    Node,
    OptimizerOutline,
    Parameter,
    ParameterSample,
    Place,
    StepSample,
)
from chainrule.store import RunWriter

WIDTH = 256
"""Units of each layer: WIDTH × WIDTH weights, WIDTH biases, WIDTH activations."""

FLUSH_EVERY = 1000  # steps: about a second of training, as the observer flushes


def loss_at(step: int, chance: random.Random) -> float:
    """A loss that falls as a power of the step, with noise and now and then a spike."""
    spike = 3.0 if chance.random() < 1e-5 else 1.0
    return single(2.3 * (1 + step / 500) ** -0.3 * spike * math.exp(chance.gauss(0, 0.1)))


def single(value: float) -> float:
    """As float32, in which losses and norms are measured."""
    return float(np.float32(value))


def write_run(folder: Path, *, steps: int, layers: int, samples: int) -> Path:
    """Write a run of `steps` steps, `samples` of them measured in full, evenly spread."""
    writer = RunWriter.create(
        folder,
        f"big-{samples}",
        command=["train.py", "--layers", str(layers)],
        cwd=str(folder),
        versions={"python": "3.11", "torch": "2.6.0", "chainrule": "0.1.0"},
        options={"budget": 0.01, "every": None},
        pid=os.getpid(),
        started_at=1.7e9,
    )
    writer.describe(device="cpu", world_size=1)
    writer.add_optimizer(OptimizerOutline(index=0, kind="SGD", hyperparameters={"lr": 0.1}))
    for parameter in parameters(layers):
        writer.add_parameter(parameter)
    writer.add_graph(graph(layers))
    writer.point("learning_rate/0", 0, 0.1)
    chance = random.Random(0)
    measured = sampled(layers, steps=steps, samples=samples)
    waiting = next(measured, None)
    for step in range(steps):
        writer.point("loss", step, loss_at(step, chance))
        writer.point("step_s", step, single(0.02 + chance.random() / 1000))
        if waiting is not None and waiting.step == step:
            writer.sample(waiting)
            waiting = next(measured, None)
        if step % FLUSH_EVERY == 0:
            writer.totals(
                steps=step + 1,
                backward_passes=step + 1,
                sampled_steps=step * samples // steps,
                observed_s=step / 5000,
                training_s=step / 50,
            )
            writer.flush()
    writer.totals(
        steps=steps,
        backward_passes=steps,
        sampled_steps=samples,
        observed_s=steps / 5000,
        training_s=steps / 50,
    )
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.7e9 + steps / 50)
    return writer.path


def parameters(layers: int) -> Iterator[Parameter]:
    """Weight and bias of each layer."""
    for i in range(2 * layers):
        bias = i % 2
        yield Parameter(
            index=i,
            name=f"layers.{i // 2}.{'bias' if bias else 'weight'}",
            shape=(WIDTH,) if bias else (WIDTH, WIDTH),
            dtype="float32",
            requires_grad=True,
            optimizers=(0,),
            in_module=True,
        )


def graph(layers: int) -> Graph:
    """A chain of linear layers and ReLUs: five nodes a layer, the loss first."""
    nodes = [Node("MseLossBackward0", Place("loss", "MseLoss", "train.py:40"))]
    edges = []
    above = 0
    for layer in reversed(range(layers)):
        first = len(nodes)
        module = f"layers.{layer}"
        nodes += [
            Node("ReluBackward0", Place(f"{module}.activation", "Relu", "train.py:21")),
            Node("AddmmBackward0", Place(f"{module}.linear", "Addmm", "train.py:20")),
            Node("AccumulateGrad", Place(f"{module}.bias"), parameter=2 * layer + 1),
            Node("TBackward0", Place(f"{module}.linear", "T", "train.py:20")),
            Node("AccumulateGrad", Place(f"{module}.weight"), parameter=2 * layer),
        ]
        edges += [
            Edge(above, first, 0),
            Edge(first, first + 1, 0),
            Edge(first + 1, first + 2, 0),
            Edge(first + 1, first + 3, 2),
            Edge(first + 3, first + 4, 0),
        ]
        above = first + 1
    edges.sort(key=lambda edge: (edge.source, edge.input_index))
    return Graph(0, tuple(nodes), tuple(edges))


def sampled(layers: int, *, steps: int, samples: int) -> Iterator[StepSample]:
    """Samples whose norms drift and scatter; a few are not finite."""
    structure = graph(layers)
    chance = np.random.default_rng(0)
    numels = tuple(
        1 if i == 0 else (WIDTH * WIDTH if i % 5 in (4, 0) else WIDTH * 64)
        for i in range(len(structure.nodes))
    )
    relus = [i for i, node in enumerate(structure.nodes) if node.name.startswith("Relu")]
    for number in range(samples):
        step = number * steps // samples
        drift = (1 + step / 1000) ** -0.2
        norms = np.exp(chance.normal(0, 0.3, (3, 2 * layers))).astype(np.float32)
        gradients = (norms[0] * np.float32(0.01 * drift)).tolist()
        weights = (10 + norms[1]).tolist()
        updates = (norms[2] * np.float32(0.001 * drift)).tolist()
        if number == samples // 2:
            gradients[7] = math.nan
        nodes = np.exp(chance.normal(0, 0.3, len(structure.nodes))).astype(np.float32)
        edges = nodes[[edge.target for edge in structure.edges]]
        fractions = chance.random((len(relus), 3)).astype(np.float32).tolist()
        masks = np.packbits(chance.random((len(relus), WIDTH)) < 0.05, axis=1)
        yield StepSample(
            step=step,
            optimizer=0,
            time_s=step / 50,
            overhead_s=0.05,
            parameters=tuple(
                ParameterSample(parameter=i, gradient_norm=g, weight_norm=w, update_norm=u)
                for i, (g, w, u) in enumerate(zip(gradients, weights, updates, strict=True))
            ),
            backward_passes=(
                BackwardPass(
                    step=step,
                    index=0,
                    graph=0,
                    loss=1.0,
                    scale=1.0,
                    seed_norm=1.0,
                    accumulates=True,
                    node_norms=tuple(nodes.tolist()),
                    edge_norms=tuple(edges.tolist()),
                    numels=numels,
                    activations=tuple(
                        Activation(
                            node=node,
                            mean_derivative=some[0],
                            zero_fraction=some[1],
                            small_fraction=some[2],
                            nonfinite_fraction=0.0,
                            examples=64,
                            units=WIDTH,
                            dead_mask=mask.tobytes(),
                        )
                        for node, some, mask in zip(relus, fractions, masks, strict=True)
                    ),
                ),
            ),
        )


def write_events(folder: Path, *, steps: int, layers: int, samples: int) -> int:
    """Write the same losses, step times and norms as TensorBoard's event file.

    The norms of a sampled step go into one event, which is less than what `add_scalar` for each of
    them would write.

    Returns:
        How many scalars there are.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True)
    names = [parameter.name for parameter in parameters(layers)]
    tags = [f"{q}/{name}" for q in ("gradient", "weight", "update") for name in names]
    chance = random.Random(0)
    measured = sampled(layers, steps=steps, samples=samples)
    waiting = next(measured, None)
    count = 0
    with open(folder / "events.out.tfevents.1700000000.bench", "wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=1.7e9, file_version="brain.Event:2").SerializeToString())
        for step in range(steps):
            event = Event(wall_time=1.7e9 + step / 50, step=step)
            event.summary.value.add(tag="loss", simple_value=loss_at(step, chance))
            event.summary.value.add(tag="step_s", simple_value=0.02 + chance.random() / 1000)
            writer.write(event.SerializeToString())
            count += 2
            if waiting is not None and waiting.step == step:
                event = Event(wall_time=1.7e9 + step / 50, step=step)
                parts = waiting.parameters
                values = [p.gradient_norm for p in parts]
                values += [p.weight_norm for p in parts] + [p.update_norm for p in parts]
                for tag, value in zip(tags, values, strict=True):
                    event.summary.value.add(tag=tag, simple_value=value)
                writer.write(event.SerializeToString())
                count += len(tags)
                waiting = next(measured, None)
        writer.flush()
    return count
