"""Hessian products against whole Hessians, on what can and what cannot be differentiated twice."""

import warnings
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from dense_hessian import dense_hessian, functional_hessian
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from chainrule.objective import Hessian, Objective, ObjectiveError


def objective_of(model: nn.Module, width: int = 4, dtype: torch.dtype = torch.float64) -> Objective:
    generator = torch.Generator().manual_seed(5)
    inputs = torch.randn(10, width, generator=generator).to(dtype)
    targets = torch.randn(10, generator=generator).to(dtype)
    return Objective.from_module(
        model.to(dtype),
        lambda out, target: (out.mean(-1) - target).square().mean(),
        (inputs, targets),
    )


def network(*sizes: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for wide, narrow in pairwise(sizes):
        layers += [nn.Linear(wide, narrow), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def apart(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_products_are_those_of_the_whole_hessian(seed: int, hidden: list[int]) -> None:
    objective = objective_of(network(4, *hidden, 2, seed=seed))
    matrix = functional_hessian(objective)
    v = torch.randn(objective.numel, dtype=torch.float64)
    for method, error in (
        ("double-backward", 1e-12),
        ("forward-over-reverse", 1e-12),
        ("finite-differences", 1e-6),
    ):
        with Hessian(objective, method=method) as hessian:
            assert apart(hessian.product(v), matrix @ v) < error, method
            assert hessian.products == 1
            assert hessian.value == objective.value()
            assert torch.equal(hessian.gradient, objective.gradient(objective.flat()))


def test_at_another_point_and_by_name() -> None:
    objective = objective_of(network(4, 3, 2))
    theta = objective.flat() + 0.5
    named = objective.point(theta.clone())
    v = torch.randn(objective.numel, dtype=torch.float64)
    expected = dense_hessian(objective, theta) @ v
    assert apart(objective.hvp(theta, v), expected) < 1e-12
    assert apart(Hessian(objective, named).product(v), expected) < 1e-12
    by_name = objective.hvp(named, objective.point(v))
    assert apart(objective.flat(by_name), expected) < 1e-12


class Detached(torch.autograd.Function):
    """x ↦ x³ whose backward is right and hides its own derivative."""

    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):  # type: ignore[no-untyped-def]
        (x,) = ctx.saved_tensors
        return g * 3 * x.detach() ** 2


class Once(Detached):
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):  # type: ignore[no-untyped-def]
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


class Right(Detached):
    @staticmethod
    def backward(ctx, g):  # type: ignore[no-untyped-def]
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


@pytest.mark.parametrize("cube", [Detached, Once, Right])
def test_a_custom_function_that_hides_its_second_derivative_is_found_out(
    cube: type[Detached],
) -> None:
    linear = torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def loss(x: Tensor) -> Tensor:
        return cube.apply(linear @ x).sum() + 0.1 * (x**2).sum()

    x = torch.tensor([0.3, -1.0, 0.5, 2.0], dtype=torch.float64)
    objective = Objective.from_callable(loss, x)
    v = torch.tensor([1.0, 2.0, 0.0, -1.0], dtype=torch.float64)
    expected = 6 * linear.T @ (linear @ x * (linear @ v)) + 0.2 * v
    with Hessian(objective) as hessian:
        assert apart(hessian.product(v), expected) < 1e-6
        assert apart(hessian.product(2 * v), 2 * expected) < 1e-6
        if cube is Right:
            assert hessian.method == "double backward"
            assert hessian.error == 0
        else:
            assert hessian.method.startswith("finite differences of gradients (")
            assert 0 < hessian.error < 1e-3 * expected.norm()


def test_an_explicit_method_that_cannot_work_is_an_error() -> None:
    objective = Objective.from_callable(lambda x: Once.apply(x).sum(), torch.ones(3))
    hessian = Hessian(objective, method="double-backward")
    with pytest.raises(ObjectiveError, match=r"(?s)differentiable twice.*finite-differences"):
        hessian.product(torch.ones(3))


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.project = nn.Linear(8, 24)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (t[:, None] for t in self.project(x.view(10, 1, 8).expand(10, 5, 8)).split(8, 2))
        return F.scaled_dot_product_attention(q, k + q.sin(), v, is_causal=True).flatten(1)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.lstm = nn.LSTM(2, 3, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x.view(10, -1, 2))[0][:, -1]


class Checkpointed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = network(4, 5, 3)

    def forward(self, x: Tensor) -> Tensor:
        return checkpoint(self.inner, x, use_reentrant=False)


@pytest.mark.parametrize(("make", "width"), [(Attention, 8), (Recurrent, 8), (Checkpointed, 4)])
def test_fused_operations_have_exact_products(make: type[nn.Module], width: int) -> None:
    model = make()
    objective = objective_of(model, width, torch.float32)
    exact = objective_of(make(), width, torch.float64)
    v = torch.randn(objective.numel, generator=torch.Generator().manual_seed(1))
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        expected = dense_hessian(exact) @ v.double()
    with Hessian(objective) as hessian:
        assert apart(hessian.product(v).double(), expected) < 1e-4
        assert hessian.method.startswith("double backward")


def test_compiled_code_is_run_plainly() -> None:
    plain = network(4, 3, 2)
    compiled = torch.compile(network(4, 3, 2).double(), backend="aot_eager")
    objective, other = objective_of(plain), objective_of(compiled)
    v = torch.randn(objective.numel, dtype=torch.float64)
    with warnings.catch_warnings(), Hessian(other) as hessian:
        warnings.simplefilter("ignore")
        assert apart(hessian.product(v), dense_hessian(objective) @ v) < 1e-6
        assert hessian.method == "double backward without fused kernels"


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e3])
@pytest.mark.parametrize("curvature", [1e-3, 1.0, 1e4])
def test_the_step_of_the_differences_fits_the_curvature(scale: float, curvature: float) -> None:
    """In float32, where a fixed step was wrong by 12 to 20 per cent."""
    x = torch.linspace(0.2, 1.2, 50) * scale

    def loss(x: Tensor) -> Tensor:
        return curvature * scale**2 * (torch.exp(x / scale) + torch.sin(3 * x / scale)).sum()

    objective = Objective.from_callable(loss, x)
    v = torch.randn(50, generator=torch.Generator().manual_seed(0))
    y = (x / scale).double()
    expected = curvature * (torch.exp(y) - 9 * torch.sin(3 * y)) * v.double()
    with Hessian(objective, method="finite-differences") as hessian:
        found = hessian.product(v).double()
        distance = float((found - expected).norm())
        assert distance < 0.01 * expected.norm()
        assert distance < 2 * hessian.error * v.norm()
        first = objective.evaluations
        hessian.product(-v)
        assert objective.evaluations - first <= 8


def test_a_linear_loss_has_no_curvature_and_a_zero_vector_no_product() -> None:
    objective = Objective.from_callable(lambda x: 3 * x.sum(), torch.ones(4))
    for method in ("auto", "finite-differences"):
        with Hessian(objective, method=method) as hessian:
            assert not hessian.product(torch.zeros(4)).any()
            assert hessian.product(torch.ones(4)).abs().max() < 1e-3


def test_a_released_hessian_says_so() -> None:
    with Hessian(objective_of(network(4, 2))) as hessian:
        pass
    with pytest.raises(RuntimeError, match="released"):
        hessian.product(hessian.gradient)


def test_gradients_of_the_user_are_untouched() -> None:
    model = network(4, 3, 2)
    objective_of(model).hvp(None, torch.ones(23, dtype=torch.float64))
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Hessian(quadratic(), method="exact"), "'exact'"),
        (
            lambda: Hessian(quadratic(), torch.tensor([1.0, torch.nan])),
            "in θ, found 1 of 2.*'theta'",
        ),
        (lambda: Hessian(quadratic(), torch.ones(3)), r"\(3,\)"),
        (lambda: Hessian(quadratic()).product(torch.ones(3)), r"flat vector of 2.*\(3,\)"),
        (lambda: Hessian(quadratic()).product(torch.ones(2, dtype=torch.int64)), "int64"),
        (lambda: Hessian(logarithm(), torch.tensor([-1.0, 1.0])), "finite loss, found.*nan"),
        (lambda: Hessian(root(), torch.tensor([0.0, 1.0])), "in ∇L.*1 of 2 entries of 'theta'"),
        (lambda: Hessian(counting()), "same loss at the same θ"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ObjectiveError, match=f"(?s){words}"):
        make()


def quadratic() -> Objective:
    return Objective.from_callable(lambda x: (x**2).sum(), torch.ones(2))


def logarithm() -> Objective:
    return Objective.from_callable(lambda x: x.log().sum(), torch.ones(2))


def root() -> Objective:
    return Objective.from_callable(lambda x: x.sqrt().sum(), torch.ones(2))


def counting() -> Objective:
    calls: list[None] = []

    def loss(x: Tensor) -> Tensor:
        calls.append(None)
        return (x**2).sum() * len(calls)

    return Objective.from_callable(loss, torch.ones(2))
