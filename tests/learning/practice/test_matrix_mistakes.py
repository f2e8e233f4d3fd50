"""What is said of a gradient by a vector or matrix that went wrong in one step, or beside it."""

import pytest

from chainrule.learning.practice import grade
from chainrule.learning.practice.matrix_held_mistakes import LEFT_OUT


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "left_out"),
    [
        ("1/2*norm(A*x - b)^2", "x", "A^T A x", "b is missing"),
        ("norm(u - c)", "u", "u/norm(u - c)", "c is missing"),
        ("(u - c)^T M (u - c)", "u", "(M + M^T) u", "c is missing"),
        ("u^T M u", "u", "M u + u", "The factor M is missing"),
        ("norm(V tanh(W u) - c)^2", "V", "2 V tanh(W u) tanh(W u)^T", "c is missing"),
        ("(M u - c)^T diag(d) (M u - c)", "u", "2 M^T (M u - c)", "The factor diag(d) is missing"),
        ("sum(d ⊙ u ⊙ u)", "u", "2 u", "The factor d is missing"),
        ("a*norm(z)^2", "z", "2z", "The factor a is missing"),
        ("norm(M u - c)^2 + λ norm(u)^2", "u", "2 M^T (M u - c) + 2 u", "The factor λ is missing"),
        ("c^T u + norm(M u)^2/λ", "u", "c + 2 M^T M u", "What it is divided by, λ, is missing"),
    ],
)
def test_what_was_left_out_with_its_derivative_is_named_and_asked_apart_from_a_slip(
    formula: str, wrt: str, answer: str, left_out: str
) -> None:
    """The derivative of a constant is 0; but who forgets to copy it writes the same."""
    found = grade(formula, wrt, answer)
    first, slip = found.diagnoses
    assert first.mutation in LEFT_OUT
    assert left_out in first.message
    assert slip.is_slip
    assert found.question is not None
    (settled,) = grade(formula, wrt, answer, reply="1").diagnoses
    assert settled.mutation == first.mutation


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "left_out"),
    [
        ("1/((u - c)^T M (u - c))", "u", "-(M + M^T) u/(u^T M u)^2", "c is missing"),
        ("exp(-norm(u - c)^2/2)", "u", "-u exp(-norm(u)^2/2)", "c is missing"),
        ("sqrt(norm(A u - c)^2 + 1)", "u", "A^T A u/sqrt(norm(A u)^2 + 1)", "c is missing"),
        ("tr(inverse(M + U) N)", "U", "-U^-T N^T U^-T", "M is missing"),
        ("(u - c)^T M (u - c)", "u", "2 (u - c)", "The factor M is missing"),
    ],
)
def test_what_was_left_out_at_several_places_is_no_slip(
    formula: str, wrt: str, answer: str, left_out: str
) -> None:
    (found,) = grade(formula, wrt, answer).diagnoses
    assert found.mutation in LEFT_OUT
    assert found.message.startswith(left_out)


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "mistake"),
    [
        ("sqrt(u^T M u)", "u", "sqrt((M + M^T) u)", "sqrt-of-derivative"),
        ("log(c^T u)", "u", "log(c)", "log-of-derivative"),
        ("tanh(u^T M u)", "u", "tanh((M + M^T) u)", "chain-inside-differentiated"),
        ("(u^T M u)/norm(u)^2", "u", "(M + M^T) u/(2 u)", "quotient-of-derivatives"),
        ("1/norm(u - c)", "u", "norm(u - c)/(u - c)", "reciprocal-of-derivative"),
    ],
)
def test_a_derivative_that_was_put_inside_is_named(
    formula: str, wrt: str, answer: str, mistake: str
) -> None:
    (found,) = grade(formula, wrt, answer).diagnoses
    assert found.mutation == mistake


def test_a_root_that_was_left_out_is_not_said_to_be_a_root_of_the_derivative() -> None:
    """√u′ with u′ = 1 has the value 1, which is also what is left without the root."""
    found = grade("sqrt((u - c)^T M (u - c))", "u", "(M + M^T) (u - c)").diagnoses
    assert [each.mutation for each in found] == ["slope-lost"]
    assert "sqrt" in found[0].message


def test_half_of_every_product_rule_is_one_mistake() -> None:
    answer = "(M u (u^T N u) - (u^T M u) N u)/(u^T N u)^2"
    found = grade("(u^T M u)/(u^T N u)", "u", answer)
    assert [each.mutation for each in found.diagnoses] == ["product-second-lost"]


def test_a_function_that_is_held_and_was_differentiated_too_is_named() -> None:
    (found,) = grade("c^T tanh(M u)", "c", "1 - tanh(M u)^2").diagnoses
    assert found.mutation == "held-differentiated"
