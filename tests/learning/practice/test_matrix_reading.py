"""What people type for vectors and matrices, and the mistakes of rules that are told from slips."""

import pytest

from chainrule.calculus import FormulaError, parse
from chainrule.learning.practice import AnswerError, grade

Shapes = dict[str, tuple[int, ...]]


def named(formula: str, wrt: str, answer: str) -> set[str]:
    return {each.mutation for each in grade(formula, wrt, answer).diagnoses}


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("sum((B ∘ Y)^2)", "Y", "2 B ∘ B ∘ Y"),
        ("sum((B ⊙ Y)^2)", "Y", "2 B^2 ⊙ Y"),
        ("trace((A ∘ X) B)", "X", "A ∘ B^T"),
        ("sum((a ∘ x)^2)", "x", "2 a ∘ a ∘ x"),
        ("c^T tanh(M u)", "u", "M^T (c ⊙ (1 - tanh(M u)^2))"),
        ("c^T tanh(M u)", "u", "M^T c ⊙ (1 - tanh(M u)^2)"),
        ("c^T tanh(M u)", "M", r"(c \odot (1 - tanh(M u)^2)) u^\top"),
    ],
)
def test_signs_between_entries_are_read_in_formulas_and_answers(
    formula: str, wrt: str, answer: str
) -> None:
    assert grade(formula, wrt, answer).correct


def test_entry_by_entry_is_no_matrix_product() -> None:
    assert not grade("sum((B ∘ Y)^2)", "Y", "2 B^T (B ∘ Y)").correct
    shapes: Shapes = {"B": (3, 2), "Y": (3, 2)}
    assert grade("sum((B ∘ Y)^2)", "Y", "2 B ∘ B ∘ Y", shapes=shapes).correct


def test_of_two_readings_the_one_with_the_shape_asked_for_is_talked_about() -> None:
    assert "gradient-shape" not in named("cross_entropy(s, p)", "s", "-p*(2 - softmax(s))")


@pytest.mark.parametrize(
    ("formula", "wrt", "answer"),
    [
        ("1/2*u^T M u + c^T u", "u", "1/2 (M + M^T) u + c"),
        ("1/2*u^T M u + c^T u", "u", "1/2(M + M^T) u + c"),
        ("log(1 + exp(c^T u))", "u", "exp(c^T u)/(1 + exp(c^T u)) c"),
        ("norm(u)", "u", "1/norm(u) u"),
    ],
)
def test_a_vector_or_matrix_behind_a_fraction_is_multiplied_by_it(
    formula: str, wrt: str, answer: str
) -> None:
    assert grade(formula, wrt, answer).correct


@pytest.mark.parametrize("answer", ["1/2u", "1/2 u^T u", "1/2 norm(u) u"])
def test_what_may_stand_below_a_fraction_still_needs_its_sign(answer: str) -> None:
    with pytest.raises(AnswerError, match="needs its sign or parentheses"):
        grade("norm(u)^2", "u", answer)
    with pytest.raises(FormulaError, match="needs its sign or parentheses"):
        parse("1/2 (x + 1)")


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "shapes"),
    [
        ("cross_entropy(s, p)", "s", "torch.softmax(s, dim=0) - p", None),
        ("cross_entropy(s, p)", "s", "F.softmax(s, dim=-1) - p", None),
        ("cross_entropy(S, P)", "S", "(softmax(S, dim=1) - P)/2", {"S": (2, 3), "P": (2, 3)}),
        ("u^T M u", "u", r"(M + M^{\mathsf{T}}) u", None),
        ("logdet(M)", "M", r"M^{-\mathsf{T}}", None),
    ],
)
def test_axes_of_pytorch_and_transposes_of_books_are_read(
    formula: str, wrt: str, answer: str, shapes: Shapes | None
) -> None:
    assert grade(formula, wrt, answer, shapes=shapes).correct


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("(softmax(S, dim=0) - P)/2", "softmax along the last axis, dim=1, found dim=0"),
        ("sum(S, dim=0)", "Expected an axis only in softmax"),
        ("(S + S) P^T P - words of mine", "found words"),
    ],
)
def test_what_is_not_read_is_said(answer: str, says: str) -> None:
    shapes: Shapes = {"S": (2, 3), "P": (2, 3)}
    with pytest.raises(AnswerError, match=says):
        grade("cross_entropy(S, P)", "S", answer, shapes=shapes)


def test_transposes_are_no_words() -> None:
    assert grade("u^T M u - c^T u", "u", "(M + M^T) u - c^T u").correct is False


@pytest.mark.parametrize(
    "answer",
    [
        "[2x y, x^2; 5, 1]",
        "((2x y, x^2); (5, 1))",
        "[[2x y, x^2]; [5, 1]]",
        "[2u, x^2; 5, 1]; u = x y",
    ],
)
def test_rows_of_a_jacobian_may_be_parted_by_semicolons(answer: str) -> None:
    assert grade("[x^2 y, 5x + y]", "x,y", answer).correct


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "mistake"),
    [
        ("(c^T u)^2", "u", "c", "power-slope-lost"),
        ("cross_entropy(M u, p)", "u", "M^T (M u - p)", "cross-entropy-as-squares"),
        ("cross_entropy(M u, p)", "M", "(-p/softmax(M u)) u^T", "cross-entropy-of-probabilities"),
        ("cross_entropy(s, p)", "s", "log_softmax(s) - p", "cross-entropy-log-kept"),
        ("cross_entropy(s, p)", "s", "-p*(1 - softmax(s))", "cross-entropy-own-score"),
        ("logsumexp(M u)", "M", "exp(M u) u^T", "logsumexp-log-lost"),
        ("c^T sin(M u)", "M", "cos(M u) u^T", "vector-factor-lost"),
        ("norm(M Y N)^2", "Y", "2 M M Y N N", "transpose-missing"),
        ("norm(M Y N)^2", "Y", "2 N^T M Y N M^T", "order-of-factors"),
        ("c^T u", "u", "c + u", "all-variables"),
    ],
)
def test_mistakes_of_rules_are_named(formula: str, wrt: str, answer: str, mistake: str) -> None:
    assert named(formula, wrt, answer) == {mistake}


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "mistakes"),
    [
        ("c^T sin(M u)", "u", "M c", {"transpose-missing", "slope-lost"}),
        ("sum(tanh(M u))", "M", "-(1 - tanh(M u)) u^T", {"tanh-square-lost", "sign-of-whole"}),
        ("mean((X v - y)^2)", "v", "2 X (X v - y)", {"transpose-missing", "mean-as-sum"}),
        ("u^T M u + c^T u", "u", "2 M u - c", {"symmetric-assumed", "gradient-term-sign"}),
    ],
)
def test_a_mistake_of_a_rule_beside_another_is_named(
    formula: str, wrt: str, answer: str, mistakes: set[str]
) -> None:
    assert named(formula, wrt, answer) == mistakes


def test_a_bias_of_the_shape_of_what_it_is_added_to_is_not_summed_over_rows() -> None:
    assert "sum-not-over-rows" not in named("sum((c - M u)^2)", "u", "M^T (c - M u)")
    assert "sum-not-over-rows" not in named("u^T M u - c^T u", "u", "(M + M^T) u + c")


def test_an_answer_that_has_a_value_at_some_points_alone_is_compared_there() -> None:
    assert grade("sum(u^2)", "u", "2 exp(log(u))").correct
