"""Losses that the script computes between two steps to see how well it does on other data.

They are computed where gradients are switched off: under `torch.no_grad`, `torch.inference_mode`
or `torch.set_grad_enabled(False)`, as a block or a decorator. All come by `__enter__` and
`__exit__` of these classes, where we note that a block begins and ends; both have returned before
the script goes on. Inside, the values of the loss that the run trains (`loss_signature.py`) are
kept: a loss function of PyTorch is heard by itself (`loss_calls.py`), and for a loss written by
hand all calls are listened to, as in a captured step (`interception.py`).

Most such blocks are no evaluations: clipping, averaged weights, an accuracy. A place where three
blocks had no loss is left alone from then on.
"""

import functools
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor

from chainrule import _guard
from chainrule.records import Event

from .followed_thread import FollowedThread
from .frames import INTERNAL, USER, file_kind, is_our_frame
from .governor import Governor
from .interception import Interception
from .loss_calls import LossCalls, OnLoss
from .loss_signature import LONGEST, LossSignature, called
from .modes import unseen
from .present import Present
from .sink import Sink
from .structure import Structure
from .window import Window, obstacle

SERIES = "validation_loss"

_TRIES = 3  # blocks of one place that are listened to for a loss
_EARLY = 32  # evaluations of one place that are followed whatever it costs: a short run has no more
_EARLY_BY_HAND = 8  # the same where all calls are listened to, a hundred times as many
# Whatever it costs, heard ones are no farther apart than this share of the steps so far: what they
# are for shows at the end of a run, and ten times the steps bring 38 more of them, or 10.
_APART = 1 / 16
_APART_BY_HAND = 1 / 4
_SHARE = 0.5  # of the budget that evaluations may take by themselves
_MOST_PLACES = 8  # series of one run
_MOST_FRAMES = 24  # looked at to tell two calls of one function apart
_MEASURED = 64  # calls by which the cost of one is measured
_DECORATOR = ("_contextlib.py", "decorate_context")

_MOST_STACKS = 256  # places told apart, most of them no evaluations

Place = tuple[tuple[CodeType, int], ...]
"""The code of each frame of the script and where it is in it, the innermost first."""


@dataclass(slots=True)
class _Evaluated:
    """What is known of one place.

    Attributes:
        source: Its line, for people.
        series: Name of its series; empty before a loss was seen.
        blocks: Blocks that were listened to.
        heard: Evaluations that had losses.
        last: The step before which the last of them was.
        cost_s: What listening to one takes.
        values: Of the present evaluation, by function: the weighted sum of its values, and of
            the weights.
        step: The step before which it is.
        took_s: What listening to it took.
        refused: True if it is not listened to, for want of budget.
    """

    source: str
    series: str = ""
    blocks: int = 0
    heard: int = 0
    last: int = 0
    cost_s: float = 0.0
    values: dict[str, tuple[float | Tensor, float]] = field(default_factory=dict)
    step: int = -1
    took_s: float = 0.0
    refused: bool = False


class _Ear:
    """Told of each call in a block, it finds losses written by hand; see `Listener`."""

    def __init__(self, signature: LossSignature, on_loss: OnLoss) -> None:
        self.calls = 0
        self._signature = signature
        self._on_loss = on_loss
        self._recent: tuple[str, ...] = ()
        self._name: str | None = None

    def before(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> None:
        """A function is about to be called."""
        self.calls += 1
        self._name = called(function)

    def after(self, result: Any) -> None:
        """It has returned."""
        name, self._name = self._name, None
        if name is None or not isinstance(result, Tensor):
            return
        self._recent = (*self._recent[1 - LONGEST :], name)
        if result.dim() or not self._signature.ends(self._recent):
            return
        try:
            with unseen():
                self._on_loss("", result, 1.0)
        except Exception as error:
            _guard.report("listening to an evaluation", error)


class Evaluations:
    """Listens to evaluations.

    Args:
        sink: Where their losses go.
        governor: The budget that listening shares with samples.
        present: The present step.
        window: Which may be listening already, to capture the step.
        thread: The thread that is followed.

    Attributes:
        on_left: Called after any block was left, in which something may have been changed by hand.
    """

    def __init__(
        self,
        sink: Sink,
        governor: Governor,
        present: Present,
        window: Window,
        thread: FollowedThread,
    ) -> None:
        self._sink = sink
        self._governor = governor
        self._present = present
        self._window = window
        self._thread = thread
        self._signature = LossSignature()
        self._calls = LossCalls(self._heard)
        self._ear = _Ear(self._signature, self._heard)
        self._places: dict[Place, _Evaluated] = {}
        self._dull: set[tuple[CodeType, int]] = set()
        self._pending: list[_Evaluated] = []
        self._series = 0
        self.on_left: Callable[[FrameType], None] | None = None
        self._outermost: object | None = None
        self._at: _Evaluated | None = None
        self._near: tuple[CodeType, int] | None = None
        self._interception: Interception | None = None
        self._joined: Interception | None = None
        self._call_s = 0.0
        self._entering_s = 0.0
        self._spent_s = 0.0

    # ---- attaching ----------------------------------------------------------------------

    def attach(self) -> Callable[[], None]:
        """Be told of each block from now on.

        Returns:
            A function that takes everything back.
        """
        undo = [
            self._wrap(torch.no_grad, lambda block: True),
            self._wrap(torch.inference_mode, lambda block: block.mode),
            self._wrap(torch.set_grad_enabled, lambda block: not block.mode),
        ]

        def detach() -> None:
            self.abandon()
            for each in undo:
                each()

        return detach

    def _wrap(self, kind: Any, switches_off: Callable[[Any], bool]) -> Callable[[], None]:
        enter, leave = kind.__enter__, kind.__exit__
        is_present = self._thread.is_present

        # TorchScript compiles these classes from their source, which it finds by `__wrapped__`
        @functools.wraps(enter)
        def entered(block: Any) -> None:
            enter(block)
            if self._outermost is None and self._signature and is_present() and switches_off(block):
                self._entered(block, sys._getframe(1))

        @functools.wraps(leave)
        def left(block: Any, exc_type: Any, exc_value: Any, traceback: Any) -> None:
            if self._outermost is block:
                self._left()
            leave(block, exc_type, exc_value, traceback)
            if self.on_left is not None and is_present():
                frame = sys._getframe(1)
                caller = _caller(frame)
                if caller is not None and not is_our_frame(caller):
                    self.on_left(frame)

        kind.__enter__, kind.__exit__ = entered, left

        def undo() -> None:
            if kind.__enter__ is entered:
                kind.__enter__ = enter
            if kind.__exit__ is left:
                kind.__exit__ = leave

        return undo

    # ---- blocks -------------------------------------------------------------------------

    def learn(self, structure: Structure) -> None:
        """A pass of a sampled step started from a loss."""
        self._signature.learn(structure)

    def _entered(self, block: object, frame: FrameType) -> None:
        began = time.perf_counter()
        try:
            if self._present.inside_step is None and not torch.compiler.is_compiling():
                self._begin(block, frame)
        except Exception as error:
            self.abandon()
            _guard.report("the start of an evaluation", error)
        self._entering_s = time.perf_counter() - began
        self._present.own_s += self._entering_s

    def _begin(self, block: object, frame: FrameType) -> None:
        caller = _caller(frame)
        if caller is None:
            return
        near = (caller.f_code, caller.f_lasti)
        if near in self._dull:
            return
        if file_kind(caller.f_code.co_filename) == INTERNAL:  # clipping, averaged weights
            self._dull.add(near)
            return
        place = self._place_of(caller)
        if place is None or not self._wants(place) or obstacle() is not None:
            return
        self._outermost, self._at, self._near = block, place, near
        self._present.evaluation = self.abandon
        self._present.evaluated = True
        self._listen()

    def _place_of(self, frame: FrameType) -> _Evaluated | None:
        stack: list[tuple[CodeType, int]] = []
        at: FrameType | None = frame
        while at is not None and len(stack) < _MOST_FRAMES:
            if file_kind(at.f_code.co_filename) != INTERNAL:
                stack.append((at.f_code, at.f_lasti))
            at = at.f_back
        key = tuple(stack)
        found = self._places.get(key)
        if found is None and len(self._places) < _MOST_STACKS:
            found = self._places[key] = _Evaluated(_source(frame))
        return found

    def _wants(self, place: _Evaluated) -> bool:
        step = self._present.step
        if place.step == step:  # a further block of the same evaluation: a batch each
            return not place.refused
        place.refused = False
        cheap = bool(self._signature.functions)
        if (
            place.heard < (_EARLY if cheap else _EARLY_BY_HAND)
            or self._governor.every is not None
            or step >= (1 + (_APART if cheap else _APART_BY_HAND)) * place.last
            or self._governor.earned(_SHARE) >= self._spent_s + place.cost_s
        ):
            return True
        place.step, place.refused = step, True
        return False

    def _listen(self) -> None:
        if self._signature.functions:
            self._calls.wanted = self._signature.functions
            self._calls.start()
            return
        recording = self._window.interception
        if recording is not None and recording.on:
            self._joined = recording
            recording.tell_also(self._ear)  # it may be suspended, and then nothing is heard
            return
        if self._interception is None:
            self._interception = Interception(self._ear, _ignore)
        if self._interception.on:
            self._interception.resume()
        else:
            self._interception.start()
        if not self._call_s:
            self._call_s = _seconds_of_a_call()
        self._ear.calls = 0

    def _heard(self, function: str, value: Tensor, weight: float) -> None:
        place = self._at
        if place is None or value.numel() == 0:
            return
        if place.step != self._present.step or place not in self._pending:
            place.step = self._present.step
            place.values.clear()
            place.took_s = 0.0
            self._pending.append(place)
        number = value if value.dim() == 0 else value.mean()
        kept = number.item() if number.is_cpu else number.detach().double().clone()
        if isinstance(kept, complex):
            kept = kept.real
        total, weights = place.values.get(function, (0.0, 0.0))
        place.values[function] = (total + kept * weight, weights + weight)

    def _left(self) -> None:
        began = time.perf_counter()
        try:
            self._end()
        except Exception as error:
            self.abandon()
            _guard.report("the end of an evaluation", error)
        self._present.own_s += time.perf_counter() - began

    def _end(self) -> None:
        began = time.perf_counter()
        if self._joined is not None:
            self._joined.tell_also(None)
            self._joined = None
        elif self._interception is not None:
            self._interception.suspend()
        self._calls.stop()
        place, near = self._at, self._near
        self._outermost = self._at = self._near = None
        self._present.evaluation = None
        heard_s = self._calls.own_s + self._ear.calls * self._call_s
        self._calls.own_s, self._ear.calls = 0.0, 0
        self._present.own_s += heard_s
        if place is None or near is None:
            return
        place.blocks += 1
        if place in self._pending:
            place.took_s += heard_s + self._entering_s + time.perf_counter() - began
        if not place.heard and place not in self._pending and place.blocks >= _TRIES:
            self._dull.add(near)

    def abandon(self) -> None:
        """Listen no more: a backward pass or a step begins, or all is over."""
        if self._joined is not None:
            self._joined.tell_also(None)
            self._joined = None
        if self._interception is not None:
            self._interception.stop()
            self._interception = None
        self._calls.stop()
        self._outermost = self._at = self._near = None
        self._present.evaluation = None

    # ---- results ------------------------------------------------------------------------

    def end_step(self) -> None:
        """A step has ended: what was evaluated before it is complete."""
        self._present.evaluated = False
        if self._interception is not None or self._outermost is not None:
            self.abandon()
        if self._pending:
            self.settle()

    def settle(self) -> None:
        """Hand on the mean of each evaluation that has ended."""
        pending, self._pending = self._pending, []
        for place in pending:
            if not place.series:
                if self._series >= _MOST_PLACES:
                    continue
                self._name(place)
            with unseen(), torch.no_grad():
                total = sum(float(total) / weights for total, weights in place.values.values())
            self._sink.point(place.series, place.step, total)
            place.values.clear()
            place.heard += 1
            place.last = place.step
            place.cost_s = place.took_s
            self._spent_s += place.took_s

    def _name(self, place: _Evaluated) -> None:
        place.series = SERIES if self._series == 0 else f"{SERIES}/{self._series}"
        self._series += 1
        functions = sorted(filter(None, place.values))
        self._sink.event(
            Event(
                place.step,
                "evaluation",
                f"The loss under switched-off gradients at {place.source} is {place.series}.",
                {"series": place.series, "source": place.source, "functions": functions},
            )
        )


def _ignore(cls: type, arguments: Any, keywords: Any, frame: FrameType) -> None:
    """An `autograd.Function` was applied."""


def _caller(frame: FrameType) -> FrameType | None:
    """The code whose block it is: of a function under `@torch.no_grad()`, who called it."""
    code = frame.f_code
    decorates = code.co_name == _DECORATOR[1] and code.co_filename.endswith(_DECORATOR[0])
    return frame.f_back if decorates else frame


def _source(frame: FrameType | None) -> str:
    """The innermost line of the script itself, or of a library if it has none here."""
    library = ""
    while frame is not None:
        kind = file_kind(frame.f_code.co_filename)
        if kind != INTERNAL:
            line = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
            if kind == USER:
                return line
            library = library or line
        frame = frame.f_back
    return library


def _seconds_of_a_call() -> float:
    """What it takes to hear one call, measured on calls that do next to nothing."""
    probe = torch.empty(0, device="cpu")
    began = time.perf_counter()
    for _ in range(_MEASURED):
        probe.dim()
    return (time.perf_counter() - began) / _MEASURED
