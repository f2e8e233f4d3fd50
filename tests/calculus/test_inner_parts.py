"""Formulas nested deep, without names: inner parts get names, and text grows as the formula."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

import chainrule
from chainrule.calculus import Derivation, Evaluation, derive
from chainrule.calculus.definitions import values_at
from chainrule.calculus.derive import derive_problem, told_in_parts
from chainrule.calculus.document import derivation_document
from chainrule.calculus.gradient import gradient
from chainrule.calculus.inner_parts import LEVELS_OF_PART, MOST_LEVELS, with_inner_parts
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import told
from chainrule.calculus.notations import NOTATIONS, Notation
from chainrule.calculus.problem import Problem
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Formula, Node, children, walk
from chainrule.calculus.typeset import to_latex
from chainrule.faces.cli import status_of
from chainrule.objective import Objective

POINT = {"w": 0.5, "x": 0.3, "b": 0.1}


def nested(level: str, count: int) -> str:
    """x put into a level, that into the next, and so on; {i} is 1, 2, 3, 1, …"""
    text = "x"
    for i in range(count):
        text = level.format(text, i=i % 3 + 1)
    return text


def layers(count: int) -> str:
    """tanh(w*tanh(w*x+b)+b) and so on: three operations a layer."""
    return nested("tanh(w*{0}+b)", count)


def horner(count: int) -> str:
    """A polynomial in brackets: nothing in it is a function with a name."""
    return nested("({0} + {i}) x", count)


def fraction(count: int) -> str:
    """A continued fraction."""
    return nested("1 + x/({0})", count)


def doubled(count: int) -> str:
    """Functions times functions: each level is a product."""
    return nested("sin({0})*exp(b)", count)


DEEP = {
    "layers": (layers, "w"),
    "layers by x": (layers, "x"),
    "horner": (horner, "x"),
    "fraction": (fraction, "x"),
    "products": (doubled, "x"),
}
KINDS = pytest.mark.parametrize("kind", DEEP)


def levels(root: Node) -> int:
    found: dict[int, int] = {}
    for node in walk(root):
        found[id(node)] = 1 + max((found[id(child)] for child in children(node)), default=0)
    return found[id(root)]


def formulas(problem: Problem) -> tuple[Formula, ...]:
    return (problem.formula, *problem.defined.values())


def found_by(kind: str, count: int) -> tuple[Problem, Derivation]:
    make, variable = DEEP[kind]
    problem = read_problem(make(count))
    return problem, derive_problem(problem, variable)


@KINDS
def test_every_part_is_short_and_together_they_are_the_formula(kind: str) -> None:
    problem = read_problem(DEEP[kind][0](20))
    named = with_inner_parts(problem)
    assert named.inner == tuple(named.defined)
    assert all(levels(each.root) <= LEVELS_OF_PART + 1 for each in formulas(named))
    point = {name: POINT[name] for name in problem.names}
    expected = Evaluation(point)(problem.formula.root)
    assert Evaluation(values_at(named.defined, point))(named.formula.root) == expected
    assert {*named.names} == {*problem.names}


@KINDS
def test_the_text_grows_as_the_formula_does(kind: str) -> None:
    make, variable = DEEP[kind]
    small, middle, large = (
        len(str(chainrule.explain(make(count), variable))) for count in (12, 24, 48)
    )
    # text that grows with the square of the depth would grow four times as much
    assert large - middle < 2.3 * (middle - small)


@KINDS
@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda each: each.id)
def test_no_line_of_any_notation_is_long(kind: str, notation: Notation) -> None:
    """The whole formula is nowhere in the steps, only the parts that have names."""
    _, found = found_by(kind, 40)
    narration = narrate(found, notation)
    texts = [text for line in told(narration.line) for text in (line.before, line.after)]
    texts += narration.slopes
    assert max(map(len, texts)) < 600
    assert "u1 to u" in narration.about


@KINDS
def test_the_derivative_is_that_of_the_formula_without_names(kind: str) -> None:
    problem, found = found_by(kind, 20)
    point = {name: POINT[name] for name in problem.names}
    expected = Evaluation(point)(derive(problem.formula, found.variable, routes=False).raw)
    at = Evaluation(values_at(dict(found.definitions), point))
    for form in (found.raw, found.tidy, found.factored):
        assert at(form) == pytest.approx(expected, rel=1e-10)


STEPS = ("sin({})", "{} + x", "w*({})", "({})/2", "atan({})^2 - b", "tanh({})", "x*({})", "{} + {}")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(STEPS), min_size=MOST_LEVELS, max_size=40))
def test_random_deep_formulas_against_autograd(steps: list[str]) -> None:
    text = "x"
    for step in steps:
        text = step.format(text, "exp(-x)")
    problem = read_problem(text)
    point = {name: POINT[name] for name in problem.names}
    slopes = Objective.from_formula(text, point).gradient()
    found = derive_problem(problem, "x")
    assert found.inner
    at = Evaluation(values_at(dict(found.definitions), point))
    assert at(found.raw) == pytest.approx(float(slopes["x"]), rel=1e-8, abs=1e-12)


def test_a_part_that_stands_twice_has_one_name() -> None:
    part = layers(12)
    named = with_inner_parts(read_problem(f"{part} * {part}"))
    single = with_inner_parts(read_problem(f"{part} * 2"))
    assert len(named.inner) <= len(single.inner) + 1


def test_ids_are_unique_and_places_are_those_typed() -> None:
    named = with_inner_parts(read_problem(layers(12)))
    nodes = [node for each in formulas(named) for node in each.nodes()]
    assert [node.id for node in nodes] == list(range(len(nodes)))
    first = named.defined["u1"]
    start, stop = first.root.span
    assert first.text[start:stop] == "tanh(w*x+b)"


def test_names_that_are_taken_are_left_alone() -> None:
    named = with_inner_parts(read_problem(layers(12).replace("x", "u1")))
    assert "u1" not in named.inner
    assert "u1" in named.names


def test_deep_definitions_get_names_as_well() -> None:
    problem = read_problem(f"(h - t)^2; h = {layers(12)}")
    named = with_inner_parts(problem)
    assert [*named.defined][-1] == "h"
    assert named.inner == tuple([*named.defined][:-1])
    found = str(chainrule.explain(problem.text, "w", at={**POINT, "t": 1}))
    assert "✓ the same from" in found


def test_a_formula_of_fewer_levels_is_told_as_it_was_typed() -> None:
    shallow = read_problem(layers((MOST_LEVELS - 1) // 3))
    assert levels(shallow.formula.root) <= MOST_LEVELS
    assert with_inner_parts(shallow) is shallow
    deep = read_problem(layers(MOST_LEVELS // 3 + 1))
    assert with_inner_parts(deep) is not deep


def test_wide_formulas_keep_their_terms() -> None:
    text = " + ".join(f"v{i}*sigmoid(w{i}*x + b{i})" for i in range(60))
    assert with_inner_parts(read_problem(f"({text} - t)^2")).inner == ()


def test_json_has_the_parts_and_where_they_stand() -> None:
    problem, found = found_by("layers", 12)
    document = json.loads(json.dumps(derivation_document(found)))
    assert document["formula"] == problem.text
    assert document["definitions"]["u2"] == "tanh(w * u1 + b)"
    assert [row["id"] for row in document["nodes"]] == list(range(len(document["nodes"])))
    assert document["slopes"][-1].startswith("dy/dw = ")
    told_of = {document["nodes"][s["node"]]["kind"] for s in document["steps"] if s["node"] >= 0}
    assert told_of == {"Call"}


def test_an_entry_of_a_gradient_is_told_in_parts_and_stays_a_formula_of_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = layers(12)
    found = gradient(read_problem(text).formula)
    assert all(not cell.inner for cell in found.partials)
    for form in ("text", "latex", "json"):
        assert status_of(["gradient", text, "--wrt", "w", "--steps", "--format", form]) == 0
        assert "u11" in capsys.readouterr().out.replace("u_{11}", "u11")
    cell = found.partials[0]
    point = {name: POINT[name] for name in found.formula.names}
    told_of = told_in_parts(cell)
    at = Evaluation(values_at(dict(told_of.definitions), point))
    assert at(told_of.raw) == pytest.approx(Evaluation(point)(cell.raw), rel=1e-12)


def test_latex_writes_the_parts_with_an_index() -> None:
    _, found = found_by("layers", 12)
    text = to_latex(narrate(found, script="latex"))
    assert r"\tanh(w \cdot u_{10} + b)" in re.sub(r"\\left|\\right", "", text)


def test_what_a_reader_sees_of_a_deep_formula(snapshot: SnapshotAssertion) -> None:
    assert str(chainrule.explain(layers(9), "w", at=POINT)) == snapshot
