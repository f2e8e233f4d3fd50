"""An objective from a function and from a module: the same L at every call, nothing touched."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chainrule.objective import Objective, ObjectiveError

CLASSES = 3


def batch(n: int = 12, width: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(n, width, generator=generator)
    return inputs, torch.randint(0, CLASSES, (n,), generator=generator)


class Tied(nn.Module):
    """An autoencoder whose decoder is its encoder transposed, by one parameter in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(4, 4)
        self.decoder = nn.Linear(4, CLASSES + 1)
        self.decoder.weight = self.encoder.weight
        self.frozen = nn.Parameter(torch.ones(4), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(torch.tanh(self.encoder(x)) * self.frozen)


class Draws(nn.Module):
    """Takes random numbers from all three libraries."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        noise = random.random() + float(np.random.rand())
        return self.linear(F.dropout(x, 0.5)) * (1 + noise)


class ReplacesBuffer(nn.Module):
    """Assigns a new tensor to a buffer at every call."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, CLASSES)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls = self.calls + 1
        return self.linear(x) * self.calls


MODELS: dict[str, Callable[[], nn.Module]] = {
    "dropout and batch norm": lambda: nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, CLASSES)
    ),
    "evaluation mode": lambda: nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, CLASSES)
    ).eval(),
    "changes its input": lambda: nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, CLASSES)),
    "tied weights": Tied,
    "three random streams": Draws,
    "replaces a buffer": ReplacesBuffer,
    "recurrent": lambda: _LastState(),
}


class _LastState(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, CLASSES, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(x[..., None])[0][:, -1]


def streams() -> tuple[Any, ...]:
    return torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]


def state(model: nn.Module) -> dict[str, Any]:
    return {
        "state": {name: tensor.clone() for name, tensor in model.state_dict().items()},
        "mode": [module.training for module in model.modules()],
        "gradients": [p.grad if p.grad is None else p.grad.clone() for p in model.parameters()],
        "places": [id(p) for p in (*model.parameters(), *model.buffers())],
    }


@pytest.mark.parametrize("kind", MODELS)
def test_a_module_is_left_as_it_was_and_its_loss_is_one_function(kind: str) -> None:
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    model = MODELS[kind]()
    inputs, targets = batch()
    F.cross_entropy(model(inputs.clone()), targets).backward()
    given = inputs.clone()
    before, drawn = state(model), streams()
    objective = Objective.from_module(model, F.cross_entropy, (inputs, targets))
    theta = objective.flat()
    first = objective.value()
    gradient = objective.gradient(theta)
    objective.batched_values(torch.stack([theta, 2 * theta]))
    objective.hvp(theta, gradient)
    assert objective.value() == first
    assert torch.equal(objective.gradient(theta), gradient)
    assert streams() == drawn
    after = state(model)
    assert after["mode"] == before["mode"]
    assert after["places"] == before["places"]
    torch.testing.assert_close(after["state"], before["state"], rtol=0, atol=0)
    torch.testing.assert_close(after["gradients"], before["gradients"], rtol=0, atol=0)
    assert torch.equal(inputs, given)


def test_the_loss_and_gradient_are_those_of_the_training_step() -> None:
    torch.manual_seed(0)
    model = MODELS["dropout and batch norm"]()
    data = batch()
    now = torch.get_rng_state()
    objective = Objective.from_module(model, F.cross_entropy, data)
    value, gradient = objective.value_and_gradient()
    torch.set_rng_state(now)
    loss = F.cross_entropy(model(data[0]), data[1])
    loss.backward()
    assert value == loss.item()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(gradient[name], parameter.grad, rtol=0, atol=0)


def test_dropout_masks_do_not_change_with_theta() -> None:
    model = nn.Sequential(nn.Linear(4, 50, bias=False), nn.Dropout(0.5))
    inputs = torch.ones(1, 4)
    objective = Objective.from_module(
        model, lambda out, _: (out != 0).float().mul(out).sum(), (inputs, None)
    )
    theta = objective.flat()
    assert objective.value(2 * theta) == pytest.approx(2 * objective.value(theta))


def test_training_on_does_not_change_the_objective() -> None:
    model = Tied()
    inputs, targets = batch()
    objective = Objective.from_module(model, F.cross_entropy, (inputs, targets))
    value = objective.value()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
        inputs.zero_()
        targets.zero_()
    assert objective.value() == value


def test_tied_weights_appear_once_and_frozen_ones_not_at_all() -> None:
    objective = Objective.from_module(Tied(), F.cross_entropy, batch())
    assert list(objective.parameters) == ["encoder.weight", "encoder.bias", "decoder.bias"]
    assert objective.numel == 16 + 4 + 4


def test_autocast_is_as_it_was_when_the_objective_was_made() -> None:
    model = nn.Linear(4, CLASSES)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = Objective.from_module(model, F.cross_entropy, batch())
        inside = low.value()
    high = Objective.from_module(model, F.cross_entropy, batch())
    outside = high.value()
    assert low.value() == inside != outside
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert high.value() == outside


def test_inputs_may_be_several_or_named() -> None:
    bilinear = nn.Bilinear(4, 4, CLASSES)
    x, y = batch()
    positional = Objective.from_module(bilinear, F.cross_entropy, ((x, x), y))
    named = Objective.from_module(bilinear, F.cross_entropy, ({"input1": x, "input2": x}, y))
    whole = Objective.from_module(
        bilinear,
        lambda out, given: out.square().mean() + 0 * given["input1"].sum(),
        {"input1": x, "input2": x},
    )
    assert positional.value() == named.value() == F.cross_entropy(bilinear(x, x), y).item()
    assert whole.value() == bilinear(x, x).square().mean().item()


def test_a_function_of_a_tensor_a_mapping_and_several_tensors() -> None:
    def square(x: Tensor) -> Tensor:
        return (x**2).sum()

    one = Objective.from_callable(square, torch.tensor([[1.0, 2.0]]))
    named = Objective.from_callable(
        lambda p: square(p["a"]) + p["b"], {"a": torch.ones(2), "b": torch.tensor(3.0)}
    )
    several = Objective.from_callable(
        lambda a, b: square(a) + b, [torch.ones(2), torch.tensor(3.0)]
    )
    assert one.value() == 5
    assert one.value(torch.tensor([3.0, 0.0])) == 9
    assert one.gradient()["theta"].tolist() == [[2.0, 4.0]]
    assert named.value() == several.value() == 5
    assert several.gradient(several.flat()).tolist() == [2.0, 2.0, 1.0]
    assert list(several.parameters) == ["theta[0]", "theta[1]"]


def test_a_function_that_draws_is_one_function_and_moves_no_stream() -> None:
    def noisy(x: Tensor) -> Tensor:
        return (x * torch.randn(3)).sum() * random.random() * float(np.random.rand())

    drawn = streams()
    objective = Objective.from_callable(noisy, torch.ones(3))
    value = objective.value()
    values = objective.batched_values(torch.ones(20, 3))
    assert streams() == drawn
    assert objective.value() == value
    assert values.tolist() == pytest.approx([value] * 20)


def test_nan_is_a_value() -> None:
    objective = Objective.from_callable(lambda x: x.log().sum(), torch.ones(2))
    assert objective.value(torch.tensor([-1.0, 1.0])) != objective.value(torch.tensor([-1.0, 1.0]))
    assert objective.value(torch.tensor([0.0, 1.0])) == -torch.inf


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Objective.from_callable(torch.sum, torch.ones(2, dtype=torch.int64)),
            "int64.*'theta'.*float",
        ),
        (lambda: Objective.from_callable(torch.sum, [1.0]), "float for 'theta.0.'.*torch.tensor"),
        (lambda: Objective.from_callable(torch.sum, 3), "int"),
        (
            lambda: Objective.from_callable(lambda x: x * 2, torch.ones(2)),
            r"one number.*\(2,\).*mean",
        ),
        (
            lambda: Objective.from_callable(lambda x: x.sum().item(), torch.ones(2)),
            "one number.*2.0",
        ),
        (
            lambda: Objective.from_callable(lambda x: x.detach().sum(), torch.ones(2)),
            "does not depend on θ.*detach",
        ),
        (lambda: Objective.from_callable(lambda p: p, {}), "at least one parameter"),
        (lambda: Objective.from_callable(torch.sum, torch.ones(0)), "theta of no entries"),
        (
            lambda: Objective.from_module(nn.Linear(5, 3), F.cross_entropy, batch()),
            r"Linear and its loss can take.*shapes \(12, 4\), \(12,\).*RuntimeError: mat1",
        ),
        (lambda: Objective.from_module(F.relu, F.mse_loss, batch()), "nn.Module, found function"),
        (lambda: Objective.from_module(nn.ReLU(), F.mse_loss, batch()), "require a gradient.*ReLU"),
        (
            lambda: Objective.from_module(nn.Linear(4, 3), F.mse_loss, batch()[0]),
            "inputs, target.*Tensor",
        ),
        (lambda: Objective.from_module(nn.Linear(4, 3), F.mse_loss, [1, 2, 3]), "list of 3"),
        (
            lambda: Objective.from_module(
                nn.Linear(4, 3), nn.CrossEntropyLoss(reduction="none"), batch()
            ),
            r"one number.*\(12,\)",
        ),
    ],
)
def test_what_is_no_objective_is_refused(make: Callable[[], Objective], words: str) -> None:
    with pytest.raises(ObjectiveError, match=f"(?s){words}"):
        make()


@pytest.mark.parametrize(
    ("theta", "words"),
    [
        ({"a": torch.ones(2)}, "'b' is missing"),
        ({"a": torch.ones(2), "b": torch.ones(()), "c": torch.ones(1)}, "'c' is not one of them"),
        ({"a": torch.ones(3), "b": torch.ones(())}, r"\(2,\) for the parameter 'a', found \(3,\)"),
        ({"a": torch.ones(2, dtype=torch.int32), "b": torch.ones(())}, "'a', found torch.int32"),
        ({"a": [1.0, 2.0], "b": torch.ones(())}, "tensor for the parameter 'a', found list"),
        (torch.ones(4), r"3 floating-point entries \(a, b\), found shape \(4,\)"),
        (torch.ones(3, dtype=torch.int64), "int64"),
        ([1.0], "mapping from names to tensors, or as one flat tensor, found list"),
        (1.0, "found float: write {'a': tensor"),
    ],
)
def test_a_point_that_does_not_fit_is_refused(theta: Any, words: str) -> None:
    point = {"a": torch.ones(2), "b": torch.ones(())}
    objective = Objective.from_callable(lambda p: p["a"].sum() * p["b"], point)
    for question in (objective.value, objective.gradient):
        with pytest.raises(ObjectiveError, match=words):
            question(theta)


@pytest.mark.parametrize(
    ("v", "words"),
    [
        (torch.ones(4), r"a flat v of 3 .* found shape \(4,\) of torch.float32: give one number"),
        (torch.ones(3, dtype=torch.int64), "a flat v of 3 .* of torch.int64: convert it"),
        ({"a": torch.ones(2)}, "'b' is missing"),
    ],
)
def test_a_direction_that_does_not_fit_is_refused(v: Any, words: str) -> None:
    """By its own name: of the two arguments of a product it is the one that is wrong."""
    point = {"a": torch.ones(2), "b": torch.ones(())}
    objective = Objective.from_callable(lambda p: p["a"].sum() * p["b"], point)
    with pytest.raises(ObjectiveError, match=words):
        objective.hvp(None, v)


def test_the_random_streams_are_put_back_after_an_error() -> None:
    calls = []

    def fails(x: Tensor) -> Tensor:
        calls.append(torch.rand(1))
        if len(calls) > 1:
            raise ArithmeticError("as planned")
        return x.sum()

    objective = Objective.from_callable(fails, torch.ones(2))
    drawn = streams()
    with pytest.raises(ArithmeticError):
        objective.value()
    assert streams() == drawn
