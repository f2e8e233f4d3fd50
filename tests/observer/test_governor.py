"""The budget, counted in simulated seconds."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.observer.governor import FIRST_STEPS, Governor


def simulate(governor: Governor, steps: int, light_s: float, cost_s: float) -> list[int]:
    sampled = []
    for step in range(steps):
        if governor.wants(step):
            governor.sample(step, light_s + cost_s, cost_s)
            sampled.append(step)
        elif step:
            governor.light(light_s, 0.0)
    return sampled


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(1e-3, 1.0), st.floats(0.05, 3.0), st.sampled_from([0.005, 0.01, 0.05]))
def test_the_share_of_time_stays_within_the_budget(
    light_s: float, relative_cost: float, budget: float
) -> None:
    governor = Governor(budget)
    cost_s = relative_cost * light_s
    sampled = simulate(governor, 6000, light_s, cost_s)
    early = 2 + FIRST_STEPS + 2 * math.log2(6000)  # two for each doubling, whatever they cost
    assert (len(sampled) - early) * cost_s <= 1.05 * budget * 6000 * light_s + cost_s
    assert governor.spent_s == pytest.approx(len(sampled) * cost_s)


def test_early_steps_are_sampled_ever_more_rarely() -> None:
    assert simulate(Governor(0.01), 40, 1.0, 100.0) == [0, 1, 2, 3, 5, 8, 12, 17, 25, 36]


def test_every() -> None:
    assert simulate(Governor(None, 5), 12, 1.0, 1.0) == [0, 5, 10]
    assert simulate(Governor(None, 1), 3, 1.0, 1.0) == [0, 1, 2]


def test_a_slow_step_that_is_not_ours_does_not_count_in_full() -> None:
    governor = Governor(0.01)
    for _ in range(10):
        governor.light(0.01, 0.0)
    assert governor.sample(10, 5.0, 0.002) == pytest.approx(0.006)
