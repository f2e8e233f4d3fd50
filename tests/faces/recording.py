"""A small run file, written as the observer writes one."""

import os
from pathlib import Path

from chainrule.records import (
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


def record(tmp_path: Path) -> RunWriter:
    """Begin the run `digits` in chainrule-runs: 200 steps, the first measured in full."""
    writer = RunWriter.create(
        tmp_path / "chainrule-runs",
        "digits",
        command=("train.py",),
        cwd=str(tmp_path),
        versions={"torch": "2.6.0"},
        options={"budget": 0.01, "every": None},
        pid=os.getpid(),
        started_at=1760000000.0,
    )
    writer.describe(device="cpu", world_size=1)
    writer.add_parameter(
        Parameter(
            index=0,
            name="layers.0.weight",
            shape=(4, 4),
            dtype="float32",
            requires_grad=True,
            optimizers=(0,),
            in_module=True,
        )
    )
    writer.add_optimizer(OptimizerOutline(index=0, kind="SGD", hyperparameters={"lr": 0.1}))
    nodes = [
        Node("NllLossBackward0", Place("", "NllLoss", "train.py:9")),
        Node("AddmmBackward0", Place("layers.2", "Addmm", "train.py:8")),
        Node("SigmoidBackward0", Place("layers.1", "Sigmoid", "train.py:8")),
        Node("AddmmBackward0", Place("layers.0", "Addmm", "train.py:8")),
        Node("AccumulateGrad", Place("layers.0"), parameter=0),
    ]
    writer.add_graph(Graph(0, tuple(nodes), tuple(Edge(i, i + 1, 0) for i in range(4))))
    writer.sample(
        StepSample(
            step=0,
            optimizer=0,
            time_s=0.1,
            overhead_s=0.001,
            parameters=(
                ParameterSample(
                    parameter=0, gradient_norm=0.01, weight_norm=2.0, update_norm=0.001
                ),
            ),
            backward_passes=(
                BackwardPass(
                    step=0,
                    index=0,
                    graph=0,
                    loss=2.3,
                    scale=1.0,
                    seed_norm=1.0,
                    accumulates=True,
                    node_norms=(1.0, 0.9, 0.6, 0.06, 0.01),
                    edge_norms=(0.9, 0.6, 0.06, 0.01),
                    numels=(16, 16, 16, 16, 16),
                ),
            ),
        )
    )
    for step in range(200):
        writer.point("loss", step, 2.0 - 0.002 * step)
    writer.totals(steps=200, backward_passes=200, sampled_steps=1, observed_s=0.02, training_s=4.0)
    writer.flush()
    return writer
