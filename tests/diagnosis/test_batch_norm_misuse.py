"""Batch normalisation by statistics that do not fit, and by such that do."""

import math
from collections.abc import Sequence

import pytest
from passes import forward
from synthetic import case, falling

from chainrule.diagnosis.faults.batch_norm_misuse import GAP, RATIO, check
from chainrule.records import Finding, NormalizationCall, Place

STEPS = (0, 1, 2, 4, 8, 16, 32, 64, 128)


def found(
    gaps: Sequence[float],
    *,
    training: Sequence[bool] | bool,
    ratios: Sequence[float] = (math.nan,) * len(STEPS),
    values: int = 64,
    losses: Sequence[float] = (),
) -> list[Finding]:
    """Findings of a run with one normalisation, looked at on `STEPS`."""
    modes = [training] * len(gaps) if isinstance(training, bool) else training
    seen = tuple(
        forward(
            step=step,
            normalizations=(
                NormalizationCall(
                    place=Place("net.1", "batch_norm", "train.py:7"),
                    training=mode,
                    values=values,
                    examples=values,
                    gap=gap,
                    deviation_ratio=ratio,
                ),
            ),
        )
        for step, gap, ratio, mode in zip(STEPS, gaps, ratios, modes, strict=False)
    )
    return check(case(losses or falling(200, 2.28), forward_passes=seen))


@pytest.mark.parametrize(("values", "count"), [(1, 1), (2, 1), (3, 0), (64, 0)])
def test_few_values(values: int, count: int) -> None:
    misuses = found([0.5] * 9, training=True, values=values)
    assert len(misuses) == count
    assert all(f.evidence["values_per_channel"].value == values for f in misuses)


@pytest.mark.parametrize(("gap", "count"), [(0.9, 0), (1.1, 1), (math.nan, 0)])
def test_evaluation_mode_with_statistics_of_other_data(gap: float, count: int) -> None:
    misuses = found([gap] * 9, training=False)
    assert len(misuses) == count
    assert all(f.severity == "error" and f.where.module == "net.1" for f in misuses)


def test_a_run_that_learns_with_it_is_a_warning() -> None:
    (finding,) = found([5.0] * 9, training=False, losses=falling(200, 0.5))
    assert finding.severity == "warning"


def test_it_is_told_since_when() -> None:
    (finding,) = found([0.1] * 4 + [2.0] * 5, training=[True] * 4 + [False] * 5)
    assert finding.evidence["first_step_in_evaluation_mode"].value == 8
    assert finding.steps == (8, 199)


def test_one_pass_in_evaluation_mode_is_none() -> None:
    assert found([0.1] * 8 + [5.0], training=[True] * 8 + [False]) == []


@pytest.mark.parametrize(("gap", "count"), [(0.9, 0), (1.1, 1), (math.nan, 0)])
def test_running_statistics_that_do_not_follow(gap: float, count: int) -> None:
    misuses = found([gap] * 9, training=True)
    assert [f.severity for f in misuses] == ["warning"] * count


def test_the_means_of_few_values_are_noise() -> None:
    assert found([1.1] * 9, training=True, values=15) == []


def test_early_running_statistics_may_be_far() -> None:
    assert found([9.0] * 7, training=True) == []  # up to step 32


def test_running_statistics_that_have_settled() -> None:
    assert found([9.0] * 7 + [0.2] * 2, training=True) == []


def divergence(ratio: float, gap: float) -> float:
    """Of N(gap, ratio²) from N(0, 1): Kullback and Leibler (1951)."""
    return (ratio**2 + gap**2) / 2 - 0.5 - math.log(ratio)


def test_both_thresholds_are_the_same_distance() -> None:
    assert divergence(1, GAP) == 0.5
    assert divergence(1 / RATIO, 0) == pytest.approx(0.5, abs=0.005)
    assert divergence(RATIO, 0) > 0.5


RATIOS = [(0.0, 1), (0.05, 1), (0.39, 1), (0.41, 0), (1.0, 0), (2.4, 0), (2.6, 1), (math.nan, 0)]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(("ratio", "count"), RATIOS)
def test_a_deviation_that_does_not_fit(ratio: float, count: int, training: bool) -> None:
    misuses = found([0.1] * 9, ratios=[ratio] * 9, training=training)
    assert [f.severity for f in misuses] == ["warning" if training else "error"] * count
    assert all(f.evidence["deviation_ratio"].value == ratio for f in misuses)


def test_the_deviation_of_few_values_is_noise() -> None:
    assert found([0.1] * 9, ratios=[0.2] * 9, training=False, values=15) == []
    assert found([0.1] * 9, ratios=[0.2] * 9, training=True, values=15) == []


def test_a_running_variance_that_starts_at_1_may_be_far() -> None:
    settling = [math.sqrt(0.01 / (0.01 + 0.99 * 0.9**step)) for step in STEPS]  # momentum 0.1
    assert settling[0] < 1 / RATIO < settling[6]
    assert found([0.1] * 9, ratios=settling, training=True) == []


def test_batches_of_two_kinds_for_one_layer() -> None:
    """A discriminator sees real and generated examples: its running statistics lie between."""
    seen = tuple(
        forward(
            step=step,
            normalizations=tuple(
                NormalizationCall(
                    place=Place("D.1", "batch_norm", f"gan.py:{line}"),
                    training=True,
                    values=64,
                    examples=64,
                    gap=0.1,
                    deviation_ratio=ratio,
                )
                for line, ratio in ([(10, 1.8), (10, 0.2)] if step % 2 == 0 else [(11, 0.2)])
            ),
        )
        for step in (1, *range(2, 128, 15))
    )
    assert check(case(falling(200, 0.5), forward_passes=seen)) == []


def test_the_layer_that_is_farthest_is_told() -> None:
    seen = tuple(
        forward(
            step=step,
            normalizations=tuple(
                NormalizationCall(
                    place=Place(f"net.{layer}", "batch_norm"),
                    training=False,
                    values=64,
                    examples=64,
                    gap=0.1,
                    deviation_ratio=0.3**layer,
                )
                for layer in range(4)
            ),
        )
        for step in STEPS
    )
    (finding,) = check(case(falling(200, 2.28), forward_passes=seen))
    assert finding.evidence["deviation_ratio"].value == pytest.approx(0.027)
    assert "37 times less" in finding.title
    assert "net.3" in finding.explanation


def test_a_single_value_that_ended_the_run() -> None:
    run = case(falling(20, 1.0))
    object.__setattr__(
        run.run, "exception", "ValueError: Expected more than 1 value per channel when training"
    )
    (finding,) = check(run)
    assert "drop_last" in finding.remedies[0].change


def test_no_batch_normalisation_is_no_misuse_of_it() -> None:
    assert check(case(falling(20, 1.0), forward_passes=(forward(),))) == []
    assert check(case([])) == []
