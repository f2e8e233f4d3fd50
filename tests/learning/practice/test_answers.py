"""Answers in every notation, and what is said of those that cannot be read."""

import re

import pytest

from chainrule.calculus import write
from chainrule.learning.practice import grade
from chainrule.learning.practice.answers import AnswerError, read_answer

NAMES = ("x", "y", "w")


def read(text: str) -> list[str]:
    return [write(entry.root) for entry in read_answer(text, NAMES).entries]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dy/dx = 2x", ["2x"]),
        ("f'(x) = 2x", ["2x"]),
        ("∂f/∂x = 2x", ["2x"]),
        ("2(x+1) = 2x+2", ["2x + 2"]),
        (r"\frac{1}{2\sqrt{x}}", ["(1) / (2 sqrt(x))"]),
        (r"\dfrac12 x", ["((1) / (2)) x"]),
        (r"\sin^{2}(x)\cos x", ["sin^2(x) cos x"]),
        (r"\begin{pmatrix}2x\\2y\end{pmatrix}", ["2x", "2y"]),
        ("torch.cos(x)*2", ["cos(x) * 2"]),
        ("torch.exp(-x).pow(2)", ["exp(-x)^(2)"]),
        ("x.sigmoid()", ["sigmoid(x)"]),
        ("torch.pow(x, 3)", ["(x)^(3)"]),
        ("torch.where(x > 0, 1, 0)", ["where((x) - (0), 1, 0)"]),
        ("(x > 0).float()", ["where((x) - (0), 1, 0)"]),
        ("torch.tensor([2*x, 2*y])", ["2 * x", "2 * y"]),
        ("(2x, 2y)", ["2x", "2y"]),
        ("2x and 2y", ["2x", "2y"]),
        ("∂f/∂x = 2x und ∂f/∂y = 2y", ["2x", "2y"]),
        ("2x i + 2y j", ["2x", "2y"]),
        ("(2x) i - (2y) j", ["2x", "-(2y)"]),
        (r"2x\,\mathbf{i} + 2y\,\mathbf{j}", ["2x", "2y"]),
        ("<2x, 2y>", ["2x", "2y"]),
        ("2x, 2y", ["2x", "2y"]),
        ("e⁻ˣ", ["e^(-x)"]),
        ("½x", ["(1 / 2) x"]),
        ("wx", ["w x"]),
        ("xe^x", ["x e^x"]),
        ("2cos2x", ["2 cos 2x"]),
        ("xsinx", ["x sin x"]),
        ("σ(x)", ["sigmoid(x)"]),
        ("ln|x|", ["ln(|x|)"]),
        ("sin^-1(x)", ["asin(x)"]),
        ("cos(x^3)3x^2", ["cos(x^3) · 3x^2"]),
        ("x 2^(x-1)", ["x · 2^(x - 1)"]),
        ("1:x", ["1 / x"]),
        ("f'(x): 2x", ["2x"]),
        ("x ≈ 2.5", ["2.5"]),
        ("`2x`.", ["2x"]),
        ("2\u200bx", ["2x"]),
        ("Wurzel(x) + cosinus(y)", ["sqrt(x) + cos(y)"]),
        ("(2x, 2y)^T", ["2x", "2y"]),
        ("df/dx = 2x, df/dy = 2y", ["2x", "2y"]),
        ("f_x(x, y) = 2x, f_y(x, y) = 2y", ["2x", "2y"]),
        (r"\frac{\partial f}{\partial x} = 2x, \frac{\partial f}{\partial y} = 2y", ["2x", "2y"]),
        ("cos(u)*2x; u = x^2", ["cos(x^2) * 2x"]),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(typed: str, meant: list[str]) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2,5", ["2.5"]),
        ("−0,5x^(−0,5)", ["-0.5x^(-0.5)"]),
        ("y' = 0,5cos(u); u = x^2", ["0.5 cos(x^2)"]),
        ("max(0,x)", ["max(0, x)"]),
        ("1,5", ["1", "5"]),
        ("(0,5x, 2y)", ["0.5x", "2y"]),
        ("(0,5x; 2,5y)", ["0.5x", "2.5y"]),
        ("2x; 2y", ["2x", "2y"]),
    ],
)
def test_a_comma_parts_decimals_where_a_list_would_have_too_many(
    typed: str, meant: list[str]
) -> None:
    read = read_answer(typed, NAMES, count=len(meant))
    assert [write(entry.root) for entry in read.entries] == meant


@pytest.mark.parametrize(
    "typed",
    ["?", "idk", "weiß nicht", "The answer is 2x", "ungefähr 2,5", "zwei x", "I don't know"],
)
def test_words_are_answered_by_what_to_type(typed: str) -> None:
    with pytest.raises(AnswerError, match="found words: type the formula alone"):
        read_answer(typed, NAMES, count=1)


@pytest.mark.parametrize("typed", ["2x dx", "dy = 2x dx"])
def test_a_differential_is_told_from_a_derivative(typed: str) -> None:
    with pytest.raises(AnswerError, match="leave out dx"):
        read_answer(typed, ("x",), count=1)


@pytest.mark.parametrize(
    ("typed", "column", "says"),
    [
        ("2x +", 5, "The formula ends here"),
        ("dy/dx = 2x cos(q)", 16, "found 'q', which the question does not have"),
        ("1/2x", 4, "After / a product needs its sign or parentheses"),
        ("cos x^2", 1, "can be read in two ways"),
        (r"2x \foo{x}", 4, r"the command \foo"),
        (r"\frac{1}", 1, "a numerator and a denominator"),
        ("y' = x'", 7, "Write the derivative out"),
        ("2X", 2, "Did you mean 'x'?"),
        ("2x m/s", 4, "leave out the unit m"),
        ("", None, "The answer is empty"),
        ("dy/dx =", None, "Expected the answer after the equals sign"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_column(
    typed: str, column: int | None, says: str
) -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer(typed, NAMES)
    assert says in caught.value.reason
    assert column is None or caught.value.column == column


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2x m/s", "leave out the unit m"),
        ("3 kg", "leave out the unit kg"),
        ("2X", "Did you mean 'x'?"),
        ("3Xy", "Did you mean 'xy'?"),
    ],
)
def test_units_and_capital_letters_are_told_what_to_leave_out_or_to_write(
    typed: str, says: str
) -> None:
    with pytest.raises(AnswerError, match=re.escape(says)):
        read(typed)


def test_i_and_j_are_names_where_the_question_has_them() -> None:
    assert len(read_answer("2i + 3j", ("i", "j")).entries) == 1


def test_the_constant_of_an_integral_is_noticed() -> None:
    assert read_answer("x^3/3 + C", NAMES).constant_added
    assert not read_answer("2a x + c", ("a", "x", "c")).constant_added


def test_a_derivative_with_the_constant_of_an_integral_is_told_so() -> None:
    found = grade("x^2", "x", "2x + C")
    assert [each.mutation for each in found.diagnoses] == ["constant-of-integral"]
    assert not found.correct
