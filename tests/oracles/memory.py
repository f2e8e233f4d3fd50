"""A run file in memory: what the observer wrote, as it wrote it."""

from pathlib import Path
from typing import Any

from chainrule.records import (
    Event,
    FinalPlace,
    ForwardPass,
    Graph,
    OptimizerOutline,
    Parameter,
    Scheduler,
    StepSample,
    StepScan,
    StepSharpness,
)


class MemoryWriter:
    """Takes the place of a `RunWriter`."""

    def __init__(self) -> None:
        self.path = Path("memory")
        self.parameters: dict[int, Parameter] = {}
        self.optimizers: dict[int, OptimizerOutline] = {}
        self.graphs: dict[int, Graph] = {}
        self.points: list[tuple[str, int, float]] = []
        self.scans: list[StepScan] = []
        self.sharpness: list[StepSharpness] = []
        self.forward_passes: list[ForwardPass] = []
        self.schedulers: dict[int, Scheduler] = {}
        self.places: list[FinalPlace] = []
        self.samples: list[StepSample] = []
        self.events: list[Event] = []
        self.total: dict[str, Any] = {}
        self.closed: dict[str, Any] = {}

    def describe(self, **description: Any) -> None:
        self.description = description

    def add_parameter(self, parameter: Parameter) -> None:
        self.parameters[parameter.index] = parameter

    def add_optimizer(self, optimizer: OptimizerOutline) -> None:
        self.optimizers[optimizer.index] = optimizer

    def add_graph(self, graph: Graph) -> None:
        self.graphs[graph.id] = graph

    def point(self, series: str, step: int, value: float) -> None:
        self.points.append((series, step, value))

    def add_step_scan(self, scan: StepScan) -> None:
        self.scans.append(scan)

    def add_step_sharpness(self, sharpness: StepSharpness) -> None:
        self.sharpness.append(sharpness)

    def add_forward_pass(self, forward: ForwardPass) -> None:
        self.forward_passes.append(forward)

    def add_scheduler(self, scheduler: Scheduler) -> None:
        self.schedulers[scheduler.index] = scheduler

    def add_final_place(self, place: FinalPlace) -> None:
        self.places.append(place)

    def sample(self, sample: StepSample) -> None:
        self.samples.append(sample)

    def event(self, event: Event) -> None:
        self.events.append(event)

    def totals(self, **total: Any) -> None:
        self.total = total

    def questions(self, seconds: float) -> None:
        self.questions_s = seconds

    def flush(self) -> None:
        pass

    def close(self, **closed: Any) -> None:
        self.closed = closed
