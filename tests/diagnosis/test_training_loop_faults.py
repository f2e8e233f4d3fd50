"""Gradients thrown away, added up or turned round: on records made by hand."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from passes import forward, graph, parameter, passes
from synthetic import case, falling, scan

from chainrule.diagnosis.faults import (
    frozen_parameters,
    gradient_ascent,
    gradients_accumulate,
    gradients_zeroed,
)
from chainrule.records import Finding, ParameterSample, ParameterState, StepSample

FLAT = [2.3] * 60
MADE, WEIGHTS = graph("NllLoss", "LogSoftmax", "Addmm")


def sampled(
    used: Sequence[float | None], brought: float = 1.0, steps: Sequence[int] = (0, 8, 16, 32)
) -> tuple[StepSample, ...]:
    """Steps whose pass brought so much to each parameter, and what the optimizer found of it."""
    norms = [1.0] * 3 + [brought] * 2
    return tuple(
        replace(
            sample,
            parameters=tuple(
                ParameterSample(
                    parameter=i, gradient_norm=norm, weight_norm=1.0, update_norm=norm or 0.0
                )
                for i, norm in enumerate(used)
            ),
        )
        for sample in passes(MADE, steps, norms=norms)
    )


class TestZeroed:
    def found(
        self, samples: tuple[StepSample, ...], losses: Sequence[float] = FLAT
    ) -> list[Finding]:
        run = case(losses, samples=samples, graphs=(MADE,), parameters=WEIGHTS)
        return gradients_zeroed.check(run)

    @pytest.mark.parametrize("used", [0.0, None])
    def test_what_was_brought_and_not_used(self, used: float | None) -> None:
        (finding,) = self.found(sampled([used, used]))
        assert finding.severity == "error"
        assert finding.evidence["gradient_brought"].value == 1.0
        assert finding.evidence["parameters"].value == 2

    def test_a_part_of_it_is_a_warning_or_a_note(self) -> None:
        (finding,) = self.found(sampled([0.0, 1.0]))
        assert finding.severity == "warning"
        assert "part2" in finding.title
        (finding,) = self.found(sampled([0.0, 1.0]), falling(60, 0.2))
        assert finding.severity == "note"

    @pytest.mark.parametrize(
        "samples",
        [
            sampled([1e-30, 1e-30]),
            sampled([math.nan, math.nan]),
            sampled([0.0, 0.0], brought=0.0),
            sampled([0.0, 0.0], brought=math.inf),
            sampled([0.0, 0.0], steps=(0, 8)),
            (*sampled([0.0, 0.0], steps=(0, 1, 2)), *sampled([1.0, 1.0], steps=(8,))),
            (),
        ],
        ids=["tiny", "nan", "brought 0", "overflow", "two steps", "skipped at first", "nothing"],
    )
    def test_what_is_no_fault(self, samples: tuple[StepSample, ...]) -> None:
        assert self.found(samples) == []


def looked(carried: Sequence[float], passes_since: int = 1) -> tuple[Any, ...]:
    """Steps looked into, with the RMS of `.grad` before their first pass."""
    return tuple(
        forward(
            step=8 * i,
            passes_since_step=passes_since,
            parameters=tuple(
                ParameterState(parameter=k, unit_spread=1.0, gradient_spread=1.0, carried=rms)
                for k in (0, 1)
            ),
        )
        for i, rms in enumerate(carried)
    )


class TestAccumulate:
    def found(
        self,
        carried: Sequence[float],
        used: float = 3.0,
        losses: Sequence[float] = FLAT,
        **more: Any,
    ) -> list[Finding]:
        run = case(
            losses,
            samples=sampled([used, used]),
            graphs=(MADE,),
            parameters=WEIGHTS,
            forward_passes=looked(carried, **more),
        )
        return gradients_accumulate.check(run)

    def test_gradients_that_were_there_before_the_first_pass(self) -> None:
        (finding,) = self.found([0.0, 0.1, 0.2])
        assert finding.severity == "error"
        assert finding.evidence["gradient_growth"].value == pytest.approx(3.0)
        assert "3 times its own" in finding.title
        (finding,) = self.found([0.0, 0.1, 0.2], used=0.1)  # clipped
        assert "times" not in finding.title

    def test_a_run_that_learns_all_the_same_is_a_warning(self) -> None:
        (finding,) = self.found([0.0, 0.1, 0.2], losses=falling(60, 0.2))
        assert finding.severity == "warning"

    @pytest.mark.parametrize(
        "carried",
        [
            [0.0, 0.0, 0.0],
            [0.1, 0.0, 0.1],
            [0.0, 0.1, 0.1, 0.0, 0.0, 0.0],
            [0.0, 0.1],
            [0.0, math.nan, math.nan],
        ],
    )
    def test_what_is_no_fault(self, carried: Sequence[float]) -> None:
        assert self.found(carried) == []

    def test_set_to_zero_once_an_epoch_and_broken_later(self) -> None:
        assert len(self.found([0.0, 0.1, 0.1, 0.0, 0.1])) == 1
        broken = [*[2.3] * 20, *[math.nan] * 40]  # from step 20 on, and looks at 24 and 32
        assert len(self.found([0.0, 0.1, 0.1, math.nan, math.nan], losses=broken)) == 1

    def test_growth_alone_must_be_growth(self) -> None:
        def of(early: float, late: float) -> list[Finding]:
            samples = (
                *sampled([early, early], steps=(0,)),
                *sampled([late, late], steps=(8, 16, 32)),
            )
            run = case(FLAT, samples=samples, graphs=(MADE,), parameters=WEIGHTS)
            return gradients_accumulate.check(run)

        assert len(of(1.0, 2.1)) == 1
        assert of(1.0, 1.9) == []
        assert of(10.0, 10.0) == []  # multiplied by ten on purpose

    def test_of_two_optimizers_that_share_a_pass_one_is_not_set_to_zero(self) -> None:
        samples = []
        for i, used in enumerate([1.0, 4.0, 9.0, 16.0]):
            (first,) = sampled([1.0, 1.0], steps=(8 * i,))
            (second,) = sampled([used, used], steps=(8 * i + 1,))
            samples += [first, replace(second, optimizer=1, backward_passes=())]
        run = case(FLAT, samples=samples, graphs=(MADE,), parameters=WEIGHTS)
        run.optimizers = (*run.optimizers, replace(run.optimizers[0], index=1))
        (finding,) = gradients_accumulate.check(run)
        assert finding.evidence["gradient_growth"].value == pytest.approx(16.0)

    def test_nothing_seen(self) -> None:
        assert gradients_accumulate.check(case([])) == []


class TestAscent:
    def found(
        self,
        *names: str,
        losses: Sequence[float],
        promised: Sequence[float] = (),
        sizes: Sequence[int] = (),
    ) -> list[Finding]:
        made, weights = graph(*names, "Addmm")
        run = case(
            losses,
            [replace(scan(s, 1.0), promised=p) for s, p in enumerate(promised)],
            samples=passes(made, numels=sizes),
            graphs=(made,),
            parameters=weights,
        )
        return gradient_ascent.check(run)

    @pytest.mark.parametrize(
        "names",
        [
            ("Neg", "NllLoss", "LogSoftmax"),
            ("Mul", "MseLoss"),
            ("Mean", "Index", "LogSoftmax"),
            ("Neg", "Mean", "Pow", "Sub"),
            ("Div", "Neg", "BinaryCrossEntropyWithLogits"),
        ],
        ids="/".join,
    )
    def test_an_error_below_zero(self, names: tuple[str, ...]) -> None:
        (finding,) = self.found(*names, losses=falling(60, -50.0, first=-2.3, noise=0.0))
        assert finding.severity == "error"
        assert finding.evidence["error_growth"].value > 10

    @pytest.mark.parametrize(
        ("names", "to"),
        [
            (("Neg", "NllLoss", "LogSoftmax"), -0.1),  # not falling
            (("NllLoss",), 0.2),  # not below 0
            (("Neg", "Mean", "Sigmoid"), -50.0),  # a critic
            (("Add", "NllLoss"), -50.0),  # may be one of several terms
            (("Mean", "Index", "Log", "Exp"), -50.0),  # a density may be above 1
            (("Mean", "LogSoftmax"), -50.0),  # nothing was picked
        ],
    )
    def test_what_may_be_below_zero(self, names: tuple[str, ...], to: float) -> None:
        first = 2.3 if to > 0 else -2.3
        assert self.found(*names, losses=falling(60, to, first=first, noise=0.0)) == []

    def test_weights_of_single_examples_are_no_sign(self) -> None:
        losses = falling(60, -50.0, first=-2.3, noise=0.0)
        names = ("Mean", "Mul", "Index", "LogSoftmax")  # a policy gradient
        assert self.found(*names, losses=losses, sizes=(1, 64, 64)) == []

    def test_steps_that_go_up(self) -> None:
        rising = falling(60, 50.0)
        (finding,) = self.found("MseLoss", losses=rising, promised=[1.0, 2.0])
        assert finding.evidence["steps_uphill"].value == 1.0
        assert self.found("MseLoss", losses=rising, promised=[1.0]) == []
        assert self.found("MseLoss", losses=rising, promised=[1.0] * 8 + [-1.0]) == []
        assert self.found("MseLoss", losses=falling(60, 0.5), promised=[1.0, 2.0]) == []
        assert self.found("Mean", losses=rising, promised=[1.0, 2.0]) == []  # maximised on purpose

    def test_nothing_seen(self) -> None:
        assert gradient_ascent.check(case([])) == []
        assert self.found("MseLoss", losses=[math.nan] * 20) == []


class TestFrozen:
    def found(self, *frozen: bool, root: str = "net") -> list[Finding]:
        parameters = tuple(
            parameter(
                i,
                f"{root}.{i}.weight",
                (4, 4),
                root=root,
                requires_grad=not off,
                optimizers=() if off else (0,),
            )
            for i, off in enumerate(frozen)
        )
        return frozen_parameters.check(case(FLAT, parameters=parameters))

    def test_the_first_ones_look_like_fine_tuning(self) -> None:
        (finding,) = self.found(True, True, False)
        assert finding.severity == "note"
        assert "fine-tuning" in finding.explanation
        assert finding.evidence["frozen_share"].value == pytest.approx(2 / 3)

    def test_others_between_are_told(self) -> None:
        (finding,) = self.found(False, True, False)
        assert "fine-tuning" not in finding.explanation

    def test_a_whole_model_or_none_is_no_word(self) -> None:
        assert self.found(True, True) == []
        assert self.found(False, False) == []
        assert self.found() == []
