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
    early = FIRST_STEPS + 2 * math.log2(6000)  # two for each doubling, whatever they cost
    assert len(sampled) * cost_s <= max(budget * 6000 * light_s, early * cost_s) + cost_s
    assert governor.spent_s == pytest.approx(len(sampled) * cost_s)


def test_early_steps_are_sampled_ever_more_rarely() -> None:
    assert simulate(Governor(0.01), 40, 1.0, 100.0) == [0, 1, 2, 3, 5, 8, 12, 17, 25, 36]


def test_what_unsampled_steps_cost_counts_as_well() -> None:
    governor, sampled = Governor(0.01), 0
    for step in range(20_000):
        if governor.wants(step):
            governor.sample(step, 2.0, 1.0)
            sampled += 1
        else:
            governor.light(1.0, 0.005)  # half of the budget
    assert governor.spent_s <= 0.01 * 20_000 + 2
    assert sampled > 80


def test_a_pause_does_not_buy_a_burst_of_samples() -> None:
    governor = Governor(0.01)
    simulate(governor, 2000, 1.0, 1.0)
    governor.light(50_000.0, 0.0)  # an evaluation between two steps
    after = [step for step in range(2001, 2301) if step_of(governor, step)]
    assert len(after) <= 3


def step_of(governor: Governor, step: int) -> bool:
    if governor.wants(step):
        governor.sample(step, 2.0, 1.0)
        return True
    governor.light(1.0, 0.0)
    return False


def test_every() -> None:
    assert simulate(Governor(None, 5), 12, 1.0, 1.0) == [0, 5, 10]
    assert simulate(Governor(None, 1), 3, 1.0, 1.0) == [0, 1, 2]


def test_a_slow_step_that_is_not_ours_does_not_count_in_full() -> None:
    governor = Governor(0.01)
    for _ in range(10):
        governor.light(0.01, 0.0)
    assert governor.sample(10, 5.0, 0.002) == pytest.approx(0.006)


def run_of(light_own_s: float, steps: int = 5000, budget: float = 0.01) -> Governor:
    """Steps of 5 ms; a sample costs 10 ms."""
    governor = Governor(budget)
    for step in range(steps):
        if governor.wants(step):
            governor.sample(step, 0.015, 0.010)
        else:
            governor.light(0.005, light_own_s)
    return governor


def test_the_more_light_steps_cost_the_rarer_are_samples() -> None:
    """25 s of steps of 5 ms: the whole account stays within the budget."""
    free, dear, beyond = run_of(0.0), run_of(15e-6), run_of(80e-6)
    assert free.spent_s <= 0.01 * 25.5
    assert dear.spent_s <= 0.01 * 25.5
    assert free.sampled > dear.sampled > beyond.sampled
    assert free.excess_of_lights() is None
    assert dear.excess_of_lights() is None


def test_light_steps_that_take_more_than_the_budget_are_told_and_still_some_are_sampled() -> None:
    governor = run_of(80e-6)
    said = governor.excess_of_lights()
    assert said is not None
    assert "budget of 1 %" in said
    assert "80 µs a step, 1.6 % of the training time" in said
    assert governor.sampled == 11 + 3  # steps 0 to 51 whatever they cost, then every fourfold
    assert run_of(80e-6, steps=1000).excess_of_lights() is None  # too short to say
