"""Weights that begin alike, too large or too small, and those that only look so."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from passes import compared, forward, graph, parameter, passes, values
from synthetic import case, falling

from chainrule.diagnosis.faults import badly_scaled_initialization, symmetric_initialization
from chainrule.records import (
    FeatureScales,
    Finding,
    LayerCall,
    ParameterSample,
    ParameterState,
    Place,
    StepSample,
)

FLAT = [2.3] * 60
SCALED = FeatureScales(
    features=8,
    smallest_std=1.0,
    median_std=1.0,
    largest_std=1.0,
    largest_offset=0.0,
    constant=0,
    condition=1.0,
    rms_over_std=1.0,
)


class TestSymmetric:
    def found(
        self,
        first: float = 0.0,
        last: float = 0.0,
        gradient: float = 1e-6,
        *,
        shape: tuple[int, ...] = (16, 8),
        steps: Sequence[int] = (0, 2, 32),
        losses: Sequence[float] = FLAT,
    ) -> list[Finding]:
        spreads = [first, *[last] * (len(steps) - 1)]
        seen = tuple(
            forward(
                step=step,
                parameters=(
                    ParameterState(
                        parameter=0, unit_spread=spread, gradient_spread=gradient, carried=0.0
                    ),
                ),
            )
            for step, spread in zip(steps, spreads, strict=True)
        )
        run = case(losses, parameters=(parameter(0, "net.0.weight", shape),), forward_passes=seen)
        return symmetric_initialization.check(run)

    def test_units_that_stay_alike(self) -> None:
        (finding,) = self.found()
        assert finding.severity == "error"
        assert finding.where.module == "net.0"
        assert finding.evidence["units"].value == 16

    def test_a_run_that_learns_all_the_same_is_a_warning(self) -> None:
        (finding,) = self.found(losses=falling(60, 0.5))
        assert finding.severity == "warning"

    @pytest.mark.parametrize(
        ("first", "last", "gradient", "count"),
        [
            (0.0, 9e-3, 9e-3, 1),  # parted by nothing but rounding
            (2e-4, 0.0, 1e-6, 0),
            (0.0, 2e-2, 1e-6, 0),  # they began alike and were parted
            (0.0, 0.0, 2e-2, 0),
            (math.nan, 0.0, 1e-6, 0),  # zeros
            (0.0, 0.0, math.nan, 0),  # no gradient
        ],
    )
    def test_on_either_side_of_each_threshold(
        self, first: float, last: float, gradient: float, count: int
    ) -> None:
        assert len(self.found(first, last, gradient)) == count

    @pytest.mark.parametrize(("steps", "count"), [((0, 1, 8), 1), ((0, 1, 6), 0)])
    def test_an_eighth_of_the_run_is_looked_at(self, steps: Sequence[int], count: int) -> None:
        assert len(self.found(steps=steps)) == count  # of 60

    @pytest.mark.parametrize("shape", [(1, 8), (16,)])
    def test_one_unit_and_scales_are_no_layer(self, shape: tuple[int, ...]) -> None:
        assert self.found(shape=shape) == []

    def in_groups(
        self,
        twins: Sequence[int] = (4, 4, 4),
        *,
        steps: Sequence[int] = (0, 2, 32),
        losses: Sequence[float] = FLAT,
        lines: Sequence[str] = ("NllLoss", "Addmm", "Relu", "Addmm"),
    ) -> list[Finding]:
        made, weights = graph(*lines)
        states = [
            ParameterState(
                parameter=weights[-1].index,
                unit_spread=0.9,
                gradient_spread=0.5,
                carried=0.0,
                twins=of_them,
                units=8,
            )
            for of_them in twins
        ]
        run = case(
            losses,
            samples=passes(made),
            graphs=(made,),
            parameters=weights,
            forward_passes=tuple(
                forward(step=step, parameters=(state,))
                for step, state in zip(steps, states, strict=True)
            ),
        )
        return symmetric_initialization.check(run)

    def test_units_that_are_alike_in_groups(self) -> None:
        (finding,) = self.in_groups()
        assert finding.severity == "error"
        assert finding.title == "4 of the 8 units of part3 began alike and stay alike"
        assert finding.evidence["twins"].value == 4

    @pytest.mark.parametrize(
        "other",
        [
            {"twins": (4, 3, 4)},
            {"twins": (4, 4), "steps": (0, 32)},
            {"steps": (0, 1, 6)},
            {"losses": falling(60, 0.5)},  # it learns all the same
            {"lines": ("NllLoss", "LogSoftmax", "Addmm")},  # outputs that no target asks for
        ],
    )
    def test_groups_that_are_no_fault(self, other: dict[str, Any]) -> None:
        assert self.in_groups(**other) == []

    def test_two_looks_are_none(self) -> None:
        assert self.found(steps=(0, 32)) == []

    @pytest.mark.parametrize(
        ("weight", "gradient", "samples", "count"),
        [
            (0.0, 0.0, 3, 1),
            (0.0, 0.1, 3, 0),  # a last layer of zeros
            (0.1, 0.0, 3, 0),
            (0.0, None, 3, 0),
            (0.0, 0.0, 2, 0),
        ],
    )
    def test_weights_of_zero_with_gradients_of_zero(
        self, weight: float, gradient: float | None, samples: int, count: int
    ) -> None:
        measured = tuple(
            StepSample(
                step=step,
                optimizer=0,
                time_s=0.0,
                overhead_s=0.0,
                parameters=(
                    ParameterSample(
                        parameter=0, gradient_norm=gradient, weight_norm=weight, update_norm=0.0
                    ),
                ),
                backward_passes=(),
            )
            for step in range(samples)
        )
        run = case(FLAT, samples=measured, parameters=(parameter(0, "a.weight", (4, 4)),))
        assert len(symmetric_initialization.check(run)) == count


class TestBadlyScaled:
    def found(
        self,
        gains: Sequence[float],
        losses: Sequence[float],
        *,
        data: float = 1.0,
        function: str = "linear",
    ) -> list[Finding]:
        """Findings of a run whose layers have these factors, as values go forward."""
        size, layers = data, []
        for i, gain in enumerate(gains):
            given, size = size, size * gain
            layers.append(
                LayerCall(
                    place=Place(f"net.{i}", "Linear"),
                    function=function,
                    parameter=i,
                    fan_in=8,
                    given=values((8, 8), rms=given),
                    made=values((8, 8), rms=size),
                    scales=None if i else SCALED,
                )
            )
        start = values((), mean=losses[0])
        call = compared("cross_entropy_loss", values((64, 10)), values((64,), 0, 9), made=start)
        made, parameters = graph("NllLoss", "LogSoftmax", "Addmm")
        run = case(
            losses,
            samples=passes(made),
            graphs=(made,),
            parameters=parameters,
            forward_passes=(forward(call, layers=tuple(layers)),),
        )
        return badly_scaled_initialization.check(run)

    @pytest.mark.parametrize("data", [1.0, 80.0])  # large data are one mistake more, not none
    def test_a_signal_that_grows(self, data: float) -> None:
        (finding,) = self.found([8, 22, 22], falling(60, 40, first=900), data=data)
        assert finding.severity == "error"
        assert finding.evidence["largest_gain"].value == pytest.approx(22)
        assert finding.evidence["share_above_constant"].value == 1

    def test_a_run_that_comes_down_late_is_a_warning(self) -> None:
        losses = [100 * 0.93**i for i in range(100)]
        (finding,) = self.found([8, 22, 22], losses)
        assert finding.severity == "warning"

    @pytest.mark.parametrize(
        ("gains", "losses", "data"),
        [
            ([1.4, 1.4, 2.9], falling(60, 40, first=900), 1.0),
            ([8, 22, 22], falling(60, 2, first=9), 1.0),  # a first loss of 4 times ln 10
            ([8, 22, 22], [100 * 0.8**i for i in range(100)], 1.0),  # it comes down soon
            ([1.4, 1.4, 2.9], falling(60, 40, first=900), 80.0),  # the data are what is large
        ],
    )
    def test_on_the_other_side_of_each_threshold(
        self, gains: list[float], losses: list[float], data: float
    ) -> None:
        assert self.found(gains, losses, data=data) == []

    def test_an_overflow(self) -> None:
        losses = [*falling(10, 900, first=500), *[math.nan] * 20]
        (finding,) = self.found([8, 22, 22], losses)
        assert finding.severity == "error"

    def backwards(
        self, gains: Sequence[float], losses: Sequence[float], between: float = 1.0
    ) -> list[Finding]:
        """The same of factors as gradients go back, with a normalisation between the layers."""
        names, sizes, size = ["NllLoss", "LogSoftmax"], {0: 1.0, 1: 1.0}, 1.0
        for gain in gains:
            names += ["Addmm", "NativeLayerNorm"]
            sizes |= {len(names) - 2: size, len(names) - 1: size * gain}
            size *= gain * between
        names.append("Addmm")
        sizes[len(names) - 1] = size
        made, parameters = graph(*names)
        lines = [f"train.py:{i + 1}" for i in range(len(names))]
        norms = [sizes[lines.index(n.place.source)] if n.place.source else size for n in made.nodes]
        return badly_scaled_initialization.check(
            case(losses, samples=passes(made, norms=norms), graphs=(made,), parameters=parameters)
        )

    def test_a_signal_that_dies(self) -> None:
        (finding,) = self.backwards([0.05] * 4, FLAT)
        assert finding.severity == "error"
        assert finding.evidence["product_of_gains"].value == pytest.approx(0.05**4)
        assert finding.chain

    @pytest.mark.parametrize(
        ("gains", "losses", "between"),
        [
            ([0.05] * 4, falling(60, 1.9), 1.0),  # it learns
            ([0.58] * 14, FLAT, 1.0),  # PyTorch's own weights
            ([0.03] * 2, FLAT, 1.0),
            ([0.15] * 3, FLAT, 1.0),  # 3·10⁻³ are left
            ([0.1] * 4, FLAT, 10.0),  # normalised between the layers
        ],
    )
    def test_other_small_factors_are_no_fault(
        self, gains: list[float], losses: list[float], between: float
    ) -> None:
        assert self.backwards(gains, losses, between) == []

    def test_growth_on_the_way_back(self) -> None:
        assert self.backwards([4.0] * 3, falling(60, 40, first=900))
        assert self.backwards([2.9] * 3, falling(60, 40, first=900)) == []

    def test_a_bias_is_no_growth(self) -> None:
        assert self.found([8, 22], falling(60, 40, first=900), data=0.01) == []

    def test_embeddings_are_no_products(self) -> None:
        assert self.found([8, 22], falling(60, 40, first=900), function="embedding") == []


@pytest.mark.parametrize(
    "check", [symmetric_initialization.check, badly_scaled_initialization.check]
)
@pytest.mark.parametrize("losses", [[], [math.nan], [0.0]])
def test_runs_of_nothing(check: object, losses: list[float]) -> None:
    assert callable(check)
    assert check(case(losses)) == []
