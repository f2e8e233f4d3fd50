"""Values at which gradients by vectors and matrices are compared: signs, and probabilities."""

import numpy as np
import pytest

from chainrule.calculus import FormulaError
from chainrule.learning.practice import grade
from chainrule.learning.practice.matrix_asked import read_matrices, read_matrix


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "shapes"),
    [
        ("cross_entropy(z, t)", "z", "softmax(z) - t", None),
        ("cross_entropy(z, t)", "z", "softmax(z)*sum(t) - t", None),
        ("cross_entropy(z, t)", "z", "softmax(z) - t", {"z": (4,), "t": (4,)}),
        ("cross_entropy(Z, Y)", "Z", "softmax(Z) - Y", {"Z": (1, 4), "Y": (1, 4)}),
        ("cross_entropy(Z, Y)", "Z", "(softmax(Z) - Y)/3", {"Z": (3, 4), "Y": (3, 4)}),
        ("cross_entropy(W x + b, t)", "W", "(softmax(W x + b) - t) x^T", None),
        ("cross_entropy(W x + b, t)", "x", "W^T (softmax(W x + b) - t)", None),
        ("bce_with_logits(z, t)", "z", "(sigmoid(z) - t)/3", {"z": (3,), "t": (3,)}),
        ("binary_cross_entropy(p, t)", "p", "(p - t)/(p*(1 - p))/3", {"p": (3,), "t": (3,)}),
    ],
)
def test_targets_of_a_cross_entropy_are_probabilities(
    formula: str, wrt: str, answer: str, shapes: dict[str, tuple[int, ...]] | None
) -> None:
    assert grade(formula, wrt, answer, shapes=shapes).correct


def test_of_one_row_the_mean_is_not_missed() -> None:
    for answer in ("softmax(z)", "softmax(z) + t", "2(softmax(z) - t)"):
        found = grade("cross_entropy(z, t)", "z", answer).diagnoses
        assert "cross-entropy-not-averaged" not in [each.mutation for each in found]
    (found,) = grade("cross_entropy(Z, T)", "Z", "softmax(Z) - T").diagnoses
    assert found.mutation == "cross-entropy-not-averaged"


def test_a_target_without_the_shape_of_the_scores_is_the_number_of_a_class() -> None:
    asked = read_matrix(read_matrices("cross_entropy(z, t)"), "z", {"z": (4,)})
    assert {float(point["t"]) for point in asked.points} <= {0.0, 1.0, 2.0, 3.0}
    assert not grade("cross_entropy(z, t)", "z", "softmax(z)", shapes={"z": (4,)}).correct


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("sum(relu(x))", "x", "ones_like(x)"),
        ("sum(relu(W x + b))", "W", "ones_like(b) x^T"),
        ("sum(abs(A x))", "x", "A^T ones_like(A x)"),
        ("sum(leaky_relu(x))", "x", "ones_like(x)"),
        ("sum(elu(x))", "x", "ones_like(x)"),
        ("sum(sqrt(x^2))", "x", "ones_like(x)"),
        ("norm(relu(x))^2", "x", "2x"),
    ],
)
def test_what_is_right_left_or_right_of_a_kink_alone_is_wrong(
    formula: str, wrt: str, answer: str
) -> None:
    assert not grade(formula, wrt, answer).correct


@pytest.mark.parametrize(
    ("formula", "wrt"), [("sum(relu(x))", "x"), ("sum(abs(A x - b))", "x"), ("sum(sin(x))", "x")]
)
def test_entries_have_both_signs(formula: str, wrt: str) -> None:
    points = read_matrix(read_matrices(formula), wrt).points
    assert all((value > 0).all() for value in points[0].values())
    for name in points[0]:
        assert min(float(point[name].min()) for point in points) < 0


@pytest.mark.parametrize("formula", ["sum(relu(x))", "sum(abs(A x - b))", "sum(relu(W x + b))"])
def test_both_sides_of_a_kink_are_seen(formula: str) -> None:
    asked = read_matrix(read_matrices(formula), "x")
    slopes = np.concatenate([np.ravel(each) for each in asked.right])
    kinked = read_matrix(read_matrices(formula.replace("relu", "").replace("abs", "")), "x")
    assert len({*np.sign(slopes)}) > 1
    assert asked.shape == kinked.shape


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("sum(log(x))", "x", "1/x"),
        ("sum(a*sqrt(x))", "x", "a/(2 sqrt(x))"),
        ("logdet(X)", "X", "X^-T"),
        ("log(a^T x)", "x", "a/(a^T x)"),
        ("sum(x^1.5)", "x", "1.5 x^0.5"),
    ],
)
def test_where_there_are_values_on_one_side_alone_only_that_is_looked_at(
    formula: str, wrt: str, answer: str
) -> None:
    assert grade(formula, wrt, answer).correct


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("sum(sigmoid(W x + b))", "b", "s*(1 - s); s = sigmoid(z); z = W x + b"),
        (
            "norm(V sigmoid(W x) - t)^2",
            "W",
            "(q*h*(1 - h)) x^T; h = sigmoid(W x); q = 2 V^T (V h - t)",
        ),
        ("cos(x^2)", "x", "-sin(u)*2x; u = v; v = x^2"),
    ],
)
def test_definitions_in_several_steps_are_put_in(formula: str, wrt: str, answer: str) -> None:
    assert grade(formula, wrt, answer).correct


@pytest.mark.parametrize("answer", ["-sin(u)*2x; u = v; v = u", "-sin(u)*2x; u = u^2"])
def test_definitions_that_go_round_are_refused_in_a_sentence(answer: str) -> None:
    with pytest.raises(FormulaError, match="must not go round in a circle"):
        grade("cos(x^2)", "x", answer)


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("2/3 * X^T (X w - y)", True),
        ("2 X^T (X w - y)/3", True),
        ("2 X (X w - y)", False),
        ("2 X^T (X w - y)", False),
    ],
)
def test_the_mean_squared_error_of_a_matrix_is_one_of_matrices(answer: str, correct: bool) -> None:
    assert grade("mse(X w, y)", "w", answer).correct is correct


def test_the_mean_squared_error_is_taken_apart() -> None:
    found = grade("mse(X w, y)", "w", "2 X^T (X w - y)")
    assert "mean-as-sum" in [each.mutation for each in found.diagnoses]
    (lost,) = grade("mse(X w, y)", "w", "X^T (X w - y)/3").diagnoses
    assert lost.mutation == "two-lost"
    with pytest.raises(FormulaError, match="same shape"):
        grade("mse(X, y)", "y", "y", shapes={"X": (3, 2), "y": (2,)})


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("log(1 - x^T x)", "-2 x/(1 - x^T x)"),
        ("sqrt(1 - norm(x)^2)", "-x/sqrt(1 - norm(x)^2)"),
        ("-sum(log(b - A x))", "A^T (1/(b - A x))"),
        ("sqrt(norm(x) - 4)", "x/(2 norm(x) sqrt(norm(x) - 4))"),
    ],
)
def test_what_has_values_for_small_or_large_vectors_alone_is_graded(
    formula: str, answer: str
) -> None:
    assert grade(formula, "x", answer).correct
    assert not grade(formula, "x", f"2 ({answer})").correct
