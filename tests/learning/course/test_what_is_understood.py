"""What the page shows of an answer while it is typed: as it will be graded."""

import pytest

from chainrule.calculus import FormulaError
from chainrule.calculus.latex import latex
from chainrule.learning.course.blocks import LessonExercise
from chainrule.learning.course.exercises import understood


def shown(formula: str, answer: str, wrt: str = "x") -> str:
    asked = LessonExercise(
        id="matrices/1", kind="derivative", skill="matrices", formula=formula, wrt=wrt
    )
    return ", ".join(latex(each) for each in understood(asked, answer))


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("norm(x) x", "norm(x) I + x x^T/norm(x)"),
        ("norm(x) x", "norm(x) eye(n)"),
        ("mean((A x - b)^2)", "2 A^T (A x - b)/n"),
        ("x^T A x", "1/2 (A + A^T) x"),
        ("sum(A x)", r"A^T \mathbf{1}"),
        ("sum(A x)", "A^T 1"),
        ("relu(W x)", "diag(W x > 0) W"),
        ("W x + x", "W + I"),
        ("sum(softmax(z))", "F.softmax(z, dim=-1)"),
    ],
)
def test_answers_of_matrices_are_shown_as_they_are_graded(formula: str, answer: str) -> None:
    said = shown(formula, answer, "z" if "z" in formula else "x")
    assert said
    assert "Ɩ" not in said


def test_a_vector_of_ones_is_shown_as_1() -> None:
    assert "1" in shown("sum(A x)", "A^T ones")


def test_what_cannot_be_read_is_refused_as_it_is_graded() -> None:
    with pytest.raises(FormulaError, match="'k', which the question does not have"):
        shown("mean((A x - b)^2)", "2 A^T (A x - b)/k")


def test_numbers_and_lists_are_shown_as_before() -> None:
    assert shown("x^2 y", "(2x y, x^2)", "x,y").count(",") == 1
    assert shown("[x^2 y, x]", "[[2x y, x^2], [1, 0]]", "x,y")
