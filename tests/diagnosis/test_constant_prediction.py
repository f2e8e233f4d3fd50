"""What an answer that does not look at its input has for a loss, and what no answer gets below."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from passes import compared, forward
from synthetic import case
from torch.nn.functional import (
    binary_cross_entropy,
    cross_entropy,
    huber_loss,
    smooth_l1_loss,
)

from chainrule.diagnosis.constant_prediction import ConstantPrediction, constant_prediction
from chainrule.diagnosis.unlearned import unlearned
from chainrule.records import Values


def summary(tensor: torch.Tensor) -> Values:
    return Values(
        shape=tuple(tensor.shape),
        dtype="float64",
        minimum=float(tensor.min()),
        maximum=float(tensor.max()),
        mean=float(tensor.mean()),
        rms=float(tensor.square().mean().sqrt()),
        trained=False,
    )


def of(function: str, target: torch.Tensor, loss: float) -> ConstantPrediction | None:
    call = compared(
        function, Values(shape=tuple(target.shape), dtype="float64", trained=True), summary(target)
    )
    call = replace(call, made=replace(call.made, mean=loss), reduction="mean")
    return constant_prediction(case([loss] * 3, forward_passes=[forward(call, step=0)]))


entries = st.lists(st.floats(0, 1), min_size=2, max_size=12)


@given(entries)
def test_no_answer_to_shares_gets_below_the_floor(shares: list[float]) -> None:
    target = torch.tensor(shares, dtype=torch.float64)
    least = float(binary_cross_entropy(target, target))
    found = of("binary_cross_entropy", target, max(least, 1e-3))
    if found is not None:
        assert 0 <= found.floor <= least + 1e-9 <= found.loss + 2e-9


@given(st.lists(st.lists(st.floats(1e-6, 1), min_size=4, max_size=4), min_size=1, max_size=6))
def test_no_answer_to_distributions_gets_below_the_floor(rows: list[list[float]]) -> None:
    target = torch.tensor(rows, dtype=torch.float64)
    target = target / target.sum(1, keepdim=True)
    least = float(cross_entropy(target.log(), target))
    found = of("cross_entropy_loss", target, max(least, 1e-3))
    assert found is not None and 0 <= found.floor <= least + 1e-9 <= math.log(4) + 2e-9


def test_classes_have_no_floor() -> None:
    found = of("binary_cross_entropy", torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64), 0.5)
    assert found is not None and found.floor == 0
    found = of("cross_entropy_loss", torch.eye(4, dtype=torch.float64), 0.5)
    assert found is not None and abs(found.floor) < 1e-9


def test_what_is_left_is_counted_from_the_floor() -> None:
    target = torch.tensor([0.1, 0.5, 0.9] * 20, dtype=torch.float64)
    call = compared(
        "binary_cross_entropy", Values(shape=(60,), dtype="float64", trained=True), summary(target)
    )
    call = replace(call, made=replace(call.made, mean=0.7), reduction="mean")
    run = case([0.7, 0.6, 0.5], forward_passes=[forward(call, step=0)])
    left = unlearned(run)
    floor = 4 * math.log(2) * (0.5 - float(target.square().mean()))
    assert left.floor == pytest.approx(floor)
    assert left.share == pytest.approx((0.5 - floor) / (math.log(2) - floor))
    assert left.half_way == pytest.approx((floor + math.log(2)) / 2)
    assert "below which no answer gets" in left.in_words


@given(entries, st.floats(0.01, 100), st.sampled_from(["smooth_l1_loss", "huber_loss"]))
def test_losses_of_residuals_have_a_bound_for_the_mean(
    values: list[float], parameter: float, function: str
) -> None:
    target = torch.tensor(values, dtype=torch.float64) * 30
    found = of(function, target, 1.0)
    if found is None:
        assert float(target.var(correction=0)) < 1e-9
        return
    mean = target.mean().expand_as(target)
    loss = (
        smooth_l1_loss(mean, target, beta=parameter)
        if function == "smooth_l1_loss"
        else huber_loss(mean, target, delta=parameter)
    )
    assert float(loss) <= found.loss * (1 + 1e-6) + 1e-9
