"""L from a typed formula: what it computes, where it starts, and what is refused."""

import math
import re
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from scalar_formulas import VALUES, value
from syrupy.assertion import SnapshotAssertion
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from chainrule.calculus import ALL_FUNCTIONS, FormulaError, Function, parse
from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.instructions import Instructions
from chainrule.objective.torch_functions import TORCH_FUNCTIONS

HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def evaluated(text: str, **values: object) -> Tensor:
    """What a formula that need not be a number comes to."""
    point = {name: torch.as_tensor(v, dtype=torch.float64) for name, v in values.items()}
    return Instructions(parse(text), point, {}).value


# ---- what it is ------------------------------------------------------------------------------


def test_himmelblau() -> None:
    objective = Objective.from_formula(HIMMELBLAU, theta={"x": 3, "y": -1})
    assert objective.source == "formula"
    assert objective.description == HIMMELBLAU
    assert objective.start_value == objective.value() == 18.0
    assert objective.parameters == {"x": number(3.0), "y": number(-1.0)}
    assert objective.gradient() == {"x": number(-42.0), "y": number(6.0)}
    assert objective.hvp(None, torch.tensor([1.0, 0.0]).double()).tolist() == [62.0, 8.0]


def test_everything_is_float64_in_the_order_of_the_formula() -> None:
    objective = Objective.from_formula(
        "sum(b*a) + c", {"c": numpy.float32(2), "a": torch.ones(2), "b": (1, 2)}
    )
    assert list(objective.parameters) == ["b", "a", "c"]
    assert {t.dtype for t in objective.parameters.values()} == {torch.float64}
    assert objective.value(torch.tensor([1.0, 2, 3, 4, 5])) == 16.0


def test_variables_that_are_not_given_start_at_0() -> None:
    objective = Objective.from_formula("log(x) + y", {"y": 2.0})
    assert objective.parameters["x"] == number(0.0)
    assert objective.start_value == -math.inf
    assert math.isnan(Objective.from_formula("x/y").value())


def test_what_is_given_is_copied() -> None:
    start = torch.zeros(2, dtype=torch.float64)
    objective = Objective.from_formula("sum(w)", {"w": start})
    start += 1
    assert objective.value() == 0.0


def test_data_and_variables() -> None:
    objective = Objective.from_formula(
        "mse(sigmoid(X @ w + b), t)",
        {"w": [0.1, -0.2], "b": 0},
        constants={"X": [[1, 2], [3, 4], [5, 6]], "t": torch.tensor([0, 1, 1])},
    )
    assert list(objective.parameters) == ["w", "b"]
    z = torch.tensor([-0.3, -0.5, -0.7], dtype=torch.float64)
    expected = ((torch.sigmoid(z) - torch.tensor([0, 1, 1])) ** 2).mean()
    assert objective.value() == pytest.approx(expected.item(), rel=1e-15)


def test_a_constant_that_is_given_is_a_variable() -> None:
    assert Objective.from_formula("e^2 x", {"x": 1}).value() == pytest.approx(math.e**2)
    assert Objective.from_formula("e^2 x", {"x": 1, "e": 3}).value() == 9.0
    assert Objective.from_formula("π x", {"x": 1}, constants={"π": 3}).value() == 3.0


def test_names_may_be_given_as_they_are_typed() -> None:
    objective = Objective.from_formula("x₁ + x₂", {"x₁": 1, "x2": 2})
    assert list(objective.parameters) == ["x1", "x2"]
    assert objective.value() == 3.0


def test_e_to_the_x_is_exp() -> None:
    assert Objective.from_formula("e^x", {"x": 100.0}).value() == math.exp(100.0)


def test_a_whole_number_as_exponent_takes_negative_bases() -> None:
    objective = Objective.from_formula("x^3 + x^(1+1) + x^-1", {"x": -2.0})
    assert objective.value() == -8 + 4 - 0.5
    assert objective.gradient()["x"].item() == 12 - 4 - 0.25


# ---- functions and shapes --------------------------------------------------------------------


def test_every_function_is_computed() -> None:
    assert set(TORCH_FUNCTIONS) == {function.name for function in ALL_FUNCTIONS}


def arguments_of(function: Function) -> tuple[Tensor, ...]:
    """Random arguments in the domain of a function."""
    name, random = function.name, torch.Generator().manual_seed(0)

    def between(low: float, high: float, *shape: int) -> Tensor:
        drawn = torch.rand(shape, dtype=torch.float64, generator=random)
        return drawn * (high - low) + low

    if name in ("acosh", "asec", "acsc", "acoth"):
        return (between(1.2, 3, 2, 3),)
    if name in ("asin", "acos", "atanh"):
        return (between(-0.9, 0.9, 2, 3),)
    if name in ("log", "log2", "log10", "sqrt", "asech", "csch", "coth", "cot"):
        return (between(0.1, 0.9, 2, 3),)
    if name == "binary_cross_entropy":
        return between(0.1, 0.9, 4), between(0, 1, 4)
    if name == "cross_entropy":
        return between(-2, 2, 3, 4), torch.softmax(between(-2, 2, 3, 4), -1)
    if name in ("trace", "det", "logdet", "inverse", "diag", "cofactor"):
        square = between(-1, 1, 3, 3)
        return (square @ square.T + torch.eye(3),)
    if function.kind in ("loss", "matrix") and function.least == 2:
        return between(-2, 2, 4), between(-2, 2, 4)
    if name == "where":
        return between(-2, 2, 4), between(-2, 2, 4), between(-2, 2, 4)
    if name in ("atan2", "min", "max"):
        return between(-2, 2, 4), between(-2, 2, 4)
    return (between(-2, 2, 2, 3),)


CONSTANT = ("ones_like", "identity_like", "one_hot", "largest")  # their derivative is 0


@pytest.mark.parametrize(
    "function", [f for f in ALL_FUNCTIONS if f.name not in CONSTANT], ids=lambda f: f.name
)
def test_a_function_is_differentiable_twice_and_works_in_batches(function: Function) -> None:
    compute = TORCH_FUNCTIONS[function.name]
    arguments = arguments_of(function)
    leaves = tuple(a.detach().requires_grad_() for a in arguments)
    assert gradcheck(compute, leaves)
    assert gradgradcheck(compute, leaves)

    def total(*values: Tensor) -> Tensor:
        return compute(*values).sum()

    # reverse mode twice: in batches, the forward mode of det itself is wrong in PyTorch 2.13
    second = torch.func.jacrev(torch.func.jacrev(total))
    for derived in (compute, torch.func.grad(total), second):
        batch = [torch.stack([a, a * 0.95, a * 0.9]) for a in arguments]
        found = torch.func.vmap(derived)(*batch)
        one_by_one = torch.stack([derived(*row) for row in zip(*batch, strict=True)])
        torch.testing.assert_close(found, one_by_one, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("function", [f for f in ALL_FUNCTIONS if f.name in VALUES])
def test_a_function_of_numbers_has_its_value(function: Function) -> None:
    arguments = [a.flatten()[:1].item() for a in arguments_of(function)]
    names = ["x", "y", "w"][: len(arguments)]
    text = f"{function.name}({', '.join(names)})"
    point = dict(zip(names, arguments, strict=True))
    found = Objective.from_formula(text, point).value()
    assert found == pytest.approx(float(value(parse(text), point)), rel=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2] + 1", [2, 3]),
        ("[[1, 2], [3, 4]] @ [1, -1]", [-1, -1]),
        ("[1, -1] @ [[1, 2], [3, 4]]", [-2, -2]),
        ("[[1, 2], [3, 4]]ᵀ @ [[0, 1], [1, 0]]", [[3, 1], [4, 2]]),
        ("[[1, 2], [3, 4]] + [10, 20]", [[11, 22], [13, 24]]),
        ("[1, 2] * [3, 4] / 2", [1.5, 4]),
        ("2 [1, 2]ᵀᵀ", None),
        ("[1, 2]**2", [1, 4]),
        ("2**[1, 2]", [2, 4]),
        ("max([1, 5, 2])", 5),
        ("max([1, 5], [3, 2], 2.5)", [3, 5]),
        ("min([1, 5], [3, 2])", [1, 2]),
        ("sum([[1, 2], [3, 4]]) + mean([1, 2])", 11.5),
        ("‖[3, 4]‖ + norm([3, 4], 1) + norm([[3, 0], [0, 4]])", 17),
        ("dot([1, 2], [3, 4])", 11),
        ("outer([1, 2], [3, 4])", [[3, 4], [6, 8]]),
        ("trace([[1, 2], [3, 4]]) + det([[1, 2], [3, 4]])", 3),
        ("inverse([[2, 0], [0, 4]])", [[0.5, 0], [0, 0.25]]),
        ("inverse([[0, 0], [0, 0]])", [[math.nan] * 2] * 2),
        ("softmax([0, 0])", [0.5, 0.5]),
        ("softmax([[0, 0], [1, 1]])", [[0.5, 0.5], [0.5, 0.5]]),
        ("logsumexp([[0, 0], [1, 1]])", [math.log(2), math.log(2) + 1]),
        ("row_sum([[1, 2], [3, 4]]) + row_mean([[1, 2], [3, 4]])", [[4.5], [10.5]]),
        ("row_sum([1, 2]) + row_mean([1, 2])", 4.5),
        ("column_sum([[1, 2], [3, 4]]) + column_mean([[1, 2], [3, 4]])", [6, 9]),
        ("cofactor([[1, 2], [3, 4]]) + cofactor([[1, 1], [1, 1]])", [[5, -4], [-3, 2]]),
        ("largest([[1, 5], [5, 2]]) + largest([0, 3])", [[0, 1.5], [0.5, 1]]),
        ("diag([1, 2]) + identity_like([[5, 6], [7, 8]])", [[2, 0], [0, 3]]),
        ("diag([[1, 2], [3, 4]]) + ones_like([5, 6])", [2, 5]),
        ("one_hot([1, 0], [[5, 6, 7], [8, 9, 10]])", [[0, 1, 0], [1, 0, 0]]),
        ("one_hot(1, [5, 6])", [0, 1]),
        ("cross_entropy([0, 0], 1)", math.log(2)),
        ("cross_entropy([[0, 0], [0, 0]], [1, 0])", math.log(2)),
        ("cross_entropy([0, 0], [0.5, 0.5])", math.log(2)),
        ("binary_cross_entropy([0, 1], [0, 1])", 0),
        ("[sin(0), 1]", [0, 1]),
    ],
)
def test_vectors_and_matrices(text: str, expected: object) -> None:
    if expected is None:
        with pytest.raises(FormulaError):
            evaluated(text)
        return
    wanted = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(evaluated(text), wanted, rtol=1e-14, atol=1e-14, equal_nan=True)


def test_losses_are_those_of_pytorch() -> None:
    functional = torch.nn.functional
    z, t = arguments_of(next(f for f in ALL_FUNCTIONS if f.name == "mse"))
    classes = torch.tensor([2, 0, 1])
    rows = arguments_of(next(f for f in ALL_FUNCTIONS if f.name == "cross_entropy"))[0]
    p = torch.sigmoid(z)
    for text, expected in (
        ("mse(z, t)", functional.mse_loss(z, t)),
        ("mae(z, t)", functional.l1_loss(z, t)),
        ("huber(z, t, 0.7)", functional.huber_loss(z, t, delta=0.7)),
        ("bce(p, p²)", functional.binary_cross_entropy(p, p**2)),
        ("bce_with_logits(z, p)", functional.binary_cross_entropy_with_logits(z, p)),
        ("softplus(z, 2) @ t", functional.softplus(z, 2) @ t),
        (
            "leaky_relu(z, 0.3) @ elu(z, 0.4)",
            functional.leaky_relu(z, 0.3) @ functional.elu(z, 0.4),
        ),
        ("mish(z) @ softsign(z)", functional.mish(z) @ functional.softsign(z)),
    ):
        names = {"z": z, "t": t, "p": p}
        used = {name: v for name, v in names.items() if name in parse(text).names}
        assert evaluated(text, **used).item() == pytest.approx(expected.item(), rel=1e-12), text
    objective = Objective.from_formula("cross_entropy(z, t)", {"z": rows}, constants={"t": classes})
    expected = functional.cross_entropy(rows, classes)
    assert objective.value() == pytest.approx(expected.item(), rel=1e-12)


# ---- how it is evaluated ---------------------------------------------------------------------


def test_what_occurs_twice_is_computed_once_and_what_is_fixed_never() -> None:
    shared = Objective.from_formula("sin(x y)² + cos(sin(x y)) + exp(2π)/√3", {"x": 0.5, "y": 2})
    calls: list[str] = []

    class Counted(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            calls.append(function.overloadpacket.__name__)
            return function(*args, **(kwargs or {}))

    with torch.no_grad(), Counted():
        shared.loss(shared.parameters)
    assert [name for name in calls if name not in ("view", "_unsafe_view")] == [
        *("mul", "sin", "mul", "cos", "add", "add"),
    ]


def test_a_batch_of_points_is_the_points_one_by_one() -> None:
    objective = Objective.from_formula(HIMMELBLAU)
    points = torch.randn(100, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    one_by_one = objective.batched_values(points, chunk=1)
    assert torch.equal(objective.batched_values(points, chunk=32), one_by_one)
    assert one_by_one[7] == objective.value(points[7])


def test_second_derivatives_of_a_small_network() -> None:
    objective = Objective.from_formula(
        "(sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2",
        {"w1": 0.3, "b1": -0.1, "w2": 0.8, "b2": 0.2},
        constants={"x": 1.5, "t": 1},
    )

    def loss(theta: Tensor) -> Tensor:
        return objective.loss(objective.point(theta))

    flat = objective.flat()
    hessian = torch.func.hessian(loss)(flat)
    columns = [objective.hvp(flat, row) for row in torch.eye(4, dtype=torch.float64)]
    torch.testing.assert_close(torch.stack(columns), hessian, rtol=1e-12, atol=1e-14)


def test_the_code_in_the_documentation_runs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formulas.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    assert names["himmelblau"].value() == 18.0


# ---- what is refused -------------------------------------------------------------------------

SHAPES = {
    "A @ x": {"A": [[1, 2, 3]], "x": [1, 2]},
    "1 + sum(A @ B)": {"A": [[1, 2]], "B": [[1, 2]]},
    "w @ x": {"x": [1, 2]},
    "A x": {"A": [[1, 2], [3, 4]], "x": [1, 2]},
    "x · y": {"x": [1, 2], "y": [1, 2]},
    "sum(x + y)": {"x": [1, 2], "y": [1, 2, 3]},
    "sum(x - 2y)": {"x": [[1], [2]], "y": [1, 2]},
    "sum(x / y)": {"x": [1, 2], "y": [1, 2, 3]},
    "sum(x ^ y)": {"x": [1, 2], "y": [1, 2, 3]},
    "sum(A^T)": {"A": [[1, 2]]},
    "|x|": {"x": [1, 2]},
    "xᵀ @ x": {"x": [1, 2]},
    "det(A)": {"A": [[1, 2]]},
    "dot(A, A)": {"A": [[1, 2]]},
    "softmax(x)": {},
    "mse(y, t)": {"y": [1, 2], "t": [[1, 2]]},
    "max(x, y)": {"x": [1, 2], "y": [1, 2, 3]},
    "norm(x, p)": {"x": [1, 2]},
    "norm(x, -1)": {"x": [1, 2]},
    "cross_entropy(z, [0, 2])": {"z": [[1, 2], [3, 4]]},
    "cross_entropy(z, [0, 0.5])": {"z": [[1, 2], [3, 4]]},
    "cross_entropy(z, t)": {"z": [1, 2]},
    "sum([x, 1])": {"x": [1, 2]},
}


def test_what_is_said_of_shapes_that_do_not_fit(snapshot: SnapshotAssertion) -> None:
    said = []
    for text, theta in SHAPES.items():
        with pytest.raises(FormulaError) as caught:
            Objective.from_formula(text, theta)
        assert caught.value.column is not None
        said.append(f"{text!r} {theta}\n{caught.value}")
    assert "\n\n".join(said) == snapshot


def test_wrong_shapes_in_a_matrix_product_are_shown_at_its_sign() -> None:
    with pytest.raises(FormulaError, match="2 and 3, differ") as caught:
        Objective.from_formula("1 + sum(A @ x)", {"A": [[1, 2]], "x": [1, 2, 3]})
    assert caught.value.column == 11


NOT_MADE: dict[str, tuple[str, dict[str, object] | object, object]] = {
    "no number": ("2 x", {"x": [1, 2, 3]}, None),
    "a matrix": ("x", {"x": [[1, 2], [3, 4]]}, None),
    "no variable": ("1 + 2", None, None),
    "all are data": ("x", None, {"x": 1}),
    "unknown name": ("loss + 1", {"los": 1}, None),
    "unknown datum": ("x + y", None, {"z": 1}),
    "a product of names": ("xy + z", {"x": 1, "y": 2}, None),
    "given twice": ("x", {"x": 1}, {"x": 1}),
    "given twice by another name": ("x₁", {"x1": 1, "x₁": 2}, None),
    "a function": ("sum(x)", {"sum": 1}, None),
    "NaN": ("x", {"x": math.nan}, None),
    "NaN in a vector": ("sum(x)", {"x": [1, math.nan]}, None),
    "infinity": ("x", {"x": -math.inf}, None),
    "NaN in data": ("x + d", None, {"d": math.nan}),
    "an integer tensor": ("x", {"x": torch.tensor(1)}, None),
    "a complex tensor": ("x + d", None, {"d": torch.tensor(1j)}),
    "a text": ("x", {"x": "3"}, None),
    "a truth value": ("x", {"x": True}, None),
    "nothing": ("x", {"x": None}, None),
    "a ragged list": ("sum(x)", {"x": [[1, 2], [3]]}, None),
    "an empty list": ("sum(x)", {"x": []}, None),
    "a huge integer": ("x", {"x": 10**400}, None),
    "no mapping": ("x", [1], None),
    "a name that is no text": ("x", {1: 1}, None),
}


def test_what_is_said_of_what_is_given_wrongly(snapshot: SnapshotAssertion) -> None:
    said = []
    for kind, (text, theta, constants) in NOT_MADE.items():
        with pytest.raises(ObjectiveError) as caught:
            Objective.from_formula(text, theta, constants=constants)  # type: ignore[arg-type]
        said.append(f"{kind}: {text!r}\n  {caught.value}")
    assert "\n\n".join(said) == snapshot


def test_both_kinds_of_errors_are_value_errors() -> None:
    for text in ("x +", "1"):
        with pytest.raises(ValueError):
            Objective.from_formula(text)
