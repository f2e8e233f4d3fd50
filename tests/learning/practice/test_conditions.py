"""Slopes in cases as people type them, and answers whose cases change at other places."""

import pytest

from chainrule.learning.practice import AnswerError, grade

SLOPES_OF_RELU = (
    "diag(W x > 0) v x^T",
    "((W x > 0) ⊙ v) x^T",
    "(v ⊙ 1[W x > 0]) x^T",
    "(v ⊙ 1_{W x > 0}) x^T",
    "(v ⊙ I(W x > 0)) x^T",
    "(v ⊙ 𝟙[W x ≥ 0]) x^T",
    r"(v \odot \mathbb{1}[W x > 0]) x^\top",
    r"(v \odot \mathbf{1}_{\{W x \geq 0\}}) x^\top",
    "(v ⊙ step(W x)) x^T",
    "(v ⊙ heaviside(W x)) x^T",
    "(v ⊙ H(W x)) x^T",
    "np.outer(v * np.heaviside(W @ x, 0), x)",
    "torch.outer(v * (W @ x > 0).float(), x)",
    "(v ⊙ where(W x > 0, 1, 0)) x^T",
)


@pytest.mark.parametrize("answer", SLOPES_OF_RELU)
def test_where_a_relu_lets_through_is_said_in_many_ways(answer: str) -> None:
    assert grade("v^T relu(W x)", "W", answer).correct


@pytest.mark.parametrize(
    "answer",
    [
        "3 (3x > 1)",
        "3 step(3x - 1)",
        r"3 \mathbb{1}_{3x \ge 1}",
        "3 if x > 1/3 else 0",
        "{3 if x > 1/3, 0 otherwise}",
        r"\begin{cases} 3 & \text{if } x > 1/3 \\ 0 & \text{otherwise} \end{cases}",
        "3 (1/3 < x)",
    ],
)
def test_cases_of_numbers_are_read(answer: str) -> None:
    assert grade("relu(3x - 1)", "x", answer).correct


def test_a_condition_on_both_sides_holds_where_both_do() -> None:
    assert grade("relu(x) relu(1 - x)", "x", "(0 < x < 1) (1 - 2x)").correct
    assert not grade("relu(x) relu(1 - x)", "x", "(x < 1) (1 - 2x)").correct


def test_the_condition_the_wrong_way_round_is_wrong() -> None:
    assert not grade("v^T relu(W x)", "W", "diag(W x < 0) v x^T").correct
    assert not grade("v^T relu(W x)", "W", "diag(W x > 1) v x^T").correct


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("relu(3x - 1)", "x", "3 (x > 0.3)"),
        ("relu(3x - 1)", "x", "3 (x > 0.3333)"),
        ("abs(x)", "x", "2 (x > 0.01) - 1"),
        ("relu(x)", "x", "(0 < x < 40)"),
        ("max(x, y)", "x", "(x > y + 0.001)"),
        ("v^T relu(W x)", "W", "diag(W x > 0.001) v x^T"),
        ("sum(abs(A x))", "x", "A^T (2 (A x > 0.01) - 1)"),
    ],
)
def test_cases_that_change_beside_the_kink_are_not_called_right(
    formula: str, wrt: str, answer: str
) -> None:
    found = grade(formula, wrt, answer)
    assert not found.correct
    assert [each.mutation for each in found.diagnoses] == ["other-borders"]


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("abs(x^2 - 4)", "x", "2x (x^2 > 4) - 2x (x^2 < 4)"),
        ("max(x, y)", "x", "(x > y)"),
        ("log(abs(x))", "x", "sign(x)/abs(x)"),
        ("sum(abs(A x))", "x", "A^T ((A x > 0) - (A x < 0))"),
    ],
)
def test_cases_that_change_at_the_kink_are_right(formula: str, wrt: str, answer: str) -> None:
    assert grade(formula, wrt, answer).correct


def test_a_derivative_that_is_left_to_be_written_out_is_asked_for() -> None:
    with pytest.raises(AnswerError, match=r"written out, found relu′"):
        grade("v^T relu(W x)", "W", "(v ⊙ relu'(W x)) x^T")
    with pytest.raises(AnswerError, match=r"written out, found σ′"):
        grade("sigmoid(3x)", "x", "3 σ'(3x)")


def test_a_name_of_the_question_is_no_step() -> None:
    assert grade("H x", "x", "H").correct
    assert grade("a^T H b", "a", "H b").correct
