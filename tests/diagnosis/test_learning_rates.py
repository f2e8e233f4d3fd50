"""Too high and too low, on runs made of numbers: the border between slow, short and harmed."""

import math
from dataclasses import replace

import pytest
from synthetic import bend, case, classified, falling, scan

from chainrule.diagnosis.faults import learning_rate_too_high as too_high
from chainrule.diagnosis.faults import learning_rate_too_low as too_low
from chainrule.diagnosis.pace import pace, steps_needed
from chainrule.records import OptimizerOutline, ParameterSample, StepSample, StepScan

SHORT = [scan(step, 256.0) for step in (1, 2, 4, 8)]


def test_the_beginning_of_a_run_is_not_too_low() -> None:
    # 45 steps of SGD(0.01, momentum 0.9) on digits: 2.31 to 2.23, and 0.18 after 450
    assert too_low.check(case(falling(45, 2.23, first=2.31, noise=0.01), SHORT)) == []
    assert too_low.check(case(falling(12, 2.28, first=2.31, noise=0.01), SHORT)) == []


def test_a_short_run_that_would_stand_still_for_long_is_too_low() -> None:
    (found,) = too_low.check(case(falling(232, 2.295, noise=0.01), SHORT))
    assert found.severity == "error"
    assert found.evidence["loss_ratio_in_1000_steps"].value > 0.9


@pytest.mark.parametrize(
    ("best", "drift", "named"),
    [
        (2048.0, 0.0, True),  # undone, the steps would still be short
        (512.0, 0.0, False),  # undone, they would be too long: it was the rate's counterweight
        (2048.0, 0.1, False),  # another term: the quotient is not one constant
    ],
)
def test_steps_that_a_divided_loss_made_short_are_too_short_however_few(
    best: float, drift: float, named: bool
) -> None:
    losses = [v / 1024 for v in falling(240, 2.15, noise=0.01)]  # carried on, a tenth in 1,000
    scans = [scan(s, best, before=0.00224, lowest=0.002, after=0.0022399) for s in (1, 2, 4, 8)]
    passes = [classified(s, losses[s] * 1024 * (1 + drift * s)) for s in (1, 2, 4, 8)]
    found = too_low.check(case(losses, scans, forward_passes=passes))
    assert [f.fault for f in found] == [too_low.NAME] * named
    if found:
        assert found[0].evidence["loss_divided_by"].value == pytest.approx(1024)
        assert "divided by 1,024" in found[0].explanation
        assert too_low.check(case(losses, scans)) == []  # what divides it was not seen


def on_its_own_batch_only(scan: StepScan) -> StepScan:
    """The same step, whose update leads upwards on the other batch from the start."""
    return replace(scan, other_losses=tuple(2.3 + alpha for alpha in scan.multiples))


@pytest.mark.parametrize(
    ("against", "lowest", "named"),
    [
        ([16], 2.1, True),  # Adadelta(lr=0.001) on digits: one batch of four pulled another way
        ([16], 2.295, False),  # a best step gains what this run gains in some steps
        ([8, 16], 2.1, False),
    ],
)
def test_one_batch_of_four_may_pull_another_way(
    against: list[int], lowest: float, named: bool
) -> None:
    scans = [scan(step, 8192.0, lowest=lowest) for step in (1, 2, 4, 6, 8, 16, 32, 64)]
    scans = [on_its_own_batch_only(s) if s.step in against else s for s in scans]
    found = too_low.check(case(falling(220, 2.295, noise=0.01), scans))
    assert [f.fault for f in found] == [too_low.NAME] * named
    if found:
        assert found[0].evidence["agreeing_scans"].value == 0.75
        assert "On 1 of 4" in found[0].explanation


@pytest.mark.parametrize(
    ("best", "rates", "named"),
    [
        (4096.0, {0: 1e-4, 120: 5e-5}, True),
        (4096.0, {0: 1e-6, 20: 1e-4, 120: 5e-5}, True),  # with a warm-up before
        (64.0, {0: 1e-4, 120: 5e-5}, False),  # at the rate asked for they would be too long
        (4096.0, {0: 1e-6, 200: 1e-4}, False),  # a warm-up that has not come far
        (4096.0, {0: 1e-3}, False),  # a tenth: not far below
    ],
)
def test_a_schedule_that_never_gives_the_rate_asked_for(
    best: float, rates: dict[int, float], named: bool
) -> None:
    # LambdaLR(opt, lambda epoch: lr * ...): the rate where a factor is wanted
    scans = [scan(s, best, rate=1e-4) for s in (1, 2, 4, 8)]
    losses = falling(240, 2.15, noise=0.01)  # carried on, a tenth in 1,000
    made = OptimizerOutline(
        index=0, kind="SGD", hyperparameters={"lr": rates[0], "initial_lr": 0.01}
    )
    found = too_low.check(case(losses, scans, rates=rates, optimizers=(made,)))
    assert [f.fault for f in found] == [too_low.NAME] * named
    if found:
        assert found[0].evidence["rate_divided_by"].value == pytest.approx(100)
        assert found[0].evidence["rate_asked_for"].value == 0.01
        assert "multiplies the optimizer's lr" in found[0].remedies[1].change
        assert too_low.check(case(losses, scans, rates=rates)) == []


@pytest.mark.parametrize(
    ("most", "warm", "named"),
    [
        (1e-5, 60, True),  # Noam's schedule, which gives rates, as the factor of another rate
        (1e-5, 180, False),  # still warming up for most of the run
        (1e-3, 60, False),  # a step at the largest rate would not be too short
    ],
)
def test_scans_of_a_warm_up_count_where_the_later_ones_are_too_few(
    most: float, warm: int, named: bool
) -> None:
    rates = {0: most / warm, warm // 4: most / 4, warm: most, 240: 0.4 * most}
    at = {1: most / 60, 2: most / 30, 4: most / 15, 8: most / 8, 64: most, 230: 0.6 * most}
    scans = [scan(s, 2e-3 / rate, rate=rate) for s, rate in at.items()]
    made = OptimizerOutline(index=0, kind="Adam", hyperparameters={"lr": most, "initial_lr": 1e-3})
    losses = falling(250, 2.15, noise=0.01)
    found = too_low.check(case(losses, scans, rates=rates, optimizers=(made,)))
    assert [f.fault for f in found] == [too_low.NAME] * named


def used(step: int, norm: float) -> StepSample:
    """A step whose optimizer got a gradient of this length."""
    weight = ParameterSample(parameter=0, gradient_norm=norm, weight_norm=1.0, update_norm=0.1)
    return StepSample(
        step=step,
        optimizer=0,
        time_s=0.0,
        overhead_s=0.0,
        parameters=(weight,),
        backward_passes=(),
    )


@pytest.mark.parametrize(
    ("norm", "best", "kind", "named"),
    [
        (1e-3, 2048.0, "SGD", True),  # clip_grad_norm_(parameters, 1e-3)
        (1e-2, 512.0, "SGD", True),
        (1e-3, 512.0, "SGD", False),  # with all of it the steps would be too long
        (0.5, 2048.0, "SGD", False),  # clipped, and not what makes them short
        (1e-3, 2048.0, "Adam", False),  # its steps are as long with a tenth of the gradient
    ],
)
def test_steps_that_a_tight_clip_made_short(
    norm: float, best: float, kind: str, named: bool
) -> None:
    losses = falling(240, 2.15, noise=0.01)  # carried on, a tenth in 1,000
    scans = [scan(s, best) for s in (1, 2, 4, 8)]
    made = OptimizerOutline(index=0, kind=kind, hyperparameters={})
    samples = [used(s, norm) for s in (1, 2, 4, 8)]
    found = too_low.check(case(losses, scans, samples=samples, optimizers=(made,)))
    assert [f.fault for f in found] == [too_low.NAME] * named
    if found:
        assert found[0].evidence["gradient_shortened_by"].value == pytest.approx(1 / norm)
        assert "clip at a norm" in found[0].remedies[1].change


def test_a_long_run_is_judged_by_what_it_gained() -> None:
    (found,) = too_low.check(case(falling(1500, 2.15), SHORT))
    assert "loss_ratio_in_1000_steps" not in found.evidence
    assert too_low.check(case(falling(1500, 2.0), SHORT)) == []


def test_too_few_losses_say_nothing() -> None:
    assert too_low.check(case(falling(9, 2.3), SHORT)) == []


def test_too_low_says_in_how_many_steps_the_run_gains_as_much_as_one_best_step() -> None:
    run = case(falling(300, 2.295, noise=0.01), SHORT)
    (found,) = too_low.check(run)
    slope = pace(run)
    assert slope is not None and slope.low < 0
    assert found.evidence["steps_for_one_best_step"].value == pytest.approx(0.3 / -slope.low)
    assert "takes at least" in found.explanation
    assert slope.promised == pytest.approx(-1e-3) and "∇L·Δθ" in found.explanation


def test_a_loss_that_does_not_fall_never_gets_there() -> None:
    slope = pace(case([2.3] * 300, SHORT))
    assert slope is not None
    assert math.isinf(steps_needed(slope, 0.3))


def overshooting(*steps: int) -> list[StepScan]:
    high = [scan(s, 0.125, before=2.4, lowest=2.2, after=4.4) for s in steps]
    return [*high, *(scan(s, 1.0, before=2.0, lowest=1.9, after=1.9) for s in (32, 64, 128))]


HARMED = falling(232, 1.4)  # Adam(0.1) on a tanh MLP: 2.3 to 1.7, where 0.001 reaches 0.27


def test_steps_that_did_harm_are_a_warning_though_the_loss_fell() -> None:
    scans = overshooting(1, 2, 4)
    (found,) = too_high.check(case(HARMED, scans, [bend(s, 3.0) for s in (1, 2, 4)]))
    assert found.severity == "warning"
    assert found.evidence["change_by_the_scanned_steps"].value > 0
    assert found.evidence["loss_ratio"].threshold == 0.5
    assert found.evidence["steps_for_one_best_step"].value > 1


@pytest.mark.parametrize(
    ("losses", "share"),
    [
        (HARMED, 0.5),  # far from the limit: the noise of small batches
        (HARMED, None),  # not measured
        (falling(232, 0.2), 3.0),  # the loss was more than halved: catapulted at the start
    ],
)
def test_overshooting_without_harm_is_no_fault(losses: list[float], share: float | None) -> None:
    bends = [bend(s, share) for s in (1, 2, 4)] if share is not None else []
    assert too_high.check(case(losses, overshooting(1, 2, 4), bends)) == []


@pytest.mark.parametrize(("before", "digit"), [(10.5, 2.0**-49), (2.5, 2.0**-22)])
def test_steps_that_change_only_the_last_digit_of_the_loss_do_not_overshoot(
    before: float, digit: float
) -> None:
    """At a saddle each step is lost in the rounding of the loss, whichever length is the best."""
    still = [scan(s, 1 / 8, before=before, lowest=before - digit, after=before) for s in (1, 2, 4)]
    assert not any(s.overshoots for s in still)
    assert too_high.check(case(falling(150, before), still)) == []
    moved = [
        scan(s, 1 / 8, before=before, lowest=before - 40 * digit, after=before) for s in (1, 2)
    ]
    assert all(s.overshoots for s in moved)


def test_overshooting_steps_that_later_ones_made_good_are_no_fault() -> None:
    scans = [*overshooting(1, 2), *(scan(s, 1.0, lowest=1.2, after=1.2) for s in (16, 256, 512))]
    made_good = [*scans, scan(1024, 1.0, before=4.0, lowest=1.5, after=1.5)]
    assert too_high.check(case(HARMED, made_good, [bend(s, 3.0) for s in (1, 2)])) == []


def test_the_count_of_replayed_steps_is_the_count_of_scans() -> None:
    (found,) = too_high.check(case(falling(232, 2.35), overshooting(1, 2)))
    assert found.severity == "error"
    assert "On 2 steps of the 2 replayed with the same data up to step 2 (of 5 in all)" in (
        found.explanation
    )


def test_a_loss_below_zero_that_falls_has_learned() -> None:
    over = [scan(s, 0.125, before=-9.5, lowest=-9.6, after=-9.3) for s in (1, 2, 4, 8)]
    assert too_high.check(case(falling(100, -9.99, first=-9.3, noise=0.0), over)) == []
    (found,) = too_high.check(case(falling(100, -8.0, first=-9.3, noise=0.0), over))
    assert found.severity == "error"
    assert found.evidence["loss_change"].value == pytest.approx(1.3, abs=0.1)
    assert "loss_ratio" not in found.evidence


def test_a_run_is_judged_by_what_it_did_before_it_broke() -> None:
    over = [scan(s, 0.125, after=2.4) for s in (1, 2, 4, 8)]
    learned = [*falling(100, 0.5), *[math.nan] * 50]
    assert too_high.check(case(learned, over)) == []
    assert len(too_high.check(case([*falling(100, 9.0), *[math.inf] * 50], over))) == 1
    assert too_low.check(case([*falling(1500, 0.5), *[math.nan] * 50], SHORT)) == []
