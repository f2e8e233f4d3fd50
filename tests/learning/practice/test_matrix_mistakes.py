"""What is said of a gradient by a vector or matrix that went wrong in one step, or beside it."""

from contextlib import suppress

import pytest
from benchmarks.problems_of_books import MATRICES

from chainrule.calculus import FormulaError
from chainrule.learning.practice import grade
from chainrule.learning.practice.as_slips import SLIPS_OF_LEFT_OUT


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "left_out"),
    [
        ("1/2*norm(A*x - b)^2", "x", "A^T A x", "Without b the inside"),
        ("norm(u - c)", "u", "u/norm(u - c)", "Without c the inside"),
        ("log(u^T M u + k^T k)", "u", "(M + M^T) u/(u^T M u)", "Without kᵀ k the inside"),
        ("(u - c)^T M (u - c)", "u", "(M + M^T) u", "Without c the inside"),
        ("u^T M u", "u", "M u + u", "The factor M is missing"),
        ("norm(V tanh(W u) - c)^2", "V", "2 V tanh(W u) tanh(W u)^T", "Without c the inside"),
        ("(M u - c)^T diag(d) (M u - c)", "u", "2 M^T (M u - c)", "The factor diag(d) is missing"),
        ("sum(d ⊙ u ⊙ u)", "u", "2 u", "The factor d is missing"),
        ("a*norm(z)^2", "z", "2z", "The factor a is missing"),
        ("norm(M u - c)^2 + λ norm(u)^2", "u", "2 M^T (M u - c) + 2 u", "The factor λ is missing"),
        ("c^T u + norm(M u)^2/λ", "u", "c + 2 M^T M u", "What it is divided by, λ, is missing"),
        ("norm(M u - c)^2", "u", "2 M^T (M u + c)", "The inside is M u − c, with its minus"),
        ("(1 - c^T u)^2", "u", "-2 (1 + c^T u) c", "The inside is 1 − cᵀ u, with its minus"),
        ("norm(M - u c^T)^2", "u", "-2 M c", "Without u cᵀ the inside"),
        # in several places, as who copied it wrongly once, before
        ("1/((u - c)^T M (u - c))", "u", "-(M + M^T) u/(u^T M u)^2", "Without c the inside"),
        ("exp(-norm(u - c)^2/2)", "u", "-u exp(-norm(u)^2/2)", "Without c the inside"),
        ("sqrt(norm(A u - c)^2 + 1)", "u", "A^T A u/sqrt(norm(A u)^2 + 1)", "Without c the inside"),
        ("tr(inverse(M + U) N)", "U", "-U^-T N^T U^-T", "Without M the inside"),
        ("(u - c)^T M (u - c)", "u", "2 (u - c)", "The factor M is missing"),
    ],
)
def test_what_was_left_out_with_its_derivative_is_named_and_asked_apart_from_a_slip(
    formula: str, wrt: str, answer: str, left_out: str
) -> None:
    """The derivative of a constant is 0; but who forgets to copy it writes the same."""
    found = grade(formula, wrt, answer)
    first, slip = found.diagnoses
    assert first.mutation in SLIPS_OF_LEFT_OUT
    assert left_out in first.message
    assert slip.is_slip
    assert found.question is not None
    (settled,) = grade(formula, wrt, answer, reply="1").diagnoses
    assert settled.mutation == first.mutation


@pytest.mark.parametrize(
    ("formula", "answer", "mistake"),
    [
        ("c^T U^T U d", "U d c^T - U c d^T", "product-minus"),
        ("c^T U^T U d", "U c d^T - U d c^T", "product-minus"),
        ("det(U)^2", "2 det(U)^4 U^-T", "power-raised"),
    ],
)
def test_a_sign_or_a_number_of_a_rule_is_asked_apart_from_a_slip(
    formula: str, answer: str, mistake: str
) -> None:
    found = grade(formula, "U", answer)
    first, slip = found.diagnoses
    assert first.mutation == mistake
    assert slip.is_slip
    assert found.question is not None


def test_a_minus_that_was_lost_inside_is_no_half_of_two_mistakes() -> None:
    """Of u + c for 2(u − c) anything may be true."""
    said = {each.mutation for each in grade("norm(u - c)^2", "u", "u + c").diagnoses}
    assert not said & {"inside-minus-lost", "inside-term-lost"}


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


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "mistake", "said"),
    [
        # of a sum the term that is wrong, and what is wrong with it
        (
            "norm(M u - c)^2 + λ norm(u)^2",
            "u",
            "2 (M u - c) + 2 λ u",
            "matrix-stopped-early",
            "M u",
        ),
        (
            "norm(M u - c)^2 + λ norm(u)^2",
            "u",
            "2 M^T (M u - c) + λ norm(u)^2",
            "not-differentiated",
            "In the derivative of λ",
        ),
        (
            "norm(M u - c)^2 + λ norm(u)^2",
            "u",
            "2 M^T (M u - c) + 2 λ norm(u)",
            "matrix-stopped-early",
            "In the derivative of λ",
        ),
        ("logdet(N) + c^T N^-1 c", "N", "N^-T + c c^T", "slope-lost", "inverse"),
        # the slope of the outermost function alone
        ("logdet(M^T M)", "M", "1/det(M^T M)", "chain-inner-lost", "the determinant"),
        ("logsumexp(M u)", "u", "1/sum(exp(M u))", "chain-inner-lost", "exponentials"),
        ("norm(U)", "U", "1/(2 norm(U))", "chain-inner-lost", "squares"),
        ("mean(tanh(M u))", "u", "mean(1 - tanh(M u)^2)", "matrix-stopped-early", "M u"),
        ("sum(D ⊙ U ⊙ U)", "U", "D ⊙ U ⊙ U", "not-differentiated", "sum"),
        ("u^T M u", "u", "M + M^T", "gradient-shape", "second"),
        # a step of the way, or several, left out
        ("c^T softmax(M u)", "u", "M^T c", "slope-lost", "softmax"),
        ("norm(V tanh(W u) - c)^2", "W", "2 (V tanh(W u) - c) u^T", "parts-skipped", "W"),
        ("norm(D U - E)^2", "U", "2 norm(D U - E) D^T", "parts-skipped", "straight"),
        ("u^T M v", "v", "M^T", "held-factor-lost", "u is missing"),
        # two places taken for one, a product for another
        ("a^T U^T U b", "U", "2 U a b^T", "one-place-twice", "Both places"),
        ("norm(D ⊙ U - E)^2", "U", "2 D^T (D ⊙ U - E)", "entrywise-product-as-matrix-product", ""),
        # the root
        ("sqrt(u^T M u)", "u", "(M + M^T) u/sqrt(u^T M u)", "sqrt-half-lost", "2 below"),
        ("sqrt(u^T M u)", "u", "(M + M^T) u sqrt(u^T M u)/2", "sqrt-not-lowered", "below"),
        # determinants
        ("logdet(M^T M)", "M", "2 M M^T M", "log-determinant-inverse-lost", "inverse is missing"),
        ("det(M)", "M", "det(M) M^T", "determinant-inverse-lost", "inverse is missing"),
        # signs and neighbours inside the rules
        ("logdet(N) + c^T N^-1 c", "N", "N^-T + N^-T c c^T N^-T", "inverse-sign", "minus"),
        (
            "c^T softmax(M u)",
            "u",
            "M^T (diag(softmax(M u)) + softmax(M u) softmax(M u)^T) c",
            "softmax-plus",
            "minus",
        ),
        ("logsumexp(M u)", "u", "M^T sigmoid(M u)", "logsumexp-sigmoid", "softmax"),
        ("-sum(log(c - M u))", "u", "M^T (c - M u)", "log-turned", "upside down"),
        ("(c^T u)*(d^T u)", "u", "c + d", "product-added", "were added"),
        ("u^T log(u)", "u", "1/u", "product-of-derivatives", "multiplied"),
        ("u ⊙ (M u)", "u", "M", "product-of-derivatives", "multiplied"),
        ("sum(u^3)", "u", "u^3", "not-differentiated", "differentiated"),
    ],
)
def test_what_a_person_did_is_named(
    formula: str, wrt: str, answer: str, mistake: str, said: str
) -> None:
    first = grade(formula, wrt, answer).diagnoses[0]
    assert first.mutation == mistake
    assert said in first.message


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "mistakes"),
    [
        (
            "logdet(N) + c^T N^-1 c",
            "N",
            "N^-1 + N^-1 c c^T N^-1",
            {"gradient-transposed", "inverse-sign"},
        ),
        (
            "c^T tanh(W u)",
            "W",
            "u (c ⊙ (1 - tanh(W u)))^T",
            {"gradient-transposed", "tanh-square-lost"},
        ),
        ("(u - c)^T M (u - c)", "u", "2 M u", {"symmetric-assumed", "held-term-lost"}),
    ],
)
def test_a_mistake_beside_a_transpose_or_a_symmetric_matrix(
    formula: str, wrt: str, answer: str, mistakes: set[str]
) -> None:
    found = grade(formula, wrt, answer)
    assert {each.mutation for each in found.diagnoses} == mistakes


def test_only_the_matrix_that_was_taken_for_symmetric_is_named() -> None:
    (found,) = grade("u^T M u + norm(N u)^2", "u", "2 M u + 2 N^T N u").diagnoses
    assert found.message.startswith("That holds if M is symmetric")
    (found,) = grade("u^T M u - u^T K u", "u", "2 M u - 2 K u").diagnoses
    assert found.message.startswith("That holds if these are symmetric: M, K")


def test_where_a_factor_2_comes_from_is_said_only_of_a_formula_that_has_it() -> None:
    (found,) = grade("a^T U b", "U", "2 a b^T").diagnoses
    assert found.message == "There is a factor 2 too much."
    (found,) = grade("norm(M u - c)^2/2", "u", "2 M^T (M u - c)").diagnoses
    assert "half of a square" in found.message


@pytest.mark.parametrize("reply", ["1", "2"])
def test_a_lost_sign_is_settled_by_a_reply(reply: str) -> None:
    given = ("logdet(N) + c^T N^-1 c", "N", "N^-T + N^-T c c^T N^-T")
    asked = grade(*given)
    assert asked.question is not None
    (found,) = grade(*given, reply=reply).diagnoses
    assert found.mutation == ("inverse-sign", "slip-sign")[int(reply) - 1]


def test_what_says_that_a_function_was_kept_is_said_of_an_answer_with_one() -> None:
    """log(eˣ) has the values of x, but nobody who writes x has kept a logarithm."""
    said = [each.mutation for each in grade("log(sum(exp(u)))", "u", "u").diagnoses]
    assert "log-of-derivative" not in said


@pytest.mark.parametrize(("formula", "wrt"), MATRICES[::4])
def test_mistakes_are_looked_for_in_formulas_of_books(formula: str, wrt: str) -> None:
    """A product of numbers with a constant among them once ended in an error."""
    answer = f"17 {wrt} + {wrt}"
    assert not grade(formula, wrt, answer).correct
    for around in ("3*({})*norm(q)/2 + norm(q)^2", "norm(q)/log(5 + ({})^2)", "sqrt(2 + ({})^2)"):
        with suppress(FormulaError):  # of a vector there is no such number
            assert not grade(around.format(formula), wrt, answer).correct
