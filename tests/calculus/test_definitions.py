"""What a learner types beyond one formula: results with names, definitions, equations."""

import pytest
from compositions import compositions, typed
from hypothesis import given, settings
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import Evaluation, FormulaError, parse, write
from chainrule.calculus.definitions import evaluation_order, values_at, written_out
from chainrule.calculus.read_problem import read_problem


def shown(text: str) -> str:
    problem = read_problem(text)
    definitions = [f"{name} = {write(formula)}" for name, formula in problem.definitions]
    if problem.equation is not None:
        sides = write(problem.equation.left), write(problem.equation.right)
        return "; ".join([" = ".join(sides), *definitions])
    name = f"{problem.name} = " if problem.name else ""
    return "; ".join([name + write(problem.formula), *definitions])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2 + sin(y)", "x**2 + sin(y)"),
        ("x +\n y", "x + y"),
        ("L = (y-t)^2", "L = (y - t)^2"),
        ("z = x^2 y; x = cos t; y = sin t", "z = x^2 y; x = cos t; y = sin t"),
        ("z = x^2 y\nx = cos t\n\ny = sin t\n", "z = x^2 y; x = cos t; y = sin t"),
        ("x^2 y; x = cos t; y = sin t;", "x^2 y; x = cos t; y = sin t"),
        # as at the end of a program
        (
            "h = tanh(w*x)\ny = sigmoid(h)\nL = (y-t)^2",
            "L = (y - t)^2; h = tanh(w * x); y = sigmoid(h)",
        ),
        ("z = x(t)^2 y(t); x(t) = cos t; y(t) = sin t", "z = x^2 y; x = cos t; y = sin t"),
        ("f(x, y) = x^2 y", "f = x^2 y"),
        ("z(t) = x(t); x(t) = 2t", "z = x; x = 2t"),
        # lines that go on
        ("z = x^2\n + y^2 +\n 1\nx = cos(\nt)", "z = x^2 + y^2 + 1; x = cos(t)"),
        ("x^2 + y^2 = 25", "x^2 + y^2 = 25"),
        ("y = x sin y", "y = x sin y"),
        ("x^2 + y^2 = r^2; r = 5", "x^2 + y^2 = r^2; r = 5"),
        ("x(x + 1) = 6 y", "x (x + 1) = 6y"),
        # e and π are names where they are defined
        ("z = e^2; e = t + 1", "z = e^2; e = t + 1"),
        ("z = x₁; x1 = t", "z = x₁; x1 = t"),
    ],
)
def test_what_is_read(text: str, expected: str) -> None:
    assert shown(text) == expected


MISTAKES = {
    "sides": ["z = ", "= 3", "a = 1 = 2", "x == 3", "x >= y", ";;", "z = 3 +; x = 2", "z = x +\n"],
    "circles": ["z = x; x = z", "z = x + y; x = y; y = x", "z = x; x = x + 1"],
    "names": [
        "z = x; x = t; x = 2",
        "z = x^2 y; x = cos t; Y = sin t",
        "x; y",
        "sin = 3",
        "x^2 = 1; y^2 = 2",
        "x + 1; y^2 = 3",
        "z = x; y = t; z = 2",
    ],
    "calls": [
        "f(y) = 3",
        "z = x(t + 1); x(t) = t",
        "z = x(t); x = cos t",
        "z = f(x(t), y(t)); x = t; y = t",
    ],
    "in the second part": [
        "z = x + a; x = t $ 2",
        "z = x; x = sin(t",
        "z = x; x = 1/0",
        "z = x\nx = 2 3",
    ],
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_what_is_said_of_mistakes(kind: str, snapshot: SnapshotAssertion) -> None:
    said = []
    for text in MISTAKES[kind]:
        with pytest.raises(FormulaError) as caught:
            read_problem(text)
        assert caught.value.reason.endswith((".", "?")), caught.value.reason
        assert caught.value.column is not None
        said.append(f"{text!r}\n{caught.value}")
    assert "\n\n".join(said) == snapshot


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(definitions=compositions())
def test_every_part_knows_its_place_in_the_text(definitions: list[tuple[str, str]]) -> None:
    text = typed(definitions)
    problem = read_problem(text)
    assert [name for name, _ in problem.definitions] == [name for name, _ in definitions[:-1]]
    for formula in (problem.formula, *problem.defined.values()):
        assert formula.text == text
        for node in formula.nodes():
            start, stop = node.span
            assert write(parse(text[start:stop])).strip("()") == write(node).strip("()")


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(definitions=compositions())
def test_values_of_definitions(definitions: list[tuple[str, str]]) -> None:
    problem = read_problem(typed(definitions))
    point = {name: 0.3 + 0.1 * i for i, name in enumerate(problem.names)}
    values = values_at(problem.defined, point)
    assert set(values) == {*point, *problem.defined}
    out = written_out(problem.formula.root, problem.defined)
    assert Evaluation(point)(out) == pytest.approx(Evaluation(values)(problem.formula.root))


def test_definitions_in_an_order_of_evaluation() -> None:
    problem = read_problem("z = a; a = b + c; b = c^2; c = t")
    assert evaluation_order(problem.defined) == ("c", "b", "a")


def test_deep_definitions_are_refused_and_do_not_overflow() -> None:
    text = "z = a999; " + "; ".join(f"a{i + 1} = a{i}" for i in range(999))[:9000]
    with pytest.raises(FormulaError):
        read_problem(text)
    chain = "; ".join(f"a{i + 1} = a{i}" for i in range(300))
    with pytest.raises(FormulaError, match="more than 200 deep"):
        read_problem(f"z = a300; {chain}")


def test_a_value_for_what_follows_from_others_is_refused() -> None:
    problem = read_problem("z = x; x = t")
    with pytest.raises(FormulaError, match="leave out x=1"):
        values_at(problem.defined, {"t": 1.0, "x": 1.0})


def test_an_equation_is_a_difference_that_is_zero_on_the_curve() -> None:
    equation = read_problem("x^2 + y^2 = 25").equation
    assert equation is not None
    difference = equation.difference
    assert [node.id for node in difference.nodes()] == list(range(len(difference.nodes())))
    assert Evaluation({"x": 3, "y": 4})(difference.root) == 0
    assert read_problem("x y = 0").formula == parse("x y")
