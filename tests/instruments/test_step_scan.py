"""How long a step should have been, where the answer is known."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.instruments.step_scan import step_scan
from chainrule.objective import Objective
from chainrule.records import StepScan


def bowl(*curvatures: float, centre: float = 0.0) -> Objective:
    scale = torch.tensor(curvatures, dtype=torch.float64)
    return Objective(
        lambda p: 0.5 * (scale * (p["w"] - centre).square()).sum() + 1.0,
        {"w": torch.ones(len(curvatures), dtype=torch.float64)},
        source="callable",
    )


def scan(objective: Objective, rate: float, other: Objective | None = None) -> StepScan:
    update = {name: -rate * g for name, g in objective.gradient().items()}
    return step_scan(
        objective, update, step=3, optimizer=0, learning_rate=rate, other=other, other_step=2
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0.01, 100.0), st.floats(1e-4, 1e3))
def test_on_a_parabola_the_best_multiple_is_the_inverse_of_the_rate_times_the_curvature(
    curvature: float, product: float
) -> None:
    found = scan(bowl(curvature), product / curvature)
    assert found.best[0] == pytest.approx(1 / product, rel=1.0)  # between half and twice
    assert found.promised == pytest.approx(-product * curvature)
    assert found.after - found.before == pytest.approx(
        curvature * (product**2 / 2 - product), rel=1e-6, abs=1e-9 * curvature
    )
    assert found.overshoots == (product > 2)


def test_another_batch_has_its_own_best_length() -> None:
    found = scan(bowl(1.0), 1 / 64, other=bowl(1.0, centre=0.9))
    own, elsewhere = found.best_on_each
    assert own == pytest.approx(64, rel=1.0)
    assert elsewhere == pytest.approx(6.4, rel=1.0)
    assert found.other_step == 2


def test_a_scan_leaves_the_objective_where_it_was() -> None:
    objective = bowl(1.0, 2.0)
    before = objective.parameters["w"].clone()
    scan(objective, 0.1)
    assert torch.equal(objective.parameters["w"], before)


def test_infinite_and_undefined_losses_are_values_too() -> None:
    log = Objective(
        lambda p: -p["w"].log().sum() + p["w"].sum() * 4,
        {"w": torch.ones(1, dtype=torch.float64)},
        source="callable",
    )
    found = scan(log, 10.0)  # far beyond 0, where log is not defined
    assert math.isnan(found.after)
    assert 0 < found.best[0] < 1
    assert found.overshoots


def test_a_scan_is_cheap() -> None:
    objective, other = bowl(1.0), bowl(1.0)
    for rate in (1e-6, 1e-3, 1.0, 1e3):
        objective.evaluations = 0
        scan(objective, rate, other)
        assert objective.evaluations <= 16
