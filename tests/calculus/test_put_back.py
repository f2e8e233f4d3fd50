"""Derivatives of compositions and curves written out: what names stand for is put back in."""

import pytest
from compositions import compositions, typed
from derivation_checks import close
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.calculus import Derivation, DomainError, Evaluation, derive, walk, write
from chainrule.calculus.curve_narration import narrate_curve
from chainrule.calculus.curve_typeset import curve_latex
from chainrule.calculus.definitions import values_at
from chainrule.calculus.implicit import derive_implicit
from chainrule.calculus.narrate import narrate
from chainrule.calculus.notations import NOTATIONS
from chainrule.calculus.put_back import MOST_WRITTEN, PUT_BACK
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Name, written_size
from chainrule.calculus.typeset import to_latex, to_markdown
from chainrule.faces.implicit import implicit_text


def derived(text: str, by: str = "t") -> Derivation:
    problem = read_problem(text)
    return derive(problem.formula, by, definitions=problem.defined, name=problem.name)


@pytest.mark.parametrize(
    ("text", "by", "written_out"),
    [
        ("z = x^2 y; x = cos t; y = sin t", "t", "cos t · (cos² t - 2 sin² t)"),
        ("z = x^2 + y^2; x = cos t; y = sin t", "t", "0"),
        ("z = a x; a = 3; x = t^2", "t", "6t"),
        ("w = u^2; u = s + 1; s = t^3", "t", "6t² · (t^3 + 1)"),
        ("z = x y; x = e^t; y = e^(-t)", "t", "0"),
        ("z = x + t; x = 2t", "t", "3"),
        ("z = 2x; x = t^2 + a", "t", "4t"),
        ("z = sin x; x = ln t", "t", "cos(ln t) / t"),
    ],
)
def test_the_result_is_in_the_variable_alone(text: str, by: str, written_out: str) -> None:
    derivation = derived(text, by)
    assert write(derivation.written_out) == written_out
    names = {node.name for node in walk(derivation.written_out) if isinstance(node, Name)}
    assert not names & {name for name, _ in derivation.definitions}


def test_the_step_says_what_is_put_back() -> None:
    derivation = derived("z = x^2 y; x = cos t; y = sin t")
    told = narrate(derivation)
    assert derivation.putting_back[0].rule == PUT_BACK
    assert derivation.putting_back[0].before is derivation.tidy
    assert told.putting_back[0].name == "put x = cos(t) and y = sin(t) back in"
    assert told.written_out == told.putting_back[-1].after
    assert narrate(derivation, "words").putting_back[0].name == (
        "put the cosine of t for x and the sine of t for y back in"
    )


def test_names_in_between_are_put_back_too() -> None:
    told = narrate(derived("w = u^2; u = s + 1; s = t^3"))
    assert told.putting_back[0].name == "put u = s + 1 and s = t³ back in"


@pytest.mark.parametrize("text", ["z = x + y; x = 2t; y = 3t", "z = t^2", "z = 3x; x = 2t"])
def test_where_no_name_is_left_there_is_no_such_step(text: str) -> None:
    derivation = derived(text)
    assert derivation.putting_back == ()
    assert derivation.written_out is derivation.factored


def test_too_much_to_read_is_not_written() -> None:
    definitions = "; ".join(f"a{i} = sin(a{i - 1}) a{i - 1} + a{i - 1}" for i in range(1, 6))
    derivation = derived(f"z = a5^2; {definitions}; a0 = t^2")
    assert derivation.putting_back == ()
    short = derived("z = x^2 y; x = cos t; y = sin t")
    assert written_size(short.written_out) <= MOST_WRITTEN


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    definitions=compositions(), x=st.sampled_from([0.63, -1.21]), y=st.sampled_from([0.4, -0.77])
)
def test_every_step_keeps_the_value(definitions: list[tuple[str, str]], x: float, y: float) -> None:
    problem = read_problem(typed(definitions))
    point = values_at(problem.defined, {"x": x, "y": y, "w": 0.29})
    for by in problem.names:
        derivation = derive(problem.formula, by, definitions=problem.defined)
        at = Evaluation(point)
        value = at(derivation.raw)
        for step in derivation.putting_back:
            try:
                assert close(at(step.after), value), step.rule
            except DomainError as error:  # what has a value in letters must have one without
                pytest.fail(f"{step.rule}: {error}")


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
def test_it_is_told_in_every_notation_and_typeset(notation: str) -> None:
    derivation = derived("z = x^2 y; x = cos t; y = sin t")
    told = narrate(derivation, notation, script="latex")
    assert "Written out" in to_latex(told)
    assert "Written out" in to_markdown(told)


def test_it_is_checked_at_a_point() -> None:
    derivation = derived("z = x^2 y; x = cos t; y = sin t")
    told = narrate(derivation, evaluation=Evaluation({"t": 1.0}))
    assert ("the form that is written out", True) in [(c.name, c.agrees) for c in told.checks]


def test_a_curve_is_written_out() -> None:
    problem = read_problem("r^2 + y^2 = 25; r = 2x")
    assert problem.equation is not None
    found = derive_implicit(problem.equation, definitions=problem.defined)
    assert write(found.factored) == "-2r / y"
    assert write(found.written_out) == "-4x / y"
    told = narrate_curve(found)
    assert told.putting_back[0].name == "put r = 2x back in"
    assert "put r = 2x back in" in implicit_text(told)
    assert "Written out" in curve_latex(narrate_curve(found, script="latex"))


# ---- the letters of the problem ------------------------------------------------------------------


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
def test_what_a_notation_means_is_said_in_the_letters_of_the_problem(notation: str) -> None:
    about = narrate(derived("loss = w a + b", "w"), notation).about
    words = set(about.replace("∂", " ").replace("/", " ").replace(",", " ").split())
    assert not words & {"x", "y", "dx", "dy", "f"} - ({"f"} if notation == "operator" else set())
    if notation not in ("pytorch", "words", "operator"):
        assert "loss" in about
    if notation in ("leibniz", "lagrange", "partial", "differential"):
        assert "w" in about
    assert "x" not in narrate(derived("s^2", "s"), notation).about.replace("next", "").split()


def test_an_equation_says_which_letters_move() -> None:
    problem = read_problem("q = p^2 + q^3")
    assert problem.equation is not None
    found = derive_implicit(problem.equation, of="q", by="p")
    line = narrate(found.left).line
    assert line.why == "q depends on p, but only the equation says how: its slope is unknown."
