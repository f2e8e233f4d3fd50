"""Answers about vectors and matrices as they stand in programs and in other countries' books."""

import pytest

from chainrule.learning.practice import grade


@pytest.mark.parametrize(
    "answer",
    [
        "2 * A.T.dot(A.dot(x) - b)",
        "2*np.dot(A.T, np.dot(A, x) - b)",
        "2*torch.matmul(A.T, A @ x - b)",
        "2*A.t() @ (A @ x - b)",
        "2*A.T.mv(A.mv(x) - b)",
        "2 A^t (A x - b)",
        "2*A'*(A*x - b)",
    ],
)
def test_products_of_programs_are_read(answer: str) -> None:
    assert grade("norm(A x - b)^2", "x", answer).correct


@pytest.mark.parametrize(
    "answer",
    [
        "x/||x||",
        "x/‖x‖_2",
        r"x/\|x\|_{2}",
        "x/np.linalg.norm(x)",
        "x ./ norm(x)",
        "x/torch.norm(x)",
    ],
)
def test_lengths_are_read(answer: str) -> None:
    assert grade("norm(x)", "x", answer).correct


@pytest.mark.parametrize(
    "answer",
    ["np.linalg.inv(X).T", "torch.linalg.inv(X).T", "X^{-1}^T", "(X^-1)^T", "X^-T", "inv(X)^t"],
)
def test_inverses_are_read(answer: str) -> None:
    assert grade("log(det(X))", "X", answer).correct


def test_signs_between_entries_of_programs_are_read() -> None:
    assert grade("v^T relu(W x)", "W", "(v.*(W x > 0)) x^T").correct
    assert grade("sum(x^3)", "x", "3*x.^2").correct
    assert grade("sum(a/x)", "x", r"-a \oslash x^2").correct


def test_a_sum_of_rows_is_a_row() -> None:
    found = grade("norm(A x - b)^2", "x", "2 (x^T A^T - b^T) A")
    assert found.correct
    assert "as a row" in (found.note or "")
    assert grade("x^T A x", "x", "-(-x^T A - x^T A^T)").correct


def test_t_may_be_a_name() -> None:
    assert grade("a A^t", "a", "A^t").correct
    assert grade("A a^t", "t", "A a^t ln a").correct
