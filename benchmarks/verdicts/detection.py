"""After how many steps a verdict names the fault, and goes on naming it.

A run file is cut at a grid of steps. What lies after the cut is left out, so that the rules see
what the file would have held if the training had been stopped there.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from chainrule.records import (
    Event,
    FinalPlace,
    ForwardPass,
    Run,
    Scheduler,
    Series,
    StepSample,
    StepScan,
    StepSharpness,
)
from chainrule.store import RunReader

GROWTH = 2**0.5
"""Each cut has this many times the steps of the one before: detection is known to 41 %."""


class Prefix(RunReader):
    """The first steps of a run, as a run.

    What is recorded of a parameter over a whole run, and a graph, have no step: they stay. Backward
    passes and the steps of schedulers are counted once, at the end: they are taken in proportion.

    Args:
        path: The run file.
        steps: How many steps to keep.
    """

    def __init__(self, path: Path, steps: int) -> None:
        super().__init__(path)
        self._steps = steps
        self._whole = super().run()

    def run(self) -> Run:
        """The run, as if it had ended well after these steps."""
        whole = self._whole
        passes = round(whole.backward_passes * self._steps / max(whole.steps, 1))
        return replace(
            whole,
            status="finished",
            exit_code=0,
            exception=None,
            steps=self._steps,
            backward_passes=passes,
            sampled_steps=len(set(self.sampled_steps())),
        )

    def events(self, kind: str | None = None) -> tuple[Event, ...]:
        """Those of the first steps."""
        return tuple(e for e in super().events(kind) if e.step < self._steps)

    def series(self, name: str) -> Series:
        """The points of the first steps."""
        whole = super().series(name)
        kept = sum(step < self._steps for step in whole.steps)
        return Series(name, whole.steps[:kept], whole.values[:kept])

    def samples(self, first: int = 0, last: int | None = None) -> Iterator[StepSample]:
        """Those of the first steps."""
        end = self._steps - 1
        return super().samples(first, end if last is None else min(last, end))

    def sampled_steps(self) -> tuple[int, ...]:
        """Those of the first steps."""
        return tuple(step for step in super().sampled_steps() if step < self._steps)

    def step_scans(self) -> tuple[StepScan, ...]:
        """Those of the first steps."""
        return tuple(s for s in super().step_scans() if s.step < self._steps)

    def step_sharpness(self) -> tuple[StepSharpness, ...]:
        """Those of the first steps."""
        return tuple(s for s in super().step_sharpness() if s.step < self._steps)

    def forward_passes(self) -> tuple[ForwardPass, ...]:
        """Those of the first steps."""
        return tuple(f for f in super().forward_passes() if f.step < self._steps)

    def schedulers(self) -> tuple[Scheduler, ...]:
        """Those seen by then, their count in proportion: it is kept once, at the end."""
        return tuple(
            replace(s, steps=round(s.steps * self._steps / s.seen_at), seen_at=self._steps)
            if s.seen_at > self._steps
            else s
            for s in super().schedulers()
        )

    def final_place(self) -> FinalPlace | None:
        """None: it is measured after the last step."""
        return None


def cuts(steps: int) -> tuple[int, ...]:
    """After how many steps a run is looked at: 1, 2, 3, 4, 6, 8, ... below its own number."""
    found, at = [], 1.0
    while round(at) < steps:
        found.append(round(at))
        at *= GROWTH
    return tuple(dict.fromkeys(found))


def detected_after(path: Path, steps: int, names_it: Callable[[RunReader], bool]) -> int:
    """The number of steps from which on every look names the fault.

    Args:
        path: Of the whole run, whose verdict names the fault.
        steps: How many it has.
        names_it: Whether a look at a run names it.

    Returns:
        The fewest steps of the cuts; `steps` if only the whole run will do.
    """
    since = steps
    for cut in reversed(cuts(steps)):  # from the end: the first look that does not name it decides
        with Prefix(path, cut) as prefix:
            if not names_it(prefix):
                break
        since = cut
    return since
