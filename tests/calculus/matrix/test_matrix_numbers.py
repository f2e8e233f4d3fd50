"""NumPy's numbers are PyTorch's, and what has none is refused with its place."""

import itertools

import numpy as np
import pytest
import torch
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import (
    ALL_FUNCTIONS,
    DomainError,
    FormulaError,
    Function,
    parse,
)
from chainrule.calculus.matrix import MatrixEvaluation, Shape, derive_matrix, infer
from chainrule.calculus.matrix.evaluate import short
from chainrule.calculus.matrix.fit import misfit
from chainrule.objective import Objective
from chainrule.objective.torch_functions import TORCH_FUNCTIONS

BETWEEN = {
    **dict.fromkeys(("acosh", "asec", "acsc", "acoth"), (1.2, 3.0)),
    **dict.fromkeys(("asin", "acos", "atanh"), (-0.9, 0.9)),
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "asech", "binary_cross_entropy"), (0.1, 0.9)),
}


@pytest.mark.parametrize("function", ALL_FUNCTIONS, ids=lambda each: each.name)
def test_a_function_has_the_value_that_it_has_in_pytorch(function: Function) -> None:
    random = np.random.default_rng(0)
    name = function.name
    shapes: list[Shape] = [(), (3,), (3, 3)]
    compared = 0
    for count in range(function.least, (function.most or 3) + 1):
        for given in itertools.product(shapes, repeat=count):
            if misfit(name, given):
                continue
            low, high = BETWEEN.get(name, (-2.0, 2.0))
            values = [random.uniform(low, high, size=shape) for shape in given]
            if name in ("det", "logdet", "inverse"):
                values = [each @ each.T + np.eye(3) for each in values]
            if name in ("norm", "huber") and count == function.most:
                values[-1] = np.abs(values[-1]) + 0.5
            tensors = [torch.as_tensor(each) for each in values]
            if name == "one_hot" or (name == "cross_entropy" and given[0] != given[1]):
                at = 0 if name == "one_hot" else 1
                values[at] = random.integers(0, 3, given[at]).astype(float)
                tensors[at] = torch.as_tensor(values[at]).long()
            if name == "norm" and count == 2:
                tensors[1] = float(values[1])
            letters = "xyz"[:count]
            text = f"{name}({', '.join(letters)})"
            found = MatrixEvaluation(dict(zip(letters, values, strict=True)))(parse(text).root)
            expected = TORCH_FUNCTIONS[name](*tensors).numpy()
            assert found.shape == expected.shape
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
            compared += 1
    assert compared


REFUSED: dict[str, dict[str, Shape]] = {
    "A @ x": {"A": (1, 3), "x": (2,)},
    "1 + sum(A @ B)": {"A": (1, 2), "B": (1, 2)},
    "s @ x": {"s": (), "x": (2,)},
    "A x": {"A": (2, 2), "x": (2,)},
    "x · y": {"x": (2,), "y": (2,)},
    "sum(x + y)": {"x": (2,), "y": (3,)},
    "sum(1 + x - 2y)": {"x": (2, 1), "y": (2,)},
    "sum(x / y)": {"x": (2,), "y": (3,)},
    "sum(x ^ y)": {"x": (2,), "y": (3,)},
    "|x|": {"x": (2,)},
    "xᵀ @ x": {"x": (2,)},
    "det(A)": {"A": (1, 2)},
    "dot(A, A)": {"A": (2, 2)},
    "softmax(x)": {"x": ()},
    "column_mean(x)": {"x": (3,)},
    "diag(A)": {"A": (2, 3)},
    "mse(y, t)": {"y": (2,), "t": (1, 2)},
    "max(x, y)": {"x": (2,), "y": (3,)},
    "sum([x, 1])": {"x": (2,)},
    "cross_entropy(z, t)": {"z": (2, 2), "t": (3,)},
}


def test_shapes_are_refused_as_pytorch_formulas_refuse_them(snapshot: SnapshotAssertion) -> None:
    said = []
    for text, shapes in REFUSED.items():
        with pytest.raises(FormulaError) as caught:
            infer(parse(text), shapes)
        zeros = {name: np.zeros(shape).tolist() for name, shape in shapes.items()}
        with pytest.raises(FormulaError) as same:
            Objective.from_formula(text, zeros)
        assert str(caught.value) == str(same.value)
        said.append(f"{text!r} {shapes}\n{caught.value}")
    assert "\n\n".join(said) == snapshot


def test_what_has_no_gradient_or_no_value_is_refused(snapshot: SnapshotAssertion) -> None:
    said = []
    for text, wrt, point in (
        ("sum(A)", "B", {"A": [[1.0]]}),
        ("sum(AB)", "A", {"AB": [[1.0]]}),
        ("sum([[x]])", "x", {"x": [[1.0, 2.0]]}),
        ("1 + norm(x, p)", "p", {"x": [1.0, 2.0], "p": 2.0}),
        ("norm(x, p)", "x", {"x": [1.0, 2.0], "p": -1.0}),
        ("cross_entropy(z, t)", "t", {"z": [[1.0, 2.0]], "t": [1.0]}),
        ("cross_entropy(z, t)", "z", {"z": [[1.0, 2.0]], "t": [2.0]}),
        ("2 + sum(inverse(A))", "A", {"A": [[1.0, 2.0], [2.0, 4.0]]}),
        ("1 + logdet(A)", "A", {"A": [[1.0, 2.0], [2.0, 1.0]]}),
        ("sum(log(x))", "x", {"x": [1.0, -1.0]}),
        ("norm(x)", "x", {"x": [0.0, 0.0]}),
        ("sum(x)", "x", {"x": [1.0, float("nan")]}),
        ("sum(x)", "x", {"x": "many"}),
        ("sum(x)", "x", {}),
    ):
        with pytest.raises(FormulaError) as caught:
            shapes = {n: np.shape(v) for n, v in point.items() if n in parse(text).names}
            found = derive_matrix(parse(text), wrt, {n: s for n, s in shapes.items() if s != ()})
            at = MatrixEvaluation(point, text)
            at(found.formula.root)
            at(found.gradient)
        said.append(f"{text!r} by {wrt} at {point}\n{type(caught.value).__name__}: {caught.value}")
    assert "\n\n".join(said) == snapshot


def test_a_determinant_has_a_gradient_at_a_singular_matrix() -> None:
    formula = parse("det(A)")
    point = {"A": [[1.0, 2.0], [2.0, 4.0]]}
    found = MatrixEvaluation(point)(derive_matrix(formula, "A", {"A": (2, 2)}).gradient)
    np.testing.assert_allclose(found, [[4, -2], [-2, 1]], atol=1e-12)
    with pytest.raises(DomainError, match="determinant 0"):
        MatrixEvaluation(point)(parse("inverse(A)").root)


def test_equal_largest_entries_share_the_slope_as_in_pytorch() -> None:
    for text in ("max(x + 0.1 - 0.3)", "min(-x)", "sum(max(x, 0.7))"):
        point = np.array([0.7, 0.2, 0.7])
        found = MatrixEvaluation({"x": point})(
            derive_matrix(parse(text), "x", {"x": (3,)}).gradient
        )
        expected = Objective.from_formula(text, {"x": point}).gradient()["x"]
        np.testing.assert_allclose(found, expected)


def test_numbers_on_one_line() -> None:
    assert short(np.array(-0.0)) == "0"
    assert short(np.array([[1.0, 2.5], [3.0, 1e-7]])) == "[[1, 2.5], [3, 1e-07]]"
    assert short(np.ones((4, 4))) == "(4 × 4, norm 4)"
