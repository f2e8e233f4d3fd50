"""The learning-rate schedulers of a run, found without changing anything.

PyTorch tells nobody that a scheduler exists. It is looked for in the variables of the script; if it
is not among them, and the optimizer bears the mark that a scheduler leaves (`initial_lr`), Python's
garbage collector is asked once who refers to the optimizer.
"""

import gc
import weakref
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from chainrule.observer.hyperparameters import plain
from chainrule.observer.names import variables
from chainrule.observer.optimizers import Optimizers
from chainrule.observer.sink import Sink
from chainrule.records import Scheduler

_SCANNED = 400  # items of one container, and attributes of one object
_NOT_SETTINGS = frozenset(["last_epoch", "verbose"])
_MOST = 32
"""Schedulers followed: a script makes one for each optimizer, or a few to be run in turn."""


@dataclass(slots=True)
class _Followed:
    scheduler: "weakref.ref[Any]"
    record: Scheduler


class Schedulers:
    """The schedulers found so far.

    Args:
        optimizers: Those met so far.
        sink: Where they are recorded.
    """

    def __init__(self, optimizers: Optimizers, sink: Sink) -> None:
        self._optimizers = optimizers
        self._sink = sink
        self._found: list[_Followed] = []
        self._asked: set[int] = set()

    def look(self, optimizer: Optimizer, frame: FrameType | None, step: int) -> None:
        """Look for those of an optimizer, and note how often the known ones were stepped.

        Args:
            optimizer: It.
            frame: Where it is stepped.
            step: The present step.
        """
        number = self._optimizers.number(optimizer)
        here = {id(s): s for s in _in_frames(frame) if s.optimizer is optimizer}
        marked = any("initial_lr" in group for group in optimizer.param_groups)
        if marked and not here and not self._has(number) and number not in self._asked:
            self._asked.add(number)
            here = {id(s): s for s in _referring(optimizer)}
        inner = {id(part) for s in here.values() for part in _parts(s)}
        for key, scheduler in here.items():
            if key not in inner:
                self._follow(scheduler, number)
        self.read(step)

    def _has(self, optimizer: int) -> bool:
        return any(f.record.optimizer == optimizer for f in self._found)

    def _follow(self, scheduler: Any, optimizer: int) -> None:
        if len(self._found) >= _MOST or any(f.scheduler() is scheduler for f in self._found):
            return
        record = Scheduler(
            index=len(self._found),
            kind=type(scheduler).__name__,
            optimizer=optimizer,
            settings=_settings(scheduler),
            seen_at=-1,
        )
        self._found.append(_Followed(weakref.ref(scheduler), record))

    def read(self, step: int) -> None:
        """Note how often each was stepped by now.

        Args:
            step: Optimizer steps so far.
        """
        for followed in self._found:
            scheduler, before = followed.scheduler(), followed.record
            if scheduler is None:
                continue
            followed.record = Scheduler(
                index=before.index,
                kind=before.kind,
                optimizer=before.optimizer,
                settings=before.settings,
                steps=_steps(scheduler),
                seen_at=step,
            )
            self._sink.scheduler(followed.record)


def _steps(scheduler: Any) -> int:
    """By its own count; it makes the first of these steps itself, as it is built."""
    count = getattr(scheduler, "_step_count", None)
    if isinstance(count, int):
        return max(0, count - 1)
    last = getattr(scheduler, "last_epoch", 0)
    return int(last) if isinstance(last, int | float) else 0


def _settings(scheduler: Any) -> dict[str, float | bool | str | None]:
    found = plain(
        {
            key: value
            for key, value in vars(scheduler).items()
            if not key.startswith("_") and key not in _NOT_SETTINGS
        }
    )
    milestones = getattr(scheduler, "milestones", None)
    if milestones:
        found["last_milestone"] = float(max(milestones))
    return found


def _parts(scheduler: Any) -> list[Any]:
    """Schedulers that one runs in turn."""
    parts = vars(scheduler).get("_schedulers", ())
    return list(parts) if isinstance(parts, list | tuple) else []


def _in_frames(frame: FrameType | None) -> list[Any]:
    """Those held by the script's variables, one container or object deep."""
    found: list[Any] = []
    for _, _, value in variables(frame):
        if isinstance(value, LRScheduler):
            found.append(value)
        elif isinstance(value, dict):
            found += [v for v in list(value.values())[:_SCANNED] if isinstance(v, LRScheduler)]
        elif isinstance(value, list | tuple):
            found += [v for v in value[:_SCANNED] if isinstance(v, LRScheduler)]
        elif not isinstance(value, type) and hasattr(value, "__dict__"):
            held = list(vars(value).values())[:_SCANNED]
            found += [v for v in held if isinstance(v, LRScheduler)]
    return found


def _referring(optimizer: Optimizer) -> list[Any]:
    """Those that refer to an optimizer; it takes some 20 ms in a program of PyTorch's size."""
    referring = gc.get_referrers(optimizer)
    found = [o for o in referring if isinstance(o, LRScheduler)]
    attributes = [o for o in referring if type(o) is dict and o.get("optimizer") is optimizer]
    if attributes:  # objects whose attributes were asked for keep them in a dictionary
        holders = gc.get_referrers(*attributes)
        found += [o for o in holders if isinstance(o, LRScheduler)]
    return found
