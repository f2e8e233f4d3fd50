"""The step that is being made now, as far as those who watch its parts must agree on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from torch.optim import Optimizer


@dataclass(slots=True)
class Present:
    """The present step.

    Attributes:
        step: Its number: that of the optimizer step that comes next.
        armed: True if it is measured in full.
        labelling: True if its operations are given labels.
        inside_step: The optimizer whose step is running, which may evaluate a closure.
        own_s: Seconds that our own code has taken in it so far.
        ended_s: When the step before it ended, by `time.perf_counter`.
        passes: Backward passes of the run so far.
        evaluation: Ends the listening to an evaluation, while there is one.
        evaluated: True if an evaluation was listened to before it.
        on_gpu: True once a backward pass began on a GPU whose work may be recorded (CUDA graphs).
    """

    step: int = 0
    armed: bool = False
    labelling: bool = False
    inside_step: Optimizer | None = None
    own_s: float = 0.0
    ended_s: float = field(default_factory=time.perf_counter)
    passes: int = 0
    evaluation: Callable[[], None] | None = None
    evaluated: bool = False
    on_gpu: bool = False
