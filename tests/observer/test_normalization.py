"""How far a batch lies from running statistics, as it is measured of a call."""

import math
import warnings
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from chainrule.observer.forward.normalization import LEAST_VALUES, MOST_ELEMENTS, against_running

EPS = 1e-5


def measured(x: Tensor, mean: Tensor | None, variance: Tensor | None) -> tuple[float, float]:
    return against_running((x, None, None, mean, variance, True, 0.1, EPS, False))


@given(
    st.integers(0, 2**16),
    st.sampled_from([(16, 3), (8, 5, 7), (6, 4, 3, 5), (4, 2, 2, 3, 3)]),
    st.floats(0.01, 100),
    st.floats(-3, 3),
)
def test_of_a_small_batch_it_is_exact(
    seed: int, shape: tuple[int, ...], size: float, offset: float
) -> None:
    torch.manual_seed(seed)
    x = size * (torch.randn(shape) + offset)
    mean, variance = torch.randn(shape[1]), torch.rand(shape[1]) + 0.1
    channels = x.transpose(0, 1).flatten(1).double()
    deviation = (variance.double() + EPS).sqrt()
    gap = ((channels.mean(1) - mean) / deviation).square().mean().sqrt()
    ratio = ((channels.var(1) + EPS).sqrt() / deviation).median()
    assert measured(x, mean, variance) == pytest.approx((gap.item(), ratio.item()), rel=1e-4)


@given(st.integers(0, 2**16), st.floats(0.05, 20))
def test_it_is_how_large_the_output_of_an_evaluation_is(seed: int, size: float) -> None:
    torch.manual_seed(seed)
    norm = torch.nn.BatchNorm1d(1).eval()
    x = size * torch.randn(64, 1)
    _, ratio = measured(x, norm.running_mean, norm.running_var)
    assert ratio == pytest.approx(norm(x).std().item(), rel=1e-2)  # but for ε beside the variance


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_of_a_large_batch_some_values_say_it(order: torch.memory_format) -> None:
    torch.manual_seed(0)
    x = (0.3 * torch.randn(32, 64, 32, 32) + 0.5).contiguous(memory_format=order)
    gap, ratio = measured(x, torch.zeros(64), torch.ones(64))
    assert gap == pytest.approx(0.5, abs=0.3 / math.sqrt(MOST_ELEMENTS // 64))
    assert ratio == pytest.approx(0.3, rel=2 / math.sqrt(2 * MOST_ELEMENTS // 64))


def test_examples_count_as_much_as_positions() -> None:
    """Each image of one shade: no variance within an example, all of it between them."""
    torch.manual_seed(0)
    x = torch.randn(64, 8, 1, 1).expand(64, 8, 32, 32)
    _, ratio = measured(x, torch.zeros(8), torch.ones(8))
    assert ratio == pytest.approx(1, abs=2 / math.sqrt(2 * 64))


@pytest.mark.parametrize("shape", [(256, 4096), (4096, 64, 4), (2, 4096, 64), (64, 2048, 7, 7)])
def test_what_is_looked_at_is_bounded(shape: tuple[int, ...]) -> None:
    seen: list[int] = []

    class Counting(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            if func.overloadpacket in (torch.ops.aten.sub, torch.ops.aten.mean):
                seen.append(args[0].numel())
            return result

    with Counting():
        measured(torch.randn(shape), torch.zeros(shape[1]), torch.ones(shape[1]))
    assert 0 < max(seen) <= max(MOST_ELEMENTS, LEAST_VALUES * shape[1])


def test_what_is_not_known_is_nan() -> None:
    x = torch.randn(8, 3)
    assert all(map(math.isnan, measured(x, None, None)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gap, ratio = measured(torch.ones(1, 3), torch.zeros(3), torch.ones(3))
    assert gap == pytest.approx(1, rel=1e-4)
    assert math.isnan(ratio)


def test_channels_without_any_variance_fit_statistics_without_any() -> None:
    assert measured(torch.ones(16, 4), torch.ones(4), torch.zeros(4)) == (0, 1)
