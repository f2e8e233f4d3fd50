"""The slope of a curve: right in any form that the equation allows, and why one is wrong."""

from typing import Any

import pytest

from chainrule.calculus import FormulaError, write
from chainrule.calculus.read_problem import read_problem
from chainrule.learning.practice import AnswerError, curve_asked, curve_mistakes, grade
from chainrule.learning.practice.curve_asked import read_curve
from chainrule.learning.practice.curve_points import curve_table

CURVES = (
    "x^2 + y^2 = 25",
    "x*y + y^3 = 7",
    "x^3 + y^3 = 6x*y",
    "sin(x y) = x",
    "e^y = x + y^2",
    "x^2 y - y^2 = 4",
    "√x + √y = 3",
    "(x^2 + y^2)^2 = 8x*y",
)


@pytest.mark.parametrize("curve", CURVES)
def test_the_slope_is_right_in_all_forms_that_it_was_derived_in(curve: str) -> None:
    found = read_curve(read_problem(curve))
    for form in (found.raw, found.tidy, found.factored):
        assert grade(curve, "x", write(form)).correct
    assert not grade(curve, "x", f"{write(found.factored)} + x/50").correct


@pytest.mark.parametrize("curve", CURVES)
def test_points_lie_on_the_curve(curve: str) -> None:
    found = read_curve(read_problem(curve))
    table = curve_table(found)
    assert table is not None
    difference = table(found.equation.left.root) - table(found.equation.right.root)
    assert abs(difference).max() < 1e-9
    assert len({*table.columns[found.of]}) > 5


@pytest.mark.parametrize(
    ("curve", "answer"),
    [
        ("x^2 + y^2 = 25", "-x y/(25 - x^2)"),  # the equation was used
        ("x^2 + y^2 = 25", "dy/dx = -2x/(2y)"),
        ("x^2 + y^2 = 25", r"-\frac{x}{y}"),
        ("x^3 + y^3 = 6x*y", "(2y - x^2)/(y^2 - 2x)"),
        ("x y = 1", "-1/x^2"),
    ],
)
def test_forms_that_people_give(curve: str, answer: str) -> None:
    assert grade(curve, "x", answer).correct


@pytest.mark.parametrize(
    ("curve", "answer", "mistakes"),
    [
        ("x^2 + y^2 = 25", "x/y", {"sign-of-whole"}),
        ("x^2 + y^2 = 25", "-y/x", {"reciprocal-of-whole"}),
        ("x^2 + y^2 = 25", "y/x", {"implicit-turned"}),
        ("x^2 + y^2 = 25", "2x", {"implicit-held"}),
        ("x^2 + y^2 = 25", "-x/√(25 - x^2)", {"implicit-one-branch"}),
        ("x^2 + x y = 3", "-2x - y", {"implicit-not-divided"}),
        ("x y + y^3 = 7", "-1/(3y^2 + 1)", {"product-added"}),
        ("x y + y^3 = 7", "-y/(3y^2)", {"implicit-held", "product-second-lost", "slip-term"}),
        ("sin(x y) = x", "1/cos(x y)", {"product-of-derivatives"}),
        ("x^2 + y^3 = 10", "2x + 3y^2", {"implicit-one"}),  # y like x, and no y′ anywhere
        ("y^2 = x^3", "x^3/(2y)", {"not-differentiated"}),  # the right side
        ("e^y = x y", "x y/e^y", {"not-differentiated"}),
        ("y sin(x) = x + 1", "1/sin(x)", {"product-second-lost", "slip-term"}),
        ("x^2 + y^2 = 25", "7x", set()),
    ],
)
def test_mistakes_of_the_sides_and_of_the_solving(
    curve: str, answer: str, mistakes: set[str]
) -> None:
    found = grade(curve, "x", answer)
    assert not found.correct
    assert {each.mutation for each in found.diagnoses} == mistakes
    assert (found.question is None) == (len(mistakes) < 2)


@pytest.mark.parametrize(
    ("curve", "answer", "named"),
    [
        ("x^2 + y^2 = 25", "-3x/y", ["slip-number"]),
        ("x*y + y^3 = 7", "-y/(x - 3y^2)", ["slip-sign"]),  # where terms change sides
        ("x*y + y^3 = 7", "-x/(x + 3y^2)", ["slip-function"]),
        ("x^2 y - y^2 = 4", "-2x/(x^2 - 2y)", ["slip-factor"]),
    ],
)
def test_a_slip_is_told_and_accuses_of_nothing(curve: str, answer: str, named: list[str]) -> None:
    found = grade(curve, "x", answer)
    assert [each.mutation for each in found.diagnoses] == named


@pytest.mark.parametrize(
    ("curve", "answer", "mistakes"),
    [
        ("e^y = x + y^2", "-1/(e^y - y)", {"power-factor-lost", "sign-of-whole"}),
        ("cos(y) = x^2", "-x/cos(y)", {"power-factor-lost", "cos-kept"}),
    ],
)
def test_two_mistakes_at_once(curve: str, answer: str, mistakes: set[str]) -> None:
    found = grade(curve, "x", answer)
    assert {each.mutation for each in found.diagnoses} == mistakes
    assert found.question is None


def test_what_would_be_told_in_the_same_words_is_not_asked_for() -> None:
    """A term was left out of the sum, or of the difference of both sides."""
    found = grade("x y^2 = 4 + x", "x", "-y/(2x)")
    assert [each.mutation for each in found.diagnoses] == ["sum-term-lost"]
    assert found.question is None


def test_pairs_of_mistakes_that_give_one_answer_are_asked_for() -> None:
    found = grade("x*y + y^3 = 7", "x", "y/(3y^2)")
    assert [each.mutation for each in found.diagnoses] == ["implicit-held", "product-second-lost"]
    settled = grade("x*y + y^3 = 7", "x", "y/(3y^2)", reply="2")
    assert [each.mutation for each in settled.diagnoses] == ["product-second-lost", "sign-of-whole"]


def test_a_reply_settles_which_mistake_it_was() -> None:
    found = grade("x y + y^3 = 7", "x", "-y/(3y^2)", reply="1")
    assert [each.mutation for each in found.diagnoses] == ["implicit-held"]
    assert found.question is None
    with pytest.raises(FormulaError, match="a number from 1 to 3"):
        grade("x y + y^3 = 7", "x", "-y/(3y^2)", reply="4")


def test_by_the_other_name_and_with_constants() -> None:
    assert grade("x^2 + y^2 = 25", "y", "-y/x").correct
    assert grade("x^2/a^2 + y^2/b^2 = 1", "x", "-b^2 x/(a^2 y)").correct
    assert grade("u^2 + v^2 = 4", "u", "-u/v").correct


def test_at_a_point_of_the_curve() -> None:
    assert grade("x^2 + y^2 = 25", "x", "-0.75", {"x": 3, "y": 4}).correct
    assert grade("x^2 + y^2 = 25", "x", "-3/4", {"x": 3, "y": 4}).correct
    wrong = grade("x^2 + y^2 = 25", "x", "0.75", {"x": 3, "y": 4})
    assert [each.mutation for each in wrong.diagnoses] == ["sign-of-whole"]
    turned = grade("x^2 + y^2 = 25", "x", "-4/3", {"x": 3, "y": 4})
    assert [each.mutation for each in turned.diagnoses] == ["reciprocal-of-whole"]
    assert grade("x y = 8", "x", "-2", {"x": 4, "y": 2}).diagnoses == ()  # 1 over it, or chance
    with pytest.raises(FormulaError, match="a point of the curve"):
        grade("x^2 + y^2 = 25", "x", "1", {"x": 3, "y": 3})
    with pytest.raises(FormulaError, match="one where it has none"):
        grade("x^2 + y^2 = 25", "x", "1", {"x": 5, "y": 0})


@pytest.mark.parametrize(
    "answer", ["-0.667", "-0,667", "dy/dx = -0,667", "y': -0.667", "`-0.667`."]
)
def test_at_a_point_a_number_may_be_rounded_however_it_is_written(answer: str) -> None:
    assert grade("x^2 + y^2 = 13", "x", answer, {"x": 2, "y": 3}).correct


def test_what_cannot_be_read_points_at_the_answer() -> None:
    with pytest.raises(AnswerError, match="Expected one formula"):
        grade("x^2 + y^2 = 25", "x", "(x, y)")


@pytest.mark.parametrize(
    ("curve", "slope"),
    [
        ("x*sin(y)/3 = 5x^2 - 4", "(10x - sin(y)/3)/(x cos(y)/3)"),  # only a narrow strip of x
        ("x^2 + y^2 = 500", "-x/y"),  # far away
    ],
)
def test_curves_with_few_points_near_are_graded_too(curve: str, slope: str) -> None:
    assert grade(curve, "x", slope).correct
    assert not grade(curve, "x", f"2({slope})").correct


def test_a_function_that_does_not_stand_in_the_answer_was_not_kept() -> None:
    said = [each.mutation for each in grade("sin(y)^2 = 3x + y", "x", "3/(cos(y)^2 - 1)").diagnoses]
    assert "sin-kept" not in said


@pytest.mark.parametrize(
    ("curve", "answer", "mistake"),
    [
        ("e^y = 3x + y", "3/(y e^(y - 1) - 1)", "exponential-as-power"),
        ("5^y = x y", "y/(y 5^(y - 1) - x)", "exponential-as-power"),
        ("exp(3x) + y^2 = 7", "-9x exp(3x - 1)/(2y)", "exp-as-power"),
        ("exp(3x) + y^2 = 7", "-3x exp(3x - 1)/(2y)", "exp-as-power"),  # no inside seen
        ("x exp(2y) + y = 4", "-exp(2y)/(4x y exp(2y - 1) + 1)", "exp-as-power"),
    ],
)
def test_the_power_rule_on_an_exponential_of_a_curve_is_named(
    curve: str, answer: str, mistake: str
) -> None:
    (found,) = grade(curve, "x", answer).diagnoses
    assert found.mutation == mistake
    assert "the exponent moves, not the base" in found.message


def test_a_mistake_that_can_be_made_with_several_terms_is_seen_with_each() -> None:
    # the rule for sums of three or more terms loses any of them under one name
    curve = "x^3 + 5x^2 y + y^3 = 9"
    for answer in (
        "-10x y/(5x^2 + 3y^2)",
        "-3x^2/(3y^2)",
        "-(3x^2 + 10x y)/(5x^2)",
    ):
        said = [each.mutation for each in grade(curve, "x", answer).diagnoses]
        assert {"sum-term-lost", "slip-term"} & {*said}


def test_a_slope_that_is_missing_in_a_square_is_not_laid_to_two_mistakes() -> None:
    found = grade("cot(y)^2 = 7x - y", "x", "7/(2cot(y) + 1)")
    assert not found.correct
    assert "chain-inside-differentiated" not in [each.mutation for each in found.diagnoses]


def test_what_belongs_to_a_curve_is_worked_out_for_its_first_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worked: list[Any] = []
    begin = curve_mistakes.Workings.__init__

    def begun(self: Any, *given: Any) -> None:
        worked.append(self)
        begin(self, *given)

    derived: list[object] = []
    derive = curve_asked.derive_implicit

    def counted(*given: Any, **named: Any) -> Any:
        derived.append(given)
        return derive(*given, **named)

    monkeypatch.setattr(curve_mistakes.Workings, "__init__", begun)
    monkeypatch.setattr(curve_asked, "derive_implicit", counted)
    answers = ("-(2x + 3y)/(3x + 4y)", "(2x + 3y)/(3x + 2y)", "-2x/(3x + 2y)", "y^3 - x")
    first = [grade("x^2 + 3x*y + y^2 = 11", "x", each) for each in answers]
    assert len(derived) == 1
    (workings,) = worked
    known = len(workings._table._known)
    table = curve_asked.asked_curve(read_problem("x^2 + 3x*y + y^2 = 11"), "x").table
    assert table is not None
    held = len(table._known)
    for _ in range(3):
        assert [grade("x^2 + 3x*y + y^2 = 11", "x", each) for each in answers] == first
    assert len(derived) == len(worked) == 1
    # nothing of the answers is kept
    assert len(workings._table._known) == known
    assert len(table._known) == held
