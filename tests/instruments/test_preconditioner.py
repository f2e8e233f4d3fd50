"""Stability limits, each tried with PyTorch's own optimizer just below and just above it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import LBFGS, SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

from chainrule.instruments.curvature import eigenpairs, sharpness
from chainrule.instruments.preconditioner import Preconditioner, preconditioner
from chainrule.objective import Objective, ObjectiveError

STEPS = 1500
MARGIN = 0.02
"""Distance from the limit, relative: the factor a step is then about 1 ± MARGIN/2, so that 1500
steps separate growth from decay beyond doubt."""

SMALL = 1e-6
"""Where runs begin: so near the minimum that Adagrad's sum of squares stays as it was frozen."""


def frozen(optimizer: Optimizer, parameter: Tensor, second: Tensor) -> None:
    """Give an optimizer the state of long training, with a second moment that does not change."""
    state = optimizer.state[parameter]
    for group in optimizer.param_groups:
        if isinstance(optimizer, Adam | AdamW):
            state["step"] = torch.tensor(1e9)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = second.clone()
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = second.clone()
                state["exp_avg_sq"] = second / 2
            group["betas"] = (group["betas"][0], 1 - 1e-12)
        elif isinstance(optimizer, RMSprop):
            group["alpha"] = 1.0
            state["step"] = torch.tensor(10.0)
            state["square_avg"] = second.clone()
            if group["momentum"]:
                state["momentum_buffer"] = torch.zeros_like(parameter)
            if group["centered"]:
                state["square_avg"] = second + 0.25
                state["grad_avg"] = torch.full_like(parameter, 0.5)
        elif isinstance(optimizer, Adagrad):
            state["step"] = torch.tensor(0.0) if group["lr_decay"] == 0 else torch.tensor(1e9)
            state["step"] += 1
            state["sum"] = second.clone()


def quadratic(n: int, seed: int) -> Tensor:
    """A random symmetric positive definite matrix."""
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(n, n, generator=generator, dtype=torch.float64)
    return A @ A.T / n + 0.1 * torch.eye(n, dtype=torch.float64)


OPTIMIZERS: dict[str, Callable[[list[Tensor]], Optimizer]] = {
    "gradient descent": lambda p: SGD(p, 0.1),
    "weight decay": lambda p: SGD(p, 0.1, weight_decay=0.7),
    "heavy ball": lambda p: SGD(p, 0.1, momentum=0.9),
    "heavy ball, decay": lambda p: SGD(p, 0.1, momentum=0.8, weight_decay=0.5),
    "dampened": lambda p: SGD(p, 0.1, momentum=0.9, dampening=0.6),
    "dampening without momentum": lambda p: SGD(p, 0.1, dampening=0.6),
    "Nesterov": lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True),
    "Nesterov, small": lambda p: SGD(p, 0.1, momentum=0.3, nesterov=True, weight_decay=0.2),
    "Adam": lambda p: Adam(p, 0.1),
    "Adam, other β": lambda p: Adam(p, 0.1, betas=(0.5, 0.99)),
    "Adam, no momentum": lambda p: Adam(p, 0.1, betas=(0.0, 0.99)),
    "Adam, decay": lambda p: Adam(p, 0.1, weight_decay=0.5),
    "Adam, amsgrad": lambda p: Adam(p, 0.1, amsgrad=True, eps=0.1),
    "AdamW": lambda p: AdamW(p, 0.1, weight_decay=0.01),
    "AdamW, much decay": lambda p: AdamW(p, 0.1, weight_decay=5.0),
    "RMSprop": lambda p: RMSprop(p, 0.1, eps=0.2),
    "RMSprop, momentum": lambda p: RMSprop(p, 0.1, momentum=0.7),
    "RMSprop, centered": lambda p: RMSprop(p, 0.1, centered=True, weight_decay=0.3),
    "Adagrad": lambda p: Adagrad(p, 0.1),
    "Adagrad, decays": lambda p: Adagrad(p, 0.1, lr_decay=1e-9, weight_decay=0.1),
}


def limit_and_curvature(
    make: Callable[[list[Tensor]], Optimizer], H: Tensor, second: Tensor, factor: float
) -> tuple[Preconditioner, float, Optimizer, Tensor]:
    """An optimizer on ½xᵀHx, η multiplied by `factor`, its preconditioner and λ_max."""
    x = torch.full((len(H),), SMALL, dtype=torch.float64, requires_grad=True)
    optimizer = make([x])
    for group in optimizer.param_groups:
        group["lr"] *= factor
    frozen(optimizer, x, second)
    P = preconditioner(optimizer, {"theta": x})
    objective = Objective.from_callable(lambda x: 0.5 * x @ H @ x, x.detach())
    top = sharpness(objective, preconditioner=P, rtol=1e-6)
    assert top.limit == P.limit
    assert top.preconditioner == P.name
    return P, top.sharpness, optimizer, x


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_limit_is_where_the_optimizer_begins_to_diverge(name: str) -> None:
    H = quadratic(4, seed=len(name))
    second = torch.tensor([0.3, 1.0, 2.0, 0.7], dtype=torch.float64)
    make = OPTIMIZERS[name]
    # λ_max depends on η only through decay apart from the gradient: two rounds settle it
    factor = 1.0
    for _ in range(50):
        P, top, _, _ = limit_and_curvature(make, H, second, factor)
        factor *= P.limit / top
        if abs(P.limit / top - 1) < 1e-9:
            break
    assert P.limit == pytest.approx(top, rel=1e-6)
    grown = {}
    for side in (1 - MARGIN, 1 + MARGIN):
        _, _, optimizer, x = limit_and_curvature(make, H, second, factor * side)
        with torch.no_grad():
            x.copy_(SMALL * torch.linalg.eigh(H)[1][:, -1])
        for _ in range(STEPS):
            optimizer.zero_grad()
            (0.5 * x @ H @ x).backward()
            optimizer.step()
            if float(x.detach().abs().max()) > 1e3 * SMALL:
                break
        grown[side] = float(x.detach().abs().max()) / SMALL
    below, above = grown.values()
    assert below < 0.1, grown
    assert above > 100, grown


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from([SGD, Adam, AdamW, RMSprop, Adagrad]))
def test_the_step_after_next_is_minus_eta_times_the_preconditioned_gradient(
    seed: int, kind: type[Any]
) -> None:
    """P read off the optimizer itself: with all else frozen, a gradient g moves θ by −η g/P."""
    torch.manual_seed(seed)
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)
    optimizer = kind([x], 0.01)
    for _ in range(3):
        x.grad = torch.randn(5, dtype=torch.float64)
        optimizer.step()
    P = preconditioner(optimizer, {"x": x})
    state = optimizer.state[x]
    g = torch.randn(5, dtype=torch.float64) * 1e-7  # leaves the second moment as it is
    before = x.detach().clone()
    if kind in (Adam, AdamW):
        state["exp_avg"].zero_()
        state["step"] -= 1  # the bias corrections of the last step again
        state["exp_avg_sq"].div_(optimizer.param_groups[0]["betas"][1])
        optimizer.param_groups[0]["weight_decay"] = 0.0
        expected = -0.01 * (1 - 0.9) * g / P.vector
    elif kind is RMSprop:
        state["square_avg"].div_(0.99)
        expected = -0.01 * g / P.vector
    else:
        expected = -0.01 * g / P.vector
    x.grad = g
    optimizer.step()
    torch.testing.assert_close(x.detach() - before, expected, rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("kind", [Adam, AdamW])
def test_the_preconditioner_is_that_of_cohen_et_al(kind: type[Any]) -> None:
    x = torch.ones(3, requires_grad=True)
    optimizer = kind([x], 1e-3, betas=(0.9, 0.99), eps=1e-4)
    gradients = [torch.tensor([1.0, -2.0, 0.5]), torch.tensor([0.1, 3.0, -1.0])]
    nu = torch.zeros(3)
    for g in gradients:
        x.grad = g.clone()
        optimizer.step()
        nu = 0.99 * nu + 0.01 * g**2
    expected = (1 - 0.9**2) * ((nu / (1 - 0.99**2)).sqrt() + 1e-4)
    P = preconditioner(optimizer, {"x": x})
    torch.testing.assert_close(P.vector, expected)
    assert P.limit == pytest.approx(38 / 1e-3)
    assert P.formula == "(2 + 2β₁) / ((1 − β₁) η) (β₁=0.9), η = 0.001"


def trained(make: Callable[[nn.Module], Optimizer]) -> tuple[nn.Module, Optimizer, Objective]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
    x, y = torch.randn(20, 4).double(), torch.randint(0, 3, (20,))
    optimizer = make(model)
    for _ in range(10):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model, optimizer, Objective.from_module(model, F.cross_entropy, (x, y))


def named(model: nn.Module) -> dict[str, Tensor]:
    return dict(model.named_parameters())


def test_eigenvalues_are_those_of_the_inverse_preconditioner_times_the_hessian() -> None:
    model, optimizer, objective = trained(lambda m: Adam(m.parameters(), 1e-2, weight_decay=0.1))
    P = preconditioner(optimizer, named(model))
    H = torch.autograd.functional.hessian(
        lambda t: objective.loss(objective.point(t)), objective.flat()
    )
    H = H + 0.1 * torch.eye(len(H))
    true = torch.linalg.eigvals(H / P.vector[:, None]).real.sort().values
    found = eigenpairs(objective, preconditioner=P, rtol=1e-8)
    assert found.spectrum.sharpness == pytest.approx(float(true[-1]))
    assert found.spectrum.smallest[0].value == pytest.approx(float(true[0]))
    direction = P.inverse_root * found.vectors[0]
    torch.testing.assert_close(H @ direction / P.vector, true[-1] * direction, rtol=1e-3, atol=1e-6)


def test_groups_with_their_own_learning_rate_and_decay() -> None:
    def make(model: nn.Module) -> Optimizer:
        weights = [p for p in model.parameters() if p.ndim > 1]
        biases = [p for p in model.parameters() if p.ndim == 1]
        return AdamW(
            [
                {"params": weights, "lr": 0.02, "weight_decay": 0.5},
                {"params": biases, "lr": 0.005, "weight_decay": 0.0},
            ]
        )

    model, optimizer, _ = trained(make)
    P = preconditioner(optimizer, named(model))
    assert P.learning_rate == 0.02
    single = {n: preconditioner(optimizer, {n: p}) for n, p in named(model).items()}
    start = 0
    for name, alone in single.items():
        part = slice(start, start + alone.vector.numel())
        start = part.stop
        slower = alone.learning_rate / P.learning_rate
        torch.testing.assert_close(P.vector[part], alone.vector / slower)
        decay = 0.5 * 19 if "weight" in name else 0.0
        torch.testing.assert_close(P.shift[part], torch.full_like(P.shift[part], decay))


def test_what_the_optimizer_does_not_move_has_no_curvature() -> None:
    model, _, objective = trained(lambda m: SGD(m.parameters(), 0.1))
    only_last = SGD(list(model.parameters())[2:], 0.1)
    P = preconditioner(only_last, named(model))
    first = 4 * 6 + 6
    assert torch.isinf(P.vector[:first]).all()
    assert (P.vector[first:] == 1).all()
    found = eigenpairs(objective, preconditioner=P)
    assert float(found.vectors[0][:first].abs().max()) < 1e-6
    H = torch.autograd.functional.hessian(
        lambda t: objective.loss(objective.point(t)), objective.flat()
    )
    true = torch.linalg.eigvalsh(H[first:, first:])[-1]
    assert found.spectrum.sharpness == pytest.approx(float(true), rel=0.01)


def sgd(**settings: Any) -> Callable[[list[Tensor]], Optimizer]:
    return lambda p: SGD(p, **settings)


@pytest.mark.parametrize(
    ("make", "parameters", "words"),
    [
        (lambda p: LBFGS(p), None, "Expected SGD, Adam, AdamW.*LBFGS"),
        (lambda p: Adam(p), None, "made a step.*optimizer.step"),
        (lambda p: Adagrad(p), None, "made a step"),
        (sgd(lr=0.1), {"other": torch.ones(3)}, "none of them in it.*copies"),
        (sgd(lr=0.0), None, "learning rate above 0"),
        (sgd(lr=0.1, maximize=True), None, "maximize=True for 'x'"),
    ],
)
def test_what_has_no_limit_is_refused(
    make: Callable[[list[Tensor]], Optimizer], parameters: dict[str, Tensor] | None, words: str
) -> None:
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(ObjectiveError, match=f"(?s){words}"):
        preconditioner(make([x]), parameters or {"x": x})


def test_groups_with_different_momentum_have_no_single_limit() -> None:
    x, y = torch.ones(3, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = SGD([{"params": [x], "momentum": 0.9}, {"params": [y]}], 0.1)
    with pytest.raises(ObjectiveError, match=r"same momentum.*β=0.9.*'x'.*none for 'y'"):
        preconditioner(optimizer, {"x": x, "y": y})


def test_a_preconditioner_of_other_parameters_is_refused() -> None:
    x = torch.ones(3, requires_grad=True)
    P = preconditioner(SGD([x], 0.1), {"x": x})
    objective = Objective.from_callable(lambda t: (t**2).sum(), torch.ones(4))
    with pytest.raises(ObjectiveError, match="objective's 4 parameters, found one of 3"):
        sharpness(objective, preconditioner=P)
