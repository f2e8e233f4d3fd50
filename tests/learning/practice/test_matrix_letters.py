"""Letters that a question does not have: the identity, a vector of ones, the size of a mean."""

import pytest

from chainrule.learning.practice import AnswerError, grade


@pytest.mark.parametrize(
    "identity", ["I", "I_n", "eye(n)", r"\mathbf{I}", r"\mathbb{I}_{n}", "np.eye(3)", "I^T"]
)
def test_an_identity_matrix_has_the_size_that_fits(identity: str) -> None:
    assert grade("norm(x) x", "x", f"norm(x) {identity} + x x^T/norm(x)").correct
    found = grade("norm(x) x", "x", f"norm(x) {identity} - x x^T/norm(x)")
    assert not found.correct


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("A x + x", "x", "A + I"),
        ("trace(X)", "X", "I"),
        ("x/norm(x)", "x", r"\frac{1}{\|x\|} \left(I - \frac{x x^T}{\|x\|^2}\right)"),
        ("softmax(x)", "x", r"diag(softmax(x)) (I - \mathbf{1} softmax(x)^T)"),
        ("norm(A x - b)^2 + λ norm(x)^2", "x", "2 (A^T A + λ I) x - 2 A^T b"),
        ("sum(A x)", "x", "A^T 1"),
        ("sum(A x)", "x", r"A^T \mathbf{1}"),
        ("sum(A x)", "x", "A.T @ np.ones(3)"),
        ("sum(X)", "X", r"\mathbf{1} \mathbf{1}^T"),
    ],
)
def test_the_identity_and_ones_stand_where_they_fit(formula: str, wrt: str, answer: str) -> None:
    assert grade(formula, wrt, answer).correct


def test_an_identity_that_does_not_fit_is_no_right_answer() -> None:
    assert not grade("sum(A x)", "x", "A 1").correct
    assert not grade("A x + x", "x", "A - I").correct
    found = grade("norm(x) x", "x", "norm(x) I")
    assert [each.mutation for each in found.diagnoses] == ["product-first-lost"]


@pytest.mark.parametrize("size", ["n", "m", "N", "B", "len(b)", "b.size", "A.shape[0]"])
def test_the_size_of_a_mean_may_have_a_name(size: str) -> None:
    found = grade("mean((A x - b)^2)", "x", f"2 A^T (A x - b)/{size}")
    assert found.correct
    said = f"`{size}` was read as the size of what the mean is taken of."
    assert found.note == (said if len(size) == 1 else None)


def test_of_a_mean_of_a_matrix_it_may_be_the_product_of_two() -> None:
    assert grade("mean((X W - Y)^2)", "W", "2 X^T (X W - Y)/(n m)").correct


def test_with_a_size_mistakes_are_named_as_without() -> None:
    for answer, mistake in (
        ("A^T (A x - b)/n", "two-lost"),
        ("-2 A^T (A x - b)/n", "sign-of-whole"),
        ("2 A (A x - b)/n", "transpose-missing"),
    ):
        found = grade("mean((A x - b)^2)", "x", answer)
        assert [each.mutation for each in found.diagnoses] == [mistake]
    assert not grade("mean((A x - b)^2)", "x", "2 A^T (A x - b)/A.shape[1]").correct


def test_a_size_where_nothing_is_averaged_is_not_taken_for_a_logarithm() -> None:
    with pytest.raises(AnswerError, match="'n', which the question does not have: nothing in it"):
        grade("norm(A x - b)^2", "x", "2 A^T (A x - b)/n")
    with pytest.raises(AnswerError) as refused:
        grade("x^2", "x", "2 x n")
    assert "ln" not in refused.value.reason


def test_a_name_of_the_question_is_neither() -> None:
    assert grade("n x^2", "x", "2 n x").correct
    assert grade("I x", "x", "I").correct


def test_a_half_behind_a_vector_is_no_half_of_ones() -> None:
    with pytest.raises(AnswerError, match="Expected an operator before this number"):
        grade("x^T x/4", "x", "x 1/2")
