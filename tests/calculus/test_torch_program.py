"""The programs run as they are printed, and both of their derivatives are right."""

import contextlib
import io

import pytest
from hypothesis import given, settings
from scalar_formulas import derivative, points, scalar_texts, well_conditioned

from chainrule.calculus import ALL_FUNCTIONS, Evaluation, derive, parse
from chainrule.calculus.rules import ALL_RULES
from chainrule.calculus.torch_code import python_name
from chainrule.calculus.torch_program import torch_program


def run(code: str) -> list[float]:
    """What a program prints, by hand and by autograd."""
    import torch

    printed = io.StringIO()
    before = torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "program", "exec"), {})
    finally:
        torch.set_default_dtype(before)
    return [float(line) for line in printed.getvalue().split()]


def check(text: str, variable: str, point: dict[str, float]) -> None:
    formula = parse(text)
    numbers = Evaluation(point, text)
    derivation = derive(formula, variable, routes=False)
    by_hand, by_autograd = run(torch_program(derivation, numbers))
    expected = numbers(derivation.raw)
    assert by_hand == pytest.approx(expected, rel=1e-9, abs=1e-12), text
    assert by_autograd == pytest.approx(expected, rel=1e-7, abs=1e-9), text


@pytest.mark.parametrize(
    ("text", "variable", "point"),
    [
        ("sin(1+x^2)", "x", {"x": 1.0}),
        ("x", "x", {"x": 2.0}),
        ("x + x", "x", {"x": 2.0}),
        ("x*x*x", "x", {"x": 2.0}),
        ("sigmoid(w*x + b)", "w", {"w": 0.5, "x": 2.0, "b": -1.0}),
        (
            "(sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2",
            "w1",
            {"w1": 0.3, "w2": -1.2, "x": 2.0, "b1": 0.1, "b2": 0.4, "t": 1.0},
        ),
        ("lambda_1^2 * 2^x + log(x, 3)", "x", {"x": 1.5, "lambda_1": 2.0}),
        ("max(x, 1, x^2) + min(x, 3)", "x", {"x": 2.0}),
        ("where(x - 1, x^3, 2)", "x", {"x": 2.0}),
        ("where(1, x, 2x)", "x", {"x": 2.0}),
        ("π x^e / sec(x)", "x", {"x": 0.7}),
        ("softplus(x, 2) + huber(x, 1) + elu(x, 0.5)", "x", {"x": -0.7}),
        ("leaky_relu(x) + selu(x) + norm(x) + gelu_tanh(x) + acoth(2+x^2)", "x", {"x": -0.7}),
        ("sum(x) mean(x) + asec(3+x) + cbrt(x)", "x", {"x": 0.7}),
    ],
)
def test_it_prints_the_derivative_twice(text: str, variable: str, point: dict[str, float]) -> None:
    check(text, variable, point)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(text=scalar_texts, point=points)
def test_random_programs_are_right(text: str, point: dict[str, float]) -> None:
    formula = parse(text)
    if not formula.names or not well_conditioned(formula, point):
        return
    exact = float(derivative(formula, point, formula.names[0]))
    if abs(exact) < 1e6:
        check(text, formula.names[0], point)


_NUMBERS = [f for f in ALL_FUNCTIONS if f.name.replace("_", "-") in ALL_RULES and f.most]
_AT = {"asec": 1.5, "acsc": 1.5, "acosh": 1.5, "acoth": 1.5}


@pytest.mark.parametrize("function", _NUMBERS, ids=lambda function: function.name)
def test_every_function_of_numbers_is_in_the_program(function: object) -> None:
    name, least = function.name, function.least  # type: ignore[attr-defined]
    values = dict(zip(("x", "y", "z"), (_AT.get(name, 0.37), 0.61, 0.83), strict=True))
    arguments = ", ".join([*values][: function.most or 2])  # type: ignore[attr-defined]
    check(f"{name}({arguments})", "x" if name != "where" else "y", values)
    check(f"{name}({', '.join([*values][:least])}) + x + y + z", "y" if least > 1 else "x", values)


def test_without_a_point_it_runs_with_some_number_and_says_so() -> None:
    program = torch_program(derive(parse("x*y^2"), "y"))
    assert "any number" in program
    assert "held constant" in program
    assert run(program) == [0.5, 0.5]


def test_names_defined_by_formulas_are_lines_of_their_own() -> None:
    definitions = {"x": parse("cos(t)"), "y": parse("x*t")}
    derivation = derive(parse("x*y + t"), "t", definitions=definitions)
    program = torch_program(derivation, Evaluation({"t": 0.4}))
    by_hand, by_autograd = run(program)
    assert by_hand == pytest.approx(by_autograd, rel=1e-12)
    assert "x = torch.cos(t)" in program


def test_names_that_python_needs_get_an_underscore() -> None:
    assert [python_name(name) for name in ("lambda", "torch", "x", "u₁")] == [
        "lambda_",
        "torch_",
        "x",
        "u1",
    ]
    assert run(torch_program(derive(parse("lambda*x + d_x"), "x"))) == [0.5, 0.5]
