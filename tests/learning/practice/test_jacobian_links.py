"""Jacobians of vectors with a factor missing, and entries of lists with a wrong sign."""

import pytest

from chainrule.learning.practice import grade

SLOPE = "diag(1 - tanh(A x)^2)"


def named(formula: str, answer: str, wrt: str = "x") -> list[str]:
    return [each.mutation for each in grade(formula, wrt, answer).diagnoses]


def message(formula: str, answer: str) -> str:
    (found,) = grade(formula, "x", answer).diagnoses
    return found.message


@pytest.mark.parametrize(
    ("formula", "answer", "part"),
    [
        ("sigmoid(W x + b)", "diag(sigmoid(W x + b) ⊙ (1 - sigmoid(W x + b)))", "W x + b"),
        ("softmax(W x)", "diag(softmax(W x)) - softmax(W x) softmax(W x)^T", "W x"),
        ("B tanh(A x)", f"B {SLOPE}", "A x"),
        ("tanh(V relu(W x))", "diag(1 - tanh(V relu(W x))^2) V", "relu(W x)"),
    ],
)
def test_it_is_said_by_which_part_a_derivative_is_that_stops_early(
    formula: str, answer: str, part: str
) -> None:
    assert named(formula, answer) == ["matrix-stopped-early"]
    assert f"the derivative by `{part}`, a part on the way" in message(formula, answer)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("B tanh(A x)", "B A"),
        ("sigmoid(W x + b)", "W"),
        ("A softmax(B x)", "A B"),
        ("tanh(V relu(W x))", "V W"),
        ("tanh(V relu(W x))", "V diag(W x > 0) W"),
    ],
)
def test_a_slope_that_is_left_out_is_named(formula: str, answer: str) -> None:
    assert named(formula, answer) == ["slope-lost"]


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("B tanh(A x)", f"{SLOPE} A"),
        ("A (x ⊙ x)", "2 diag(x)"),
        ("A softmax(B x)", "(diag(softmax(B x)) - softmax(B x) softmax(B x)^T) B"),
    ],
)
def test_a_matrix_in_front_that_is_missing_is_named_first(formula: str, answer: str) -> None:
    assert named(formula, answer)[0] == "held-factor-lost"


def test_what_is_around_and_was_forgotten_is_told() -> None:
    found = message("tanh(V relu(W x))", "diag(W x > 0) W")
    assert found.startswith("That is the derivative of `relu(W x)`. What is done with it")


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "by"),
    [
        (
            "softmax(A x + b)",
            "x",
            "diag(softmax(A x + b)) - softmax(A x + b) softmax(A x + b)^T",
            "b",
        ),
        ("A x + B y", "x", "B", "y"),
        ("A x + B y", "y", "A", "x"),
    ],
)
def test_the_jacobian_by_another_name_is_named(
    formula: str, wrt: str, answer: str, by: str
) -> None:
    said = [each.message for each in grade(formula, wrt, answer).diagnoses]
    assert any(f"derivative by {by}" in each or "part on the way" in each for each in said)


def test_right_jacobians_are_right_and_the_transpose_is_told() -> None:
    assert grade("B tanh(A x)", "x", f"B {SLOPE} A").correct
    assert named("B tanh(A x)", f"A^T {SLOPE} B^T") == ["gradient-transposed"]


@pytest.mark.parametrize(
    ("entries", "mistake"),
    [
        ("[[2x, 3y^2], [y, x]]", "difference-sign-lost"),
        ("[[-2x, -3y^2], [y, x]]", "sign-of-whole"),
    ],
)
def test_the_sign_of_one_term_is_told_of_that_term(entries: str, mistake: str) -> None:
    assert named("[x^2 - y^3, x y]", entries, "x,y") == [mistake]


def test_a_sign_that_is_that_of_the_only_term_is_told_of_the_term() -> None:
    assert named("4 - x^2", "2x") == ["difference-sign-lost"]
    assert named("4 + x^2", "-2x") == ["sum-sign"]
    assert named("x^2", "-2x") == ["sign-of-whole"]
