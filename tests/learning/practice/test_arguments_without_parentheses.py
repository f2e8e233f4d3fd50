r"""Functions without parentheses, as books and LaTeX have them: \sin x^{2}, \ln\sqrt{x}."""

import pytest

from chainrule.learning.practice import AnswerError, grade


@pytest.mark.parametrize(
    ("formula", "wrt", "answer", "read"),
    [
        ("sin(x^2)", "x", r"2x\cos x^{2}", "cos(x^{2})"),
        ("sin(x^2)", "x", "2x cos x^2", "cos(x^2)"),
        ("sin(x^2)", "x", "2x cos x²", "cos(x²)"),
        ("x ln(x^2)", "x", r"\ln x^{2} + 2", "ln(x^{2})"),
        ("sin(3x^2)", "x", r"6x \cos 3x^2", "cos(3x^2)"),
        ("sin(x y)", "x", r"y \cos xy", "cos(xy)"),
        ("sin(x) y", "y", r"\sin x", ""),
        ("sin(x) y", "x", r"\cos x \, y", "cos(x) y"),
        ("sin(π x)", "x", r"\pi \cos \pi x", r"cos(\pi x)"),
        ("ln(x)^3", "x", r"3 \ln x^2 / x", "(ln(x))^2"),
        ("exp(x^2)", "x", r"2x \exp x^2", "exp(x^2)"),
        ("cos(x)^3", "x", "-3 sin x cos x^2", "(cos(x))^2"),
        ("sin(x) cos(x^2)", "x", r"\cos x\cos x^2 - 2x\sin x\sin x^2", "cos(x^2), sin(x^2)"),
    ],
)
def test_an_answer_that_is_right_in_one_reading_is_right(
    formula: str, wrt: str, answer: str, read: str
) -> None:
    found = grade(formula, wrt, answer)
    assert found.correct
    assert found.note == (f"Read as `{read}`: parentheses say it." if read else None)


@pytest.mark.parametrize(
    ("formula", "answer", "said"),
    [
        (
            "sin(x^2)",
            r"\cos x^{2}",
            r"\cos x^{2} can be read in two ways: write cos(x^{2}), as most books mean it, or "
            r"(cos(x))^{2}.",
        ),
        (
            "x^2",
            r"\log x y",
            r"\log x y can be read in two ways: write log(x y) or log(x) y.",
        ),
        ("x^2", r"\sin \pi x", r"Expected parentheses in \sin \pi x: write sin(\pi x)."),
    ],
)
def test_else_it_is_asked_what_is_meant(formula: str, answer: str, said: str) -> None:
    with pytest.raises(AnswerError) as refused:
        grade(formula, "x", answer)
    assert refused.value.reason == said


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("ln(sqrt(x))", r"\frac{1}{2x}"),
        ("x ln(sqrt(x))", r"\ln\sqrt{x} + \frac12"),
        ("x ln(sin(x))", r"\ln\sin x + x\cot x"),
        ("x sin(sqrt(x))", r"\sin\sqrt{x} + \frac{\sqrt{x}}{2} \cos\sqrt{x}"),
        ("cos(-x)", r"\sin -x"),
        ("sin(2x)", r"2\cos 2x"),
        ("sin(x)^2", r"2\sin x\cos x"),
        ("exp(-x^2/2)", r"-x e^{-x^2/2}"),
        ("x sin(x)", r"\sin x + x \cos x"),
        ("sin(x/2)", r"\frac{1}{2}\cos\frac{x}{2}"),
        ("exp(x) sin(x)", r"\sin x e^x + e^x \cos x"),
    ],
)
def test_what_is_clear_without_parentheses_is_read(formula: str, answer: str) -> None:
    found = grade(formula, "x", answer)
    assert found.correct
    assert found.note is None


def test_indices_of_latex_are_read() -> None:
    assert grade("x_1 x_2^2", "x_1", r"x_{2}^{2}").correct
    assert grade("x_1^2 x_2", "x_1", r"2x_{1}x_{2}").correct
    assert grade("θ_1^2 x", "θ_1", r"2 \theta_1 x").correct
    assert grade("θ_1^2 x", "θ_1", r"2 x\theta_{1}").correct


def test_what_is_defined_behind_a_comma_is_put_in() -> None:
    assert grade("sigmoid(w x + b)", "w", "x s (1 - s), s = σ(w x + b)").correct
    wrong = grade("sigmoid(w x + b)", "w", "s (1 - s), s = σ(w x + b)")
    assert "chain-inner-lost" in [each.mutation for each in wrong.diagnoses]
