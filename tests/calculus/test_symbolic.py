"""A formula in SymPy: the same numbers, exact, and nothing that takes for ever."""

import mpmath as mp
import pytest
import sympy
from hypothesis import given, settings
from scalar_formulas import VALUES, points, scalar_texts, value, well_conditioned

from chainrule.calculus import ALL_FUNCTIONS, FormulaError, Function, parse, to_sympy

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 2e-1 + 1.", sympy.Rational(13, 10)),
        ("2x + x", 3 * x),
        ("x - y - 1", x - y - 1),
        ("-x²/y", -(x**2) / y),
        ("e^x π", sympy.pi * sympy.exp(x)),
        ("|x| + √4 + ln(e)", sympy.Abs(x) + 3),
        ("cbrt(-8)", sympy.Integer(-2)),
        ("log(8, 2) + log2(8) + log10(100)", sympy.Integer(8)),
        ("max(x, y, 0) - min(x, 1)", sympy.Max(x, y, 0) - sympy.Min(x, 1)),
        ("0e999999999 + x", x),
    ],
)
def test_a_formula_in_sympy(text: str, expected: sympy.Expr) -> None:
    assert sympy.simplify(to_sympy(parse(text)) - expected) == 0


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=scalar_texts, point=points)
def test_its_value_is_that_of_the_formula(text: str, point: dict[str, float]) -> None:
    formula = parse(text)
    if not well_conditioned(formula, point):
        return
    expected = value(formula, {name: mp.mpf(number) for name, number in point.items()})
    symbols = {sympy.Symbol(name, real=True): sympy.Float(v, 40) for name, v in point.items()}
    found = complex(to_sympy(formula).evalf(30, subs=symbols))
    assert found == pytest.approx(complex(float(expected)), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", [f for f in ALL_FUNCTIONS if f.name in VALUES])
def test_every_function_of_numbers_is_known(function: Function) -> None:
    name = function.name
    between_0_and_1 = name in ("asin", "acos", "atanh", "asech", "binary_cross_entropy")
    arguments = ["0.6" if between_0_and_1 else "1.7", "0.4", "2.5"]
    formula = parse(
        f"{name}({', '.join(arguments[: 2 if function.most is None else function.least])})"
    )
    expected = float(value(formula, {}))
    assert float(to_sympy(formula)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("text", ["[1, 2]", "A @ x", "dot(x, y)", "softmax(x)", "Aᵀ"])
def test_what_is_no_number_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormulaError, match="Only formulas of numbers") as caught:
        to_sympy(parse(f"2 * {text}"))
    assert caught.value.column == (7 if "@" in text else 5)


@pytest.mark.parametrize(
    "text",
    [
        "(1 + 1/10^7)^(10^9)",  # a moderate number with an exact form of 7e9 digits
        "((1 + 1/10^7)^64)^64^4",
        "(2x)^(10^9)",
        "(2x)^(-10^9)",
        "(7/3)^(x^(10^9))",
        "0.5^1074 x",
        "(10^300 + 1)^(1/7)",
        "1." + "1" * 9000,
    ],
)
@pytest.mark.timeout(10)
def test_numbers_whose_exact_form_is_huge(text: str) -> None:
    expression = to_sympy(parse(text))
    assert len(str(expression)) < 10_000
    assert expression.diff(x) is not None
