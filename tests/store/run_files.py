"""Making run files in tests."""

import os
import random
from pathlib import Path

from chainrule.records import (
    Activation,
    BackwardPass,
    Edge,
    Event,
    Evidence,
    Finding,
    Graph,
    Node,
    OptimizerOutline,
    Parameter,
    ParameterSample,
    Place,
    StepSample,
)
from chainrule.store import RunReader, RunWriter, write_findings

FINDING = Finding(
    fault="vanishing-gradient",
    severity="error",
    title="Updates of fc1 are 1e-9 of its weights",
    where=Place("fc1", "Addmm", "train.py:3"),
    steps=(0, 9),
    evidence={"update ratio": Evidence(1e-9, threshold=1e-6, threshold_source="a test")},
    explanation="Nothing moves.",
)


def create(folder: Path, name: str = "run", pid: int | None = None) -> RunWriter:
    return RunWriter.create(
        folder,
        name,
        command=["python", "train.py", "--lr", "0.1"],
        cwd="/home/somebody",
        versions={"python": "3.11", "torch": "2.13"},
        options={"budget": 0.01, "every": None},
        pid=os.getpid() if pid is None else pid,
        started_at=1.5e9,
    )


def a_sample(step: int, nodes: int = 3, parameters: int = 2) -> StepSample:
    chance = random.Random(step)
    norms = tuple(chance.random() for _ in range(nodes))
    backward = BackwardPass(
        step=step,
        index=0,
        graph=0,
        loss=chance.random(),
        scale=1.0,
        seed_norm=1.0,
        accumulates=True,
        node_norms=norms,
        edge_norms=norms,
        numels=tuple(range(nodes)),
        activations=(Activation(1, 0.2, 0.0, 0.5, 0.0, 128, 10, b"\x80\x40"),),
    )
    return StepSample(
        step=step,
        optimizer=0,
        time_s=step / 10,
        overhead_s=0.01,
        parameters=tuple(
            ParameterSample(parameter=i, gradient_norm=0.1, weight_norm=2.0, update_norm=0.3)
            for i in range(parameters)
        ),
        backward_passes=(backward,),
    )


def fill(writer: RunWriter, steps: int = 100) -> None:
    """Something of everything."""
    writer.describe(device="cpu", world_size=1)
    writer.add_parameter(
        Parameter(
            index=0,
            name="fc1.weight",
            shape=(3, 4),
            dtype="float32",
            requires_grad=True,
            optimizers=(0,),
            in_module=True,
        )
    )
    writer.add_optimizer(OptimizerOutline(index=0, kind="SGD", hyperparameters={"lr": 0.1}))
    nodes = (Node("MseLossBackward0", Place()), Node("AccumulateGrad", Place("fc1"), parameter=0))
    writer.add_graph(Graph(0, nodes, (Edge(0, 1, 0),), ("one thing",)))
    for step in range(steps):
        writer.point("loss", step, 1 / (step + 1))
        if step % 10 == 0:
            writer.sample(a_sample(step))
    writer.event(Event(3, "note", "seen", {"why": [1, 2.5, None]}))
    writer.totals(steps=steps, backward_passes=steps, sampled_steps=10, observed_s=1, training_s=9)


def finish(writer: RunWriter) -> None:
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.6e9)


def finished_run(folder: Path, name: str = "run", steps: int = 100) -> Path:
    writer = create(folder, name)
    fill(writer, steps)
    finish(writer)
    write_findings(writer.path, [FINDING])
    return writer.path


def read_everything(reader: RunReader) -> list[object]:
    """All that a reader can give, in one list whose repr tells NaN and -0.0 apart."""
    names = reader.series_names()
    return [
        reader.run(),
        reader.parameters(),
        reader.optimizers(),
        reader.graphs(),
        [reader.graph(graph.id) for graph in reader.graphs()],
        [reader.series(name) for name in names],
        [reader.pyramid(name, level) for name in names for level in (1, 2, 3)],
        list(reader.samples()),
        reader.last_sample(),
        reader.events(),
        reader.findings(),
        reader.data_version(),
    ]
