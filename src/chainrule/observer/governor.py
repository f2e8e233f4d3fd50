"""When to sample: the cost of watching is a budget, not an accident.

The first steps are sampled (faults of initialisation show there), then ever more rarely, each
gap two fifths of the steps so far, so that a short run is seen too. Up to step 64 these cost what
they cost; beyond, one that finds no room in the budget waits for room, or for four times the last
sampled step: three in a run of 5,000 steps, so that no run goes unseen for long. An optimizer that
is met later may begin another training: its first steps are sampled, too.

Beyond these a step is sampled when the budget has room for it: if a sample costs c seconds and a
share b of the time T may be spent, once what was spent plus c is at most b·T, and not sooner than
N = c / (b·t) steps of t seconds after the last one, so that a long pause does not buy a burst of
samples. What was spent includes the few lines of ours that run at each step that is not sampled:
the more of the budget they take, the rarer samples are.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median

FIRST_STEPS = 3
EARLY = 64
"""Up to this step the budget is not asked, as a short run is to be judged as well."""

PATIENCE = 4
"""Beyond, what finds no room in the budget waits for this many times the step where it was last
done."""

LONG_S = 10.0
"""Seconds of training from which on a run is long: 1 % of them pays for the first samples."""

MOST_ANEW = 8
"""Optimizers met after the first steps for each of which the next steps are sampled, as those of a
new training: a second stage, a few folds. Not one for each of a hundred."""

_GROWTH = math.sqrt(2) - 1  # of the gaps between early samples: two for each doubling
_FRESH = 8  # further steps for which a median of the latest 33 is fresh enough
_SMOOTHING = 0.3  # of the running mean of a sample's cost: follows a change within a few samples


@dataclass(slots=True)
class Governor:
    """Spaces the samples.

    Attributes:
        budget: Share of training time that sampling may take, e.g. 0.01; None with `every`.
        every: Sample every N-th step whatever it costs; 1 samples all.
        spent_s: Seconds spent so far, as measured.
        lights: How many steps were not sampled.
        lights_s: What these took of `spent_s`.
    """

    budget: float | None = 0.01
    every: int | None = None
    spent_s: float = 0.0
    sampled: int = 0
    _light_s: deque[float] = field(default_factory=lambda: deque(maxlen=33))
    _cost_s: float = 0.0
    _last: int = -1
    _until: int = 0
    _anew: int = 0
    _elapsed_s: float = 0.0
    lights: int = 0
    lights_s: float = 0.0
    _median_s: float = math.nan
    _median_of: int = 0

    def wants(self, step: int) -> bool:
        """True if the given step (counted from 0) should be sampled."""
        if self.every is not None:
            return step % self.every == 0
        if step < FIRST_STEPS or step < self._until:
            return True
        last = self._last
        grown = step - last >= max(1, math.ceil(_GROWTH * last))
        if grown and (step <= EARLY or step >= PATIENCE * last):
            return True
        if self.spent_s + self._cost_s > (self.budget or 0.0) * self._elapsed_s:
            return False
        return grown or self.spaced(self._cost_s, step - last)

    def begins_anew(self, step: int) -> None:
        """An optimizer is met at this step: another training may begin, with faults of its own."""
        if step >= FIRST_STEPS and self._anew < MOST_ANEW:
            self._anew += 1
            self._until = step + FIRST_STEPS

    def affords(self, cost_s: float) -> bool:
        """True if all that was spent and this would stay within the budget so far."""
        return self.spent_s + cost_s <= (self.budget or 0.0) * self._elapsed_s

    def earned(self, share: float) -> float:
        """Seconds that a share of the budget has come to so far."""
        return share * (self.budget or 0.0) * self._elapsed_s

    def within(self) -> bool:
        """True if what was spent is within the budget so far, or there is none."""
        return self.every is not None or self.affords(0.0)

    def spaced(self, cost_s: float, gap: int) -> bool:
        """True if so many steps earn the cost: gap ≥ c / (b·t)."""
        return gap * (self.budget or 0.0) * self.light_s >= cost_s

    @property
    def light_s(self) -> float:
        """Median duration of the latest steps that were not sampled; NaN before the first."""
        if self._light_s and self.lights >= self._median_of:
            self._median_s = median(self._light_s)
            self._median_of = self.lights + min(self.lights, _FRESH)
        return self._median_s

    def light(self, duration_s: float, own_s: float) -> None:
        """Account for a step that was not sampled, and for what its few lines of ours took."""
        self._light_s.append(duration_s)
        self._elapsed_s += duration_s
        self.spent_s += own_s
        self.lights += 1
        self.lights_s += own_s

    def excess_of_lights(self) -> str | None:
        """A sentence where steps that were not sampled took more than the budget by themselves.

        Of runs shorter than `LONG_S` nothing is said: there the first samples are what costs.
        """
        if self.budget is None or self._elapsed_s < LONG_S or not self.lights:
            return None
        share = self.lights_s / self._elapsed_s
        if share <= self.budget:
            return None
        return (
            f"The budget of {100 * self.budget:.3g} % could not be kept: to follow the loss alone, "
            f"in steps that are not measured, took {1e6 * self.lights_s / self.lights:.0f} µs a "
            f"step, {100 * share:.2g} % of the training time; steps take "
            f"{1e3 * self._elapsed_s / (self.lights + self.sampled):.2g} ms. Beyond step {EARLY} "
            "only a step here and there was measured."
        )

    def sample(self, step: int, duration_s: float, own_s: float) -> float:
        """Account for a sampled step.

        What a sample costs is the larger of the time spent inside our functions and, since
        attached hooks also cost time outside them, the excess over an ordinary step.

        Returns:
            Its cost in seconds.
        """
        excess = duration_s - self.light_s if self._light_s else 0.0
        # one slow step (a page fault, a checkpoint written) must not count as ours in full
        cost = max(own_s, min(excess, 3 * own_s))
        if self.sampled == 0 or (self.sampled <= FIRST_STEPS and cost < self._cost_s):
            self._cost_s = cost  # the first samples also pay for imports and labels
        else:
            self._cost_s += _SMOOTHING * (cost - self._cost_s)
        self.spent_s += cost
        self._elapsed_s += duration_s
        self.sampled += 1
        self._last = step
        return cost
