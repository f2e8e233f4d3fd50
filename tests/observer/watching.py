"""A watched run in this process, its records kept in memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))
from memory import MemoryWriter

from chainrule.observer import entry, scaling
from chainrule.observer.governor import Governor
from chainrule.observer.observation import Observation
from chainrule.observer.sink import Sink


@contextmanager
def observed(every: int = 1, **narrowing: Any) -> Iterator[MemoryWriter]:
    """Watch what happens inside, every N-th step sampled."""
    writer = MemoryWriter()
    observation = Observation(Sink(lambda: writer), Governor(None, every), **narrowing)
    scaling.note_scalers()
    detach = [
        entry.attach(observation.backward.enter, observation.lights.enter),
        observation.evaluations.attach(),
        register_optimizer_step_pre_hook(observation.before_step).remove,
        register_optimizer_step_post_hook(observation.after_step).remove,
    ]
    try:
        yield writer
    finally:
        observation.finish()
        for undo in reversed(detach):
            undo()
