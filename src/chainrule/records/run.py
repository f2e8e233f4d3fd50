"""The run: what was started, how it went and ended, and what was measured at each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .graph import BackwardPass

RunStatus = Literal["running", "finished", "failed", "lost"]

UPDATES_BY_HAND = "updates by hand"
"""Stands for an optimizer's class where the script itself changes its weights, as in
`w -= lr * w.grad`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter tensor.

    Attributes:
        index: Its number in this run; samples refer to it.
        name: Module path (`layers.0.weight`) or the variable that holds a bare tensor.
        shape: Its shape.
        dtype: `float32`, `bfloat16`, ...
        requires_grad: False if it is frozen.
        optimizers: Indices of the optimizers that hold it; empty if none does.
        in_module: True if it was found inside an `nn.Module`.
        root: Name of the outermost module it belongs to; empty for a bare tensor.
        without_gradient: True if an optimizer holds it and no step so far, sampled or not, found a
            gradient in its `.grad`.
        moved_by_hand: True if no optimizer holds it and its norm changed between sampled steps.
        evaluating: True if no optimizer holds it and its module was in evaluation mode (`.eval()`)
            on every sampled step.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    optimizers: tuple[int, ...]
    in_module: bool
    root: str = ""
    without_gradient: bool = False
    moved_by_hand: bool = False
    evaluating: bool = False

    @property
    def module(self) -> str:
        """Path of the module that holds it; of a bare tensor its own name."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def numel(self) -> int:
        """Number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerOutline:
    """An optimizer as it was when its first step was seen.

    Attributes:
        index: Its number in this run.
        kind: Class name, e.g. `SGD`; `UPDATES_BY_HAND` where there is no optimizer.
        hyperparameters: Numbers and flags of its first parameter group (`lr`, `momentum`, ...).
    """

    index: int
    kind: str
    hyperparameters: Mapping[str, float | bool | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The header and the closing row of a run file.

    Attributes:
        name: Name of the run, and of its file without `.db`.
        path: The run file.
        schema_version: Version of the file's schema after opening.
        command: The command line that was run.
        cwd: Folder it was run in.
        started_at: Seconds since the epoch.
        ended_at: Seconds since the epoch; None while it runs or if it was lost.
        status: `lost` if there is no closing row and the process is gone.
        exit_code: The process's exit code if it ended by itself.
        exception: `ValueError: message` if an exception ended it.
        versions: Of Python, torch, chainrule and the platform.
        device: Where the parameters live, e.g. `cpu`, `cuda:0`.
        world_size: Number of ranks.
        pid: Process id of the recorder.
        options: How sampling was asked for (`budget`, `every`).
        steps: Optimizer steps seen.
        backward_passes: Backward passes seen.
        sampled_steps: Steps measured in full.
        observed_s: Seconds spent by chainrule inside the training process, as the governor
            measured them.
        training_s: Seconds from the first to the last step.
        questions_s: Seconds that questions to captured steps took after the last step; no part
            of the two above.
    """

    name: str
    path: str
    schema_version: int
    command: tuple[str, ...]
    cwd: str
    started_at: float
    ended_at: float | None
    status: RunStatus
    exit_code: int | None
    exception: str | None
    versions: Mapping[str, str]
    device: str
    world_size: int
    pid: int
    options: Mapping[str, str | float | int | None]
    steps: int = 0
    backward_passes: int = 0
    sampled_steps: int = 0
    observed_s: float = 0.0
    training_s: float = 0.0
    questions_s: float = 0.0


class ParameterSample(NamedTuple):
    """One parameter tensor in one sampled step; norms are L2 over the whole tensor.

    A named tuple and no dataclass, since many are made while a script trains: in a
    quarter of the time.

    Attributes:
        parameter: Index of the `Parameter`.
        gradient_norm: ‖∂L/∂w‖ as the optimizer used it (clipped, unscaled); `None` if `.grad`
            was None.
        weight_norm: ‖w‖ before the step.
        update_norm: ‖Δw‖ of the step.
        estimated: True if weight and update norms were estimated from part of a large tensor.
    """

    parameter: int
    gradient_norm: float | None
    weight_norm: float
    update_norm: float
    estimated: bool = False

    @property
    def update_ratio(self) -> float:
        """RMS(Δw) / RMS(w); the number of elements cancels. NaN for a weight of zeros."""
        return self.update_norm / self.weight_norm if self.weight_norm else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSample:
    """A step measured in full.

    Attributes:
        step: Number of the optimizer step, counted over all optimizers from 0.
        optimizer: Index of the optimizer that made it.
        time_s: Seconds since the run began, at the end of the step.
        overhead_s: What measuring this step cost, as the governor measured it.
        parameters: One entry for each parameter that the optimizer holds.
        backward_passes: The backward passes that led to it.
    """

    step: int
    optimizer: int
    time_s: float
    overhead_s: float
    parameters: tuple[ParameterSample, ...]
    backward_passes: tuple[BackwardPass, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened once.

    Attributes:
        step: The step it belongs to.
        kind: `note` (what cannot be seen, and why), `internal-error` (an exception inside
            chainrule), `non-finite` (the post-mortem of the first non-finite number).
        text: One sentence for the reader.
        data: Further values, JSON types only.
    """

    step: int
    kind: str
    text: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """A quantity over steps.

    Attributes:
        name: `loss`, `learning_rate/0`, `step_s`, ...
        steps: Step numbers, increasing.
        values: One a step; NaN and infinities are values.
    """

    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Summary of consecutive points of a series, one entry of its pyramid.

    Attributes:
        first_step: Step of the first point.
        last_step: Step of the last point.
        count: Points in the bucket, the non-finite ones included.
        minimum: Smallest finite value; NaN if there is none.
        mean: Mean of the finite values; NaN if there is none.
        maximum: Largest finite value; NaN if there is none.
        nonfinite: How many values are NaN or infinite.
    """

    first_step: int
    last_step: int
    count: int
    minimum: float
    mean: float
    maximum: float
    nonfinite: int


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a series in few enough buckets to draw, with what is known of the whole.

    Attributes:
        name: Of the series.
        level: Level of the pyramid that was read; 0 for the points themselves.
        points_each: Points that a bucket sums up; the last may hold fewer. 1: nothing is summed up.
        first_step: Step of the first point of the whole series; 0 if it has none.
        last_step: Step of the last point of the whole series; 0 if it has none.
        count: Points of the whole series.
        buckets: Those that overlap the steps asked for, in order; they may reach beyond them.
    """

    name: str
    level: int
    points_each: int
    first_step: int
    last_step: int
    count: int
    buckets: tuple[Bucket, ...]


Quantity = Literal["gradient_norm", "weight_norm", "update_norm", "update_ratio"]
QUANTITIES: tuple[Quantity, ...] = ("gradient_norm", "weight_norm", "update_norm", "update_ratio")
"""What is summed up of the parameters in the samples; see `ParameterSample`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormBucket:
    """Summary of consecutive samples of one optimizer: one quantity of each of its parameters.

    Shapes: `counts` to `maxima` have one entry for each of `parameters`.

    Attributes:
        first_step: Step of the first sample.
        last_step: Step of the last sample.
        samples: How many there are.
        parameters: Index of each parameter.
        counts: In how many samples the quantity was a finite number.
        nonfinite: In how many it was NaN or infinite; in the rest there was none.
        minima: Smallest finite value; ∞ if there is none.
        means: Mean of the finite values; NaN if there is none.
        maxima: Largest finite value; −∞ if there is none.
    """

    first_step: int
    last_step: int
    samples: int
    parameters: tuple[int, ...]
    counts: Sequence[int]
    nonfinite: Sequence[int]
    minima: Sequence[float]
    means: Sequence[float]
    maxima: Sequence[float]
