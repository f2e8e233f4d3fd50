"""Data in their own units, and data that only look so."""

import math
from typing import Any

import pytest
from passes import compared, forward, graph, passes, values
from synthetic import case, falling, scan

from chainrule.diagnosis.faults.unscaled_input import check
from chainrule.records import Activation, FeatureScales, Finding, LayerCall, Place

FLAT = [2.3] * 60


def scales(**facts: float) -> FeatureScales:
    usual = {
        "smallest_std": 1.0,
        "median_std": 1.0,
        "largest_std": 1.0,
        "largest_offset": 0.1,
        "condition": 3.0,
        "rms_over_std": 1.0,
    }
    return FeatureScales(features=8, constant=0, **{**usual, **facts})


def found(
    rms: float = 1.0,
    losses: list[float] | None = None,
    *,
    function: str = "linear",
    flat: float = 0.0,
    best: float = 1.0,
    integral: bool = False,
    **facts: float,
) -> list[Finding]:
    layer = LayerCall(
        place=Place("net.0", "Linear"),
        function=function,
        parameter=1,
        fan_in=8,
        given=values((64, 8), rms=rms, integral=integral),
        made=values((64, 16), rms=rms),
        scales=scales(**facts),
    )
    losses = losses or FLAT
    call = compared(
        "cross_entropy_loss",
        values((64, 10)),
        values((64,), 0, 9),
        made=values((), mean=losses[0]),
    )
    made, parameters = graph("NllLoss", "LogSoftmax", "Tanh", "Addmm")
    activation = Activation(2, 0.1, 0.0, flat, 0.0, 64, 16, b"")
    return check(
        case(
            losses,
            samples=passes(made, activations=(activation,)),
            graphs=(made,),
            parameters=parameters,
            forward_passes=(forward(call, layers=(layer,)),),
            scans=[scan(step, best) for step in (1, 2, 4, 8)],
        )
    )


@pytest.mark.parametrize(
    "facts", [{"rms": 10.1}, {"largest_std": 10.1}, {"rms_over_std": 10.1}, {"rms": 300.0}]
)
def test_a_bad_scale_and_a_run_that_does_not_learn(facts: dict[str, float]) -> None:
    (finding,) = found(**facts)
    assert finding.severity == "error"
    assert finding.where.module == "net.0"


@pytest.mark.parametrize(
    "facts",
    [
        {"rms": 9.9},
        {"largest_std": 9.9},
        {"rms_over_std": 9.9},
        {"smallest_std": 1e-4, "condition": 1e9},  # pixels at the border
        {},
    ],
)
def test_scales_that_are_not_bad(facts: dict[str, float]) -> None:
    assert found(**facts) == []


def test_a_run_that_learns_has_no_such_fault() -> None:
    assert found(300.0, falling(60, 1.1, noise=0)) == []
    (finding,) = found(300.0, falling(60, 1.3, noise=0))
    assert finding.severity == "warning"


def test_numbers_that_are_looked_up_are_no_data() -> None:
    assert found(300.0, function="embedding") == []


def test_a_saturated_first_layer_is_harm_enough() -> None:
    losses = falling(60, 0.5, noise=0)
    assert found(300.0, losses, flat=0.4) == []
    (finding,) = found(300.0, losses, flat=0.6)
    assert finding.evidence["small_derivatives"].value == pytest.approx(0.6)
    assert found(300.0, falling(60, 0.1, noise=0), flat=0.6) == []


@pytest.mark.parametrize(
    ("rms", "best", "integral", "count"),
    [
        (0.05, 32.0, False, 1),
        (0.05, 8.0, False, 0),
        (0.2, 32.0, False, 0),
        (0.05, 32.0, True, 0),  # one-hot vectors
    ],
)
def test_small_data_count_if_longer_steps_would_be_better(
    rms: float, best: float, integral: bool, count: int
) -> None:
    assert len(found(rms, best=best, integral=integral)) == count


def test_an_overflow_by_large_data() -> None:
    (finding,) = found(300.0, [500.0, 900.0, *[math.nan] * 9])
    assert finding.evidence["first_step_not_finite"].value == 2
    assert found(0.05, [500.0, 900.0, *[math.nan] * 9]) == []


class TestTargets:
    def found(
        self,
        low: float = 25,
        high: float = 346,
        end: float = 4e4,
        prediction: float = 0.3,
        **more: Any,
    ) -> list[Finding]:
        start = 5.5e4
        call = compared(
            "mse_loss",
            values((64, 1), rms=prediction),
            values((64, 1), low, high),
            made=values((), mean=start),
            **more,
        )
        losses = [start, *falling(60, end, first=start, noise=0)]
        return check(case(losses, forward_passes=(forward(call),)))

    def test_that_are_large_and_not_reached(self) -> None:
        (finding,) = self.found()
        variance = ((346 - 25) / 2) ** 2
        assert finding.evidence["missed"].value == pytest.approx(4e4 / variance, rel=0.05)

    @pytest.mark.parametrize(
        "facts",
        [
            {"end": 2e4},  # better than the mean of the targets
            {"prediction": 30.0},
            {"low": -9, "high": 9},
            {"after": ("Tanh",)},  # they are out of reach: a misuse of the loss
        ],
    )
    def test_on_the_other_side_of_each_threshold(self, facts: dict[str, Any]) -> None:
        assert self.found(**facts) == []


@pytest.mark.parametrize("losses", [[], [math.nan], [0.0]])
def test_runs_of_nothing(losses: list[float]) -> None:
    assert check(case(losses)) == []
    assert check(case(losses, forward_passes=(forward(),))) == []


@pytest.mark.parametrize("condition", [1.0, 1e9, math.nan])
def test_the_condition_of_all_directions_decides_nothing(condition: float) -> None:
    """Of digits it is 4e5, for some pixels are hardly ever used, and yet they are learned."""
    assert found(condition=condition) == []
    (finding,) = found(largest_std=20.0, condition=condition)
    assert "the largest feature bends the loss 400 times as much" in finding.explanation
    assert "this run had 60." in finding.explanation
    (finding,) = found(rms_over_std=30.0, condition=condition)
    assert "the mean of the data bends the loss 900 times as much" in finding.explanation
