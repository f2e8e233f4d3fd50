"""Textbook compositions and implicit curves: the answers of people, and the steps shown."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import Derivation, Evaluation, derive, parse, write
from chainrule.calculus.curve import slope_at
from chainrule.calculus.definitions import values_at
from chainrule.calculus.derivation import Step
from chainrule.calculus.graph import dependency_graph
from chainrule.calculus.implicit import (
    ImplicitDerivation,
    SecondImplicitDerivation,
    derive_implicit,
    second_implicit,
)
from chainrule.calculus.read_problem import read_problem

CORPUS = Path(__file__).parent / "corpus"


def problems(name: str) -> list[Any]:
    found = tomllib.loads((CORPUS / f"{name}.toml").read_text("utf-8"))["problem"]
    ids = [f"{' '.join(each['text'].split())} by {each.get('by', 'x')}" for each in found]
    assert len(set(ids)) == len(ids)
    return [pytest.param(each, id=name) for each, name in zip(found, ids, strict=True)]


def test_there_are_enough() -> None:
    assert len(problems("compositions")) + len(problems("implicit")) >= 45


def steps_of(step: Step, indent: int = 0) -> list[str]:
    sign = "∂" if step.partial else "d"
    asked = f"{sign}/{sign}{step.variable} [{write(step.operand)}]"
    found = [f"{'  ' * indent}{step.rule}: {asked} = {write(step.after)}"]
    for inner in step.steps:
        found += steps_of(inner, indent + 1)
    return found


# ---- compositions


def value_of(text: str, point: dict[str, float]) -> float:
    return Evaluation(point)(parse(text, variables=point).root)


@pytest.mark.parametrize("case", problems("compositions"))
def test_a_composition(case: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    problem = read_problem(case["text"])
    point = {name: float(value) for name, value in case["at"].items()}
    values = values_at(problem.defined, point)
    expected = value_of(case["answer"], values)
    derivation = derive(problem.formula, case["by"], definitions=problem.defined)
    at = Evaluation(values)
    forms = (derivation.raw, derivation.tidy, derivation.factored, derivation.written_out)
    for form in forms:
        assert at(form) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    for other in derivation.root.alternatives:
        assert at(other.result) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    graph = dependency_graph(
        problem.formula, [case["by"]], point, problem.defined, name=problem.name
    )
    assert graph.derivative[case["by"]] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert shown(case, derivation) == snapshot


def shown(case: dict[str, Any], derivation: Derivation) -> str:
    root = derivation.root
    lines = [case["text"], *steps_of(root), root.remark, f"result: {write(derivation.factored)}"]
    if derivation.putting_back:
        lines.append(f"written out: {write(derivation.written_out)}")
    return "\n".join(lines)


# ---- curves


@pytest.mark.parametrize("case", problems("implicit"))
def test_a_curve(case: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    problem = read_problem(case["text"])
    assert problem.equation is not None
    definitions = problem.defined
    first = derive_implicit(problem.equation, definitions=definitions)
    second = second_implicit(first, definitions=definitions) if "second" in case else None
    at = slope_at(first, case["at"], second=second, definitions=definitions)
    assert at.tangent == "slope"
    expected = value_of(case["answer"], at.point)
    assert at.slope == pytest.approx(expected, rel=1e-9)
    assert at.slope == pytest.approx(-at.partial_by / at.partial_of, rel=1e-9)
    assert at.agrees
    if second is not None:
        assert at.second == pytest.approx(value_of(case["second"], at.point), rel=1e-8)
        assert Evaluation(at.point)(second.on_curve) == pytest.approx(at.second, rel=1e-8)
    check_steps(first, at.point, expected)
    assert equations(first, second) == snapshot


def check_steps(first: ImplicitDerivation, point: dict[str, float], slope: float) -> None:
    """Every equation holds at a point of the curve, with the slope for y′."""
    at = Evaluation({**point, first.slope.name: slope})
    assert first.steps[0].rule == "differentiate-both-sides"
    for step in first.steps:
        assert at(step.left) == pytest.approx(at(step.right), rel=1e-7, abs=1e-7), step.rule
    for form in (first.raw, first.tidy, first.factored):
        assert at(form) == pytest.approx(slope, rel=1e-7)


def equations(first: ImplicitDerivation, second: SecondImplicitDerivation | None) -> str:
    lines = [" = ".join((write(first.equation.left), write(first.equation.right)))]
    lines += [f"{s.rule}: {write(s.left)} = {write(s.right)}" for s in first.steps]
    lines.append(f"result: {write(first.factored)}")
    if second is not None:
        lines.append(f"second: {write(second.derivation.tidy)} = {write(second.factored)}")
    return "\n".join(lines)
