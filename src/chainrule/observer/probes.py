"""Which steps are captured, and when they are asked how long and how sharp they were.

To capture a step costs about as much as to sample it; to scan it costs some dozen evaluations of
the loss, and its sharpness about as much again. So captures are made early and at ever larger gaps,
and sooner where the loss rises above its start, and they are asked when the budget has room, or
once the training is over.
"""

import importlib
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable

from chainrule.instruments.step_scan import step_scan
from chainrule.objective import ObjectiveError
from chainrule.records import BackwardPass, Event, StepSharpness

from .captured import Capture, Captures
from .dead_share import DeadShare
from .governor import EARLY, PATIENCE, Governor
from .sink import Sink

_FIRST = 1
_GROWTH = 2  # steps 1, 2, 4, 8, …: the latest few captures are spread over the run's later part
_RISEN = 1.5  # times its first value: more than batches of one size differ at the start
_MOST_ALARMS = 6  # captures made because the loss rose; then the picture is clear
_RECENT = 8  # losses: their median says whether the loss has risen
_SCAN_STEPS = 40  # that a scan of two batches and its verification cost at most
_SHARPNESS_STEPS = 40  # that a dozen Hessian-vector products of about three passes each cost

SHARPNESS_RTOL = 0.05
"""Of λ_max: near the limit a run wanders by more, and half the accuracy is half the products."""

_MOST_PRODUCTS = 30

END_S = 1.0
"""Seconds of computing that the questions at the end may take in any run: nobody waits long, and a
network that fits a laptop answers all of them (eight scans and eight sharpnesses of an MLP of
600,000 weights take 1.5 s, and the scans, which come first, a third of that)."""

END_SHARE = 0.05
"""Share of the training time that they may take where no budget was set (`--every`)."""

_MOST_LOSSES = 4096  # kept to say whether the loss still falls


class OutOfTime(Exception):
    """The time for questions is over."""


class Question:
    """One kind of question to captures, with those that wait for it and what it costs.

    Args:
        ask: Asks a capture.
        steps: What it costs at most, in training steps; used until it was measured.
    """

    def __init__(self, ask: Callable[[Capture, float], None], steps: int) -> None:
        self._ask = ask
        self._steps = steps
        self._cost_s = math.nan
        self.waiting: list[Capture] = []

    def cost_s(self, step_s: float) -> float:
        """What asking one capture is expected to take."""
        return self._steps * step_s if math.isnan(self._cost_s) else self._cost_s

    def ask(self, capture: Capture, deadline: float) -> float:
        """Ask it, by a deadline of `time.process_time`; what it took in seconds."""
        began = time.perf_counter()
        self._ask(capture, deadline)
        taken = time.perf_counter() - began
        self._cost_s = taken if math.isnan(self._cost_s) else (self._cost_s + taken) / 2
        return taken


class Probes:
    """Chooses the steps, asks them and hands the answers on.

    Args:
        sink: Where answers go.
        governor: The budget that questions share with samples.
        captures: Where captured steps are kept.
    """

    def __init__(self, sink: Sink, governor: Governor, captures: Captures) -> None:
        self._sink = sink
        self._governor = governor
        self._captures = captures
        self._next = _FIRST
        self._alarms = 0
        self._first_loss = math.nan
        self._losses: deque[float] = deque(maxlen=_MOST_LOSSES)
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._steps = 0
        self._last = -1
        self._scans = Question(self._scan, _SCAN_STEPS)
        self._sharpness = Question(self._measure_sharpness, _SHARPNESS_STEPS)
        self._share: tuple[int, float | None] = (-1, None)  # of the limit, at the step asked last
        self._dead = DeadShare()

    def saw(self, loss: float) -> None:
        """The loss of a step; NaN where it is not known without waiting for a device."""
        if self._first_loss != self._first_loss:  # NaN
            self._first_loss = loss
        self._losses.append(loss)
        self._recent.append(loss)
        self._steps += 1

    @property
    def alarm(self) -> float:
        """A loss above this may be a reason for a capture."""
        if self._alarms >= _MOST_ALARMS or not self._first_loss > 0:
            return math.inf
        return _RISEN * self._first_loss

    def sampled(self, passes: Iterable[BackwardPass]) -> None:
        """A step was sampled."""
        self._dead.sampled(passes)

    def wants(self, step: int) -> bool:
        """True if the given step should be captured; asked at the end of every step."""
        if not self._captures.most:
            return False
        if step >= self._next and (
            step <= EARLY or step >= PATIENCE * self._last or self._governor.within()
        ):
            return True
        limit = _RISEN * self._first_loss
        if self._recent[-1] <= limit:
            return False
        return (
            self._alarms < _MOST_ALARMS
            and step - self._last >= 1 << self._alarms
            and self._first_loss > 0
            and self._risen(limit)
        )

    def _risen(self, limit: float) -> bool:
        recent = self._recent
        return len(recent) < _RECENT or not sorted(recent)[_RECENT // 2] <= limit

    def keep(self, capture: Capture) -> None:
        """A step was captured."""
        self._last = capture.step
        if capture.step < self._next:
            self._alarms += 1
        while self._next <= capture.step:
            self._next *= _GROWTH
        self._captures.add(capture)
        if capture.reason is not None:
            self._refused(capture)
            return
        for question in (self._scans, self._sharpness):  # none outlives the ring
            waiting = [c for c in question.waiting if any(c is k for k in self._captures.kept)]
            question.waiting = [*waiting, capture]

    def ask_within_budget(self) -> float:
        """Ask the latest capture one thing if the budget has room for it.

        Returns:
            Seconds that it took.
        """
        for question in (self._scans, self._sharpness):
            if question.waiting:
                cost = question.cost_s(self._governor.light_s)
                if not self._governor.affords(cost):
                    return 0.0
                return question.ask(question.waiting.pop(), math.inf)
        return 0.0

    def ask_at_the_end(self, training_s: float) -> None:
        """Ask what could not be asked while training went on, and look where it ended."""
        kept = self._captures.kept
        if not kept or isinstance(getattr(sys, "last_value", None), KeyboardInterrupt):
            return
        try:
            self._ask_at_the_end(kept, training_s)
        except KeyboardInterrupt:  # enough asked
            return

    def _ask_at_the_end(self, kept: tuple[Capture, ...], training_s: float) -> None:
        began = time.perf_counter()
        # SciPy and more, which training has no need of. To load it takes a second where the disk is
        # cold, and says nothing of what the questions cost: so it comes before the clock is set.
        from . import last_place

        losses = list(self._losses)
        if last_place.is_high(losses, self._first_loss):
            importlib.import_module("scipy.stats")  # it gives the slope of the losses
        deadline = time.process_time() + self._time_at_the_end(training_s)
        scans = self._ask_all(self._scans, kept, deadline)
        last_place.look(
            self._sink,
            self._captures,
            losses,
            self._first_loss,
            deadline,
            dead_share=self._dead.share(),
            share_of_limit=lambda capture: self._share_of_limit(capture, deadline),
        )
        sharpness = self._ask_all(self._sharpness, kept, deadline)
        seconds = time.perf_counter() - began
        self._sink.questions(seconds)
        self._sink.event(
            Event(
                self._steps,
                "questions",
                f"Questions asked after the training took {seconds:.1f} s.",
                {"seconds": seconds, "scans": scans, "sharpness": sharpness},
            )
        )

    def _time_at_the_end(self, training_s: float) -> float:
        """What is left of the budget of the whole run, or a little time in any case."""
        if self._governor.budget is None:
            return max(END_S, END_SHARE * training_s)
        return max(END_S, self._governor.budget * training_s - self._governor.spent_s)

    def _ask_all(self, question: Question, kept: tuple[Capture, ...], deadline: float) -> int:
        """Ask those that wait until the time is up; how many were."""
        waiting = [c for c in question.waiting if any(c is k for k in kept)]
        question.waiting.clear()
        # from both ends: the first steps tell of a rate too high, the last of one too low
        order = [c for pair in zip(waiting[::-1], waiting, strict=True) for c in pair]
        asked = 0
        for capture in order[: len(waiting)]:
            if time.process_time() > deadline:
                break
            question.ask(capture, deadline)
            asked += 1
        return asked

    def _scan(self, capture: Capture, deadline: float) -> None:
        if not capture.verified():
            self._refused(capture)
            return
        other = self._captures.beside(capture)
        self._sink.step_scan(
            step_scan(
                capture.objective(),
                capture.update,
                step=capture.step,
                optimizer=capture.optimizer_index,
                learning_rate=capture.learning_rate,
                other=other.objective() if other is not None else None,
                other_step=other.step if other is not None else None,
            )
        )

    def _share_of_limit(self, capture: Capture, deadline: float) -> float | None:
        """Of its sharpness, measured now if it was not yet."""
        if any(capture is c for c in self._sharpness.waiting):
            self._sharpness.waiting = [c for c in self._sharpness.waiting if c is not capture]
            self._sharpness.ask(capture, deadline)
        step, share = self._share
        return share if step == capture.step else None

    def _measure_sharpness(self, capture: Capture, deadline: float) -> None:
        if not capture.verified():
            return
        from chainrule.instruments.curvature import sharpness  # SciPy, only if it is asked

        def within(done: int, of: int) -> None:
            if time.process_time() > deadline:
                raise OutOfTime

        began = time.perf_counter()
        try:
            spectrum = sharpness(
                capture.objective(),
                rtol=SHARPNESS_RTOL,
                max_products=_MOST_PRODUCTS,
                preconditioner=capture.preconditioner,
                progress=within,
            )
        except (OutOfTime, ObjectiveError):  # no time, or the loss is not finite around θ
            return
        found = StepSharpness(
            step=capture.step,
            optimizer=capture.optimizer_index,
            learning_rate=capture.learning_rate,
            spectrum=spectrum,
            seconds=time.perf_counter() - began,
        )
        self._share = (capture.step, found.share_of_limit)
        self._sink.step_sharpness(found)

    def _refused(self, capture: Capture) -> None:
        self._sink.event(
            Event(
                capture.step,
                "capture",
                f"Step {capture.step} could not be done again: {capture.reason}.",
            )
        )
