"""Units at their limits, and losses that swing: on records made by hand."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from passes import graph, passes
from synthetic import case, falling, scan

from chainrule.diagnosis.faults import oscillating_loss, saturated_units
from chainrule.records import Activation, Edge, Finding, Graph, Node, ParameterSample, Place

FLAT = [2.3] * 60


class TestSaturated:
    def found(
        self,
        small: Sequence[float],
        losses: Sequence[float] = FLAT,
        *,
        names: Sequence[str] = ("NllLoss", "LogSoftmax", "Addmm", "Tanh", "Addmm"),
        update: float = 1e-6,
        gate: bool = False,
    ) -> list[Finding]:
        made, weights = graph(*names)
        node = next(i for i, n in enumerate(made.nodes) if n.place.operation in ("Tanh", "Sigmoid"))
        if gate:  # its output is multiplied by what else is computed
            (user,) = (e for e in made.edges if e.target == node)
            extra = len(made.nodes)
            nodes = (*made.nodes, Node("MulBackward0", Place("", "Mul")))
            below = next(e.target for e in made.edges if e.source == node)
            edges = [e for e in made.edges if e != user]
            edges += [Edge(user.source, extra, 0), Edge(extra, node, 0), Edge(extra, below, 1)]
            edges.sort(key=lambda e: (e.source, e.input_index))
            made = Graph(1, nodes, tuple(edges))
        samples = []
        for step, share in enumerate(small):
            seen = Activation(
                node=node,
                mean_derivative=0.01,
                zero_fraction=0.0,
                small_fraction=share,
                nonfinite_fraction=0.0,
                examples=64,
                units=0,
                dead_mask=b"",
            )
            (sample,) = passes(made, (step,), activations=(seen,))
            moved = tuple(
                ParameterSample(
                    parameter=w.index, gradient_norm=1.0, weight_norm=1.0, update_norm=update
                )
                for w in weights
            )
            samples.append(replace(sample, parameters=moved))
        run = case(losses, samples=samples, graphs=(made,), parameters=weights)
        return saturated_units.check(run)

    def test_most_of_a_layer_and_a_loss_that_stays(self) -> None:
        (finding,) = self.found([0.1, 0.2, 0.6, 0.7, 0.8, 0.9])
        assert finding.severity == "error"
        assert finding.where.operation == "Tanh"
        assert finding.steps[0] == 2
        assert finding.evidence["small_derivatives"].value == pytest.approx(0.8)

    def test_nearly_all_before_weights_that_rest_is_a_warning(self) -> None:
        (finding,) = self.found([0.95] * 6, falling(60, 0.6))
        assert finding.severity == "warning"
        assert self.found([0.85] * 6, falling(60, 0.6)) == []
        assert self.found([0.95] * 6, falling(60, 0.6), update=0.01) == []
        assert self.found([0.95] * 6, falling(60, 0.1, noise=0.0)) == []

    @pytest.mark.parametrize(
        ("small", "losses"),
        [
            ([0.4] * 6, FLAT),
            ([0.9, 0.9, 0.9, 0.9, 0.9, 0.4], FLAT),  # not persistent
            ([0.9] * 4, FLAT),  # two late samples
            ([math.nan] * 6, FLAT),
            ([0.6] * 6, falling(60, 0.5)),
            ([], []),
        ],
    )
    def test_what_is_no_fault(self, small: Sequence[float], losses: Sequence[float]) -> None:
        assert self.found(small, losses) == []

    def test_gates_and_last_sigmoids_of_logarithms_are_left_alone(self) -> None:
        assert self.found([0.9] * 6, gate=True) == []
        assert self.found([0.9] * 6, names=("BinaryCrossEntropy", "Sigmoid", "Addmm")) == []
        assert len(self.found([0.9] * 6, names=("MseLoss", "Sigmoid", "Addmm"))) == 1
        assert self.found([0.9] * 6, names=("NllLoss", "Sigmoid")) == []  # nothing trained before


SHORT = [scan(step, 0.5, before=2.0, lowest=1.0, after=2.0) for step in (1, 16, 64)]


def swinging(count: int = 200, noise: float = 0.1) -> list[float]:
    draw = random.Random(0)
    return [1.5 + 0.5 * (-1) ** i + noise * draw.gauss(0, 1) for i in range(count)]


class TestOscillating:
    def found(self, losses: Sequence[float], scans: Sequence[Any] = SHORT) -> list[Finding]:
        return oscillating_loss.check(case(losses, scans))

    def test_a_swing_that_the_step_makes(self) -> None:
        (finding,) = self.found(swinging())
        assert finding.severity == "error"
        assert finding.evidence["alternation"].value < -0.9
        assert finding.evidence["gain_of_the_best_step"].value == pytest.approx(0.5)
        (finding,) = self.found([4.0, *swinging()])
        assert finding.severity == "warning"

    @pytest.mark.parametrize(
        ("losses", "scans"),
        [
            (falling(200, 2.3, noise=0.0), SHORT),
            ([2.0 + 0.3 * random.Random(i).gauss(0, 1) for i in range(200)], SHORT),  # noise
            (swinging(90), SHORT),  # too short
            ([2 * v * 0.98**i for i, v in enumerate(swinging())], SHORT),  # it falls
            ([9.0, *swinging()], SHORT),  # most is gone
            (swinging(), SHORT[:1]),
            (swinging(), [scan(s, 0.75, before=2.0, lowest=1.0) for s in (1, 16, 64)]),
            (swinging(), [scan(s, 0.5, before=2.0, lowest=1.85) for s in (1, 16, 64)]),
            (swinging(), [*SHORT[:2], *(scan(s, 1.0, lowest=1.0, after=1.0) for s in (2, 4, 8))]),
            ([2.0] * 200, SHORT),
            ([math.nan] * 200, SHORT),
            ([], []),
        ],
    )
    def test_what_is_no_fault(self, losses: Sequence[float], scans: Sequence[Any]) -> None:
        assert self.found(losses, scans) == []
