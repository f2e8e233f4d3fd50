"""Rates that come at the wrong time, weights that a penalty shrinks: on records made by hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from passes import graph, passes
from synthetic import case, falling, scan

from chainrule.diagnosis.faults import schedule_out_of_step, weight_decay_too_strong
from chainrule.records import (
    Edge,
    Event,
    Finding,
    Graph,
    Node,
    OptimizerOutline,
    ParameterSample,
    Place,
    Scheduler,
)


def dropping(steps: int, until: int, to: float) -> list[float]:
    """Losses that fall up to a step and stay."""
    return [*falling(until, to, noise=0.001), *[to] * (steps - until)]


class TestSchedule:
    def found(
        self, rates: Mapping[int, float], losses: Sequence[float], **settings: Any
    ) -> list[Finding]:
        schedulers = (Scheduler(index=0, optimizer=0, **settings),) if settings else ()
        return schedule_out_of_step.check(case(losses, rates=rates, schedulers=schedulers))

    def test_a_rate_that_is_gone_while_the_loss_falls(self) -> None:
        rates = {0: 0.1, 20: 0.01, 40: 0.001}
        (finding,) = self.found(rates, dropping(400, 40, 1.8))
        assert finding.severity == "error"
        assert finding.evidence["rate_gone_at"].value == pytest.approx(0.1)
        assert finding.evidence["loss_slope_before"].value < 0
        (finding,) = self.found(rates, dropping(400, 40, 0.8))
        assert finding.severity == "warning"

    @pytest.mark.parametrize(
        ("at", "best", "lowest", "named"),
        [
            ((64, 256), 1e3, 0.45, True),  # one step of the old length would gain a tenth
            ((64, 256), 1e3, 0.499, False),  # nothing to gain any more
            ((64, 256), 16.0, 0.45, False),  # a far shorter one would
            ((8, 16), 1e3, 0.45, False),  # before the rate was gone
            ((256,), 1e3, 0.45, False),  # one may be an accident
        ],
    )
    def test_a_rate_that_was_gone_before_the_steps_were_done(
        self, at: Sequence[int], best: float, lowest: float, named: bool
    ) -> None:
        # a ReduceLROnPlateau that is stepped with the loss of each batch
        scans = [scan(s, best, before=0.5, lowest=lowest, after=0.5, rate=1e-4) for s in at]
        losses = dropping(400, 40, 0.5)
        found = schedule_out_of_step.check(case(losses, scans, rates={0: 0.1, 40: 1e-4}))
        assert [f.severity for f in found] == ["warning"] * named
        if found:
            assert found[0].evidence["fall_of_one_step"].value == pytest.approx(0.1)

    @pytest.mark.parametrize(
        ("rates", "losses"),
        [
            ({0: 0.1, 40: 0.0011}, dropping(400, 40, 1.8)),
            ({0: 0.1, 210: 0.001}, dropping(400, 210, 1.8)),  # in the later half
            ({0: 0.1, 40: 0.001}, dropping(400, 40, 0.5)),  # it has learned
            ({0: 0.1, 40: 0.001}, [2.3] * 400),  # it had not been falling
            ({0: 0.1, 40: 0.001, 300: 0.1}, dropping(400, 40, 1.8)),  # it comes back
            ({0: 0.1}, dropping(400, 40, 1.8)),
            ({0: 0.0, 40: 0.0}, dropping(400, 40, 1.8)),
            ({0: 0.1, 40: 0.001}, [math.nan] * 400),
            ({}, []),
        ],
    )
    def test_what_is_no_fault(self, rates: Mapping[int, float], losses: Sequence[float]) -> None:
        assert self.found(rates, losses) == []

    def test_a_warm_up_that_never_ends(self) -> None:
        stairs = {50 * i: 1e-5 * (i + 1) for i in range(8)}
        (finding,) = self.found(stairs, [2.3] * 400)
        assert finding.evidence["steps_a_change"].value == 50
        assert self.found(stairs, [2.3] * 600) == []  # over after two thirds of the run
        assert self.found(stairs, falling(400, 0.3)) == []
        each_step = {i: 1e-5 * (i + 1) for i in range(400)}  # a search for the rate
        assert self.found(each_step, [2.3] * 400) == []
        assert self.found({**stairs, 380: 1e-5}, [2.3] * 400) == []

    @pytest.mark.parametrize(("steps", "count"), [(400, 1), (19, 0)])
    def test_a_cosine_beyond_its_plan(self, steps: int, count: int) -> None:
        rates = {i: 0.1 * (1.01 + math.cos(math.pi * i / 10)) for i in range(400)}
        more = {"kind": "CosineAnnealingLR", "settings": {"T_max": 10}, "seen_at": 399}
        found = self.found(rates, [2.0] * 400, steps=steps, **more)
        assert len(found) == count
        assert self.found(rates, falling(400, 0.3), steps=steps, **more) == []

    @pytest.mark.parametrize(
        ("after", "pace"), [(5, "once with each step"), (50, "once in 10 steps")]
    )
    def test_a_plan_that_refuses_one_more_step(self, after: int, pace: str) -> None:
        said = "Tried to step 6 times. The specified number of total steps is 5"
        died = Event(
            step=after,
            kind="died",
            text="",
            data={"type": "ValueError", "message": said, "source": "train.py:9", "in_torch": True},
        )
        (finding,) = schedule_out_of_step.check(case(falling(after, 1.0), events=(died,)))
        assert finding.severity == "error"
        assert finding.where == Place(source="train.py:9")
        assert finding.title == "the schedule was planned for 5 steps and asked for one more"
        assert pace in finding.explanation
        other = replace(died, data={**died.data, "message": "the rate is not finite"})
        assert schedule_out_of_step.check(case(falling(after, 1.0), events=(other,))) == []


class TestDecay:
    def found(
        self,
        norms: Sequence[float],
        gradient: float = 1.0,
        *,
        decay: float = 1.0,
        losses: Sequence[float] = (2.3,) * 60,
        kind: str = "Adam",
        made: tuple[Graph, tuple[Any, ...]] | None = None,
    ) -> list[Finding]:
        lines, weights = made or graph("NllLoss", "LogSoftmax", "Addmm")
        steps = range(0, 10 * len(norms), 10)  # what one step moves is no bound on what ten do
        samples = tuple(
            replace(
                sample,
                parameters=tuple(
                    ParameterSample(
                        parameter=w.index,
                        gradient_norm=gradient,
                        weight_norm=norm,
                        update_norm=0.1,
                    )
                    for w in weights
                ),
            )
            for sample, norm in zip(passes(lines, steps), norms, strict=True)
        )
        outline = OptimizerOutline(index=0, kind=kind, hyperparameters={"weight_decay": decay})
        run = case(losses, samples=samples, graphs=(lines,), parameters=weights, rates={0: 0.1})
        run.optimizers = (outline,)
        return weight_decay_too_strong.check(run)

    def test_weights_that_shrink_and_a_loss_that_stays(self) -> None:
        (finding,) = self.found([4.0, 2.0, 0.1])
        assert finding.severity == "error"
        assert finding.evidence["pull_of_the_penalty"].value == pytest.approx(2.0)
        assert finding.evidence["norm_left"].value == pytest.approx(0.025)

    def test_decoupled_decay_is_measured_against_the_update(self) -> None:
        (finding,) = self.found([4.0, 2.0, 0.1], kind="AdamW", decay=0.5)  # 0.1 · 0.5 · 2 / 0.1
        assert finding.evidence["pull_of_the_penalty"].value == pytest.approx(1.0)
        assert self.found([4.0, 2.0, 0.1], kind="AdamW", decay=0.2) == []

    @pytest.mark.parametrize(
        ("norms", "more"),
        [
            ([4.0, 3.0, 2.1], {}),  # not shrunk
            ([4.0, 2.0, 0.1], {"gradient": 5.0}),  # the task decides
            ([4.0, 2.0, 0.1], {"losses": falling(60, 0.5)}),
            ([4.0, 2.0, 0.1], {"decay": 0.0}),
            ([4.0, 0.1], {}),
            ([0.0, 0.0, 0.0], {}),
            ([math.nan, math.nan, math.nan], {}),
            ([4.0, 2.0, 0.1], {"gradient": 0.0}),
            ([], {}),
        ],
    )
    def test_what_is_no_fault(self, norms: Sequence[float], more: dict[str, Any]) -> None:
        assert self.found(norms, **more) == []

    def test_a_penalty_in_the_loss_has_a_path_of_its_own(self) -> None:
        lines, weights = graph("Add", "NllLoss", "Addmm")
        leaf = next(i for i, n in enumerate(lines.nodes) if n.parameter == 1)
        nodes = (*lines.nodes, Node("PowBackward0", Place("", "Pow")))
        edges = (*lines.edges, Edge(0, len(lines.nodes), 1), Edge(len(lines.nodes), leaf, 0))
        with_penalty = Graph(
            1, nodes, tuple(sorted(edges, key=lambda e: (e.source, e.input_index)))
        )
        (finding,) = self.found([4.0, 2.0, 0.1], decay=0.0, made=(with_penalty, weights))
        assert finding.evidence["pull_of_the_penalty"].value == pytest.approx(1.0)
