"""Products of matrices and those entry by entry side by side, without parentheses."""

import pytest

from chainrule.learning.practice import grade


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "read"),
    [
        (
            "v^T tanh(W x + b)",
            "x",
            "W^T v ⊙ (1 - tanh(W x + b)^2)",
            "Wᵀ (v ⊙ (1 - tanh(W x + b)^2))",
        ),
        (
            "v^T tanh(W x + b)",
            "x",
            "W^T v * (1 - tanh(W x + b)^2)",
            "Wᵀ (v ⊙ (1 - tanh(W x + b)^2))",
        ),
        (
            "v^T tanh(W x + b)",
            "W",
            "v ⊙ (1 - tanh(W x + b)^2) x^T",
            "(v ⊙ (1 - tanh(W x + b)^2)) xᵀ",
        ),
        ("v^T (x ⊙ (W x))", "x", "v ⊙ W x + W^T (v ⊙ x)", "v ⊙ (W x)"),
        # W is square here, so that both orders fit, and only one is right
        ("sum(W x) + v^T exp(W x) + norm(x)^2", "v", "exp(W x)", ""),
        ("x^T W x + v^T tanh(W x)", "x", "W x + W^T x + W^T v ⊙ (1 - tanh(W x)^2)", "Wᵀ (v ⊙ "),
    ],
)
def test_how_products_side_by_side_were_read_is_said(
    formula: str, wrt: str, answer: str, read: str
) -> None:
    found = grade(formula, wrt, answer)
    assert found.correct
    assert (read in (found.note or "")) if read else found.note is None


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "read"),
    [
        (
            "sum(sigmoid(X w))",
            "w",
            "X^T (sigmoid(X w) (1 - sigmoid(X w)))",
            "sigmoid(X w) ⊙ (1 - sigmoid(X w))",
        ),
        ("v^T tanh(W x)", "x", "W^T v (1 - tanh(W x)^2)", "Wᵀ (v ⊙ (1 - tanh(W x)^2))"),
        ("v^T tanh(W x)", "W", "(v (1 - tanh(W x)^2)) x^T", "v ⊙ (1 - tanh(W x)^2)"),
        ("sum(x ⊙ x ⊙ x)", "x", "3 x x", "3 (x ⊙ x)"),
    ],
)
def test_columns_side_by_side_can_only_be_meant_entry_by_entry(
    formula: str, wrt: str, answer: str, read: str
) -> None:
    found = grade(formula, wrt, answer)
    assert found.correct
    assert (found.note or "").startswith(f"Read as `{read}`: two columns side by side")


def test_columns_side_by_side_that_are_wrong_stay_wrong() -> None:
    assert not grade("sum(sigmoid(X w))", "w", "X (sigmoid(X w) (1 - sigmoid(X w)))").correct
    assert not grade("x^T A x", "x", "2 x x").correct
    # a dot product of two columns is none entry by entry
    assert grade("norm(x)^4", "x", "4 x^T x x").note is None


@pytest.mark.parametrize(
    "answer",
    [
        "W^T (v ⊙ (1 - tanh(W x + b)^2))",
        "W^T diag(1 - tanh(W x + b)^2) v",
        "W.T @ (v * (1 - tanh(W @ x + b)**2))",
    ],
)
def test_where_parentheses_stand_nothing_is_said(answer: str) -> None:
    found = grade("v^T tanh(W x + b)", "x", answer)
    assert found.correct
    assert found.note is None


def test_python_multiplies_from_left_to_right() -> None:
    found = grade("v^T tanh(W x + b)", "x", "W.T @ v * (1 - tanh(W @ x + b)**2)")
    assert not found.correct


def test_what_stands_on_both_sides_of_a_sign_between_entries_has_one_shape() -> None:
    found = grade("norm(A X - B)^2", "X", "2 A^T ⊙ (A X - B)")
    assert not found.correct
    assert "write parentheses around what belongs together" in found.diagnoses[0].message


@pytest.mark.parametrize("answer", ["x a^T + a^T x I", "a^T x I + x a^T"])
def test_a_number_made_of_vectors_stands_before_a_matrix(answer: str) -> None:
    # read from the right, x I does not fit
    identity = answer.replace("I", "identity_like(x x^T)")
    assert grade("(a^T x) x", "x", identity).correct


@pytest.mark.parametrize(
    ("formula", "answer"), [("sigmoid(W x + b)", "W"), ("B tanh(A x)", "B A"), ("exp(-A x)", "-A")]
)
def test_a_formula_of_capital_letters_may_be_one_of_matrices(formula: str, answer: str) -> None:
    found = grade(formula, "x", answer)
    assert [each.mutation for each in found.diagnoses] == ["slope-lost"]
