"""Total derivatives of compositions, and the ways that people go first."""

import pytest
from compositions import as_one_formula, compositions, typed
from hypothesis import HealthCheck, given, settings
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import Derivation, Evaluation, derive, parse, write
from chainrule.calculus.definitions import values_at, written_out
from chainrule.calculus.derivation import Step
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.rules import ALL_RULES, Task
from chainrule.faces.explained import explained_formula
from chainrule.objective import Objective


def total(text: str, variable: str) -> Derivation:
    problem = read_problem(text)
    return derive(problem.formula, variable, definitions=problem.defined)


def lines(step: Step, indent: int = 0) -> list[str]:
    sign = "∂" if step.partial else "d"
    head = f"{'  ' * indent}{step.rule}: {sign}/{sign}{step.variable} of {write(step.operand)}"
    found = [f"{head} = {write(step.result)}"]
    for inner in step.steps:
        found += lines(inner, indent + 1)
    return found


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("z = x^2 y + t; x = cos t; y = sin t", "t"),
        ("L = (y - t)^2; y = sigmoid(v); v = w x + b", "w"),
    ],
)
def test_what_a_reader_sees(text: str, variable: str, snapshot: SnapshotAssertion) -> None:
    root = total(text, variable).root
    assert "\n".join([*lines(root), root.remark]) == snapshot


def test_a_name_with_two_roles() -> None:
    by_t = total("f = t*x; x = t^2", "t")
    assert by_t.root.rule == "total-derivative"
    direct, partial, inner = by_t.root.steps
    assert (direct.variable, direct.partial, write(direct.result)) == ("t", True, "1 · x")
    assert (partial.variable, partial.partial, write(partial.result)) == ("x", True, "t · 1")
    assert (inner.variable, inner.partial, write(inner.result)) == ("t", False, "2t")
    assert "t plays two roles" in by_t.root.remark
    assert Evaluation({"t": 3.0, "x": 9.0})(by_t.tidy) == 27
    assert write(total("f = t*x; x = t^2", "x").tidy) == "t"


def test_a_variable_that_acts_only_through_others() -> None:
    root = total("f = x y; x = t^2; y = 1/t", "t").root
    assert [step.partial for step in root.steps] == [True, False, True, False]
    assert root.remark.startswith("t does not stand in the formula itself")


def test_others_are_held_visibly() -> None:
    steps = lines(total("f = x + y; x = t^2; y = t^3", "t").root)
    assert "  sum: ∂/∂x of x + y = 1 + 0" in steps
    assert "    held-constant: ∂/∂x of y = 0" in steps


def test_substitution_is_another_way() -> None:
    derivation = total("f = t*x; x = t^2", "t")
    other = next(step for step in derivation.root.alternatives if step.rule == "substitution")
    assert [write(step.operand) for step in other.steps] == ["t * t^2"]
    assert Evaluation({"t": 3.0})(other.result) == 27


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(definitions=compositions())
def test_random_compositions_against_autograd(definitions: list[tuple[str, str]]) -> None:
    problem = read_problem(typed(definitions))
    point = {name: 0.41 - 0.33 * i for i, name in enumerate(problem.names)}
    expected = Objective.from_formula(as_one_formula(definitions), point).gradient()
    at = Evaluation(values_at(problem.defined, point))
    for name in problem.names:
        derivation = derive(problem.formula, name, definitions=problem.defined)
        for form in (derivation.raw, derivation.tidy, derivation.factored):
            assert at(form) == pytest.approx(float(expected[name]), rel=1e-9, abs=1e-9)
        for other in derivation.root.alternatives:
            assert at(other.result) == pytest.approx(float(expected[name]), rel=1e-9, abs=1e-9)
        alone = written_out(derivation.tidy, problem.defined)
        assert Evaluation(point)(alone) == pytest.approx(float(expected[name]), rel=1e-9, abs=1e-9)


def test_a_derivative_that_doubles_at_every_name_is_told_name_by_name() -> None:
    layers = 60
    pairs = "; ".join(f"a{i + 1} = a{i} b{i}; b{i + 1} = a{i} + 2 b{i}" for i in range(layers))
    problem = read_problem(f"z = a{layers} + b{layers}; {pairs}; a0 = t; b0 = t")
    derivation = derive(problem.formula, "t", definitions=problem.defined, name="z")
    assert len(str(explained_formula(derivation, {}, "leibniz"))) < 1000 * 2 * layers
    at = Evaluation(values_at(problem.defined, {"t": 0.01}))
    for form in (derivation.raw, derivation.tidy):
        assert at(form) == pytest.approx(carried_slope(layers, 0.01), rel=1e-9)


def carried_slope(layers: int, t: float) -> float:
    """The derivative of the sum of a and b after some layers, carried along with their values."""
    a = b = t
    da = db = 1.0
    for _ in range(layers):
        a, b, da, db = a * b, a + 2 * b, da * b + a * db, da + 2 * db
    return da + db


def test_long_chains_do_not_overflow() -> None:
    chain = "; ".join(f"a{i + 1} = sin(2 a{i}) + 1" for i in range(60))
    derivation = total(f"z = a60; {chain}", "a0")
    assert derivation.root.rule == "dependent-variable"


def test_mistakes_with_total_derivatives() -> None:
    problem = read_problem("f = t*x; x = t^2")
    rule = ALL_RULES["total-derivative"]
    definitions = {name: formula.root for name, formula in problem.definitions}
    task = Task(variable="t", moving={"t", "x"}, definitions=definitions)
    made = {}
    for mutation in rule.mutations:
        applied = rule.mutated(mutation, problem.formula.root, task)
        assert applied is not None
        derivatives = [parse(f"d_{i}").root for i in range(len(applied.parts))]
        made[mutation.id] = write(applied.make(derivatives))
    assert made == {
        "total-as-partial": "d_0",
        "total-direct-lost": "d_0 · d_1",
        "total-inner-lost": "d_0 + d_1",
    }


# ---- logarithmic differentiation


@pytest.mark.parametrize("text", ["x^x", "(sin x)^x", "(x^2 + 1)^(1/x)", "x^(x^2)"])
def test_logarithms_come_first_where_base_and_exponent_move(text: str) -> None:
    derivation = derive(parse(text), "x")
    assert derivation.root.rule == "logarithmic"
    assert "general-power" in [step.rule for step in derivation.root.alternatives]
    expected = float(Objective.from_formula(text, {"x": 1.3}).gradient()["x"])
    at = Evaluation({"x": 1.3})
    for step in (derivation.root, *derivation.root.alternatives):
        assert at(step.result) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("(x+1)^2 (x-3)^3 (x+7)^4", ["logarithmic"]),
        ("x^(3/4) * sqrt(x^2+1) / (3x+2)^5", ["logarithmic", "quotient-as-product"]),
        ("-5 x^2 sqrt(x+2) cbrt(x+3)", ["logarithmic"]),
        ("x sin(x) e^x", ["logarithmic"]),
        ("x^2 sin x", []),
        ("x/(x + 1)", ["quotient-as-product"]),
    ],
)
def test_logarithms_are_the_first_other_way_for_products_of_powers(
    text: str, routes: list[str]
) -> None:
    root = derive(parse(text), "x").root
    while root.rule == "constant-multiple" or root.rule == "minus":
        root = root.steps[0]
    assert root.rule in ("product", "quotient")
    assert [step.rule for step in root.alternatives] == routes
    for point in (0.7, 4.1):
        at = Evaluation({"x": point})
        for step in root.alternatives:
            assert at(step.result) == pytest.approx(at(root.result), rel=1e-12)


def test_the_way_that_is_shown_has_a_value_where_a_factor_is_zero() -> None:
    derivation = derive(parse("(x+1)^2 (x-3)^3 (x+7)^4"), "x")
    assert Evaluation({"x": 3.0})(derivation.factored) == 0
