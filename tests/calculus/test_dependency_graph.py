"""The chain rule as a graph: right numbers, each path once, and honest counts."""

import itertools
import math
import time

import pytest
from compositions import (
    INPUTS,
    as_one_formula,
    compositions,
    forward_multiplications,
    reverse_multiplications,
    typed,
    walk_paths,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scalar_formulas import derivative, points, scalar_texts, well_conditioned

from chainrule.calculus import DomainError, FormulaError, parse
from chainrule.calculus.graph import dependency_graph
from chainrule.calculus.paths import MOST_PATHS
from chainrule.calculus.read_problem import read_problem
from chainrule.objective import Objective
from chainrule.records.dependency_graph import DependencyGraph

NETWORK = "L = (sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2"
AT = {"w1": 0.5, "x": 2.0, "b1": -1.2, "w2": 1.5, "b2": 0.1, "t": 1.0}
sampled = settings(
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def graph_of(text: str, wrt: list[str] | None = None, **point: float) -> DependencyGraph:
    problem = read_problem(text)
    return dependency_graph(
        problem.formula,
        wrt or list(problem.names),
        point or None,
        problem.defined,
        name=problem.name,
    )


def by_torch(text: str, point: dict[str, float]) -> dict[str, float]:
    theta = {name: point[name] for name in parse(text).names}
    gradient = Objective.from_formula(text, theta).gradient()
    return {name: float(value) for name, value in gradient.items()}


def labels(graph: DependencyGraph) -> list[str]:
    return [node.label for node in graph.nodes]


# ---- numbers


@sampled
@given(definitions=compositions(), values=st.tuples(*[st.integers(-1500, 1500)] * 3))
def test_random_compositions_against_autograd(
    definitions: list[tuple[str, str]], values: tuple[int, int, int]
) -> None:
    # no two equal, so that no max has a tie
    point = {
        n: (v + 0.37 * i + 0.1) / 1000 for i, (n, v) in enumerate(zip(INPUTS, values, strict=True))
    }
    problem = read_problem(typed(definitions))
    expected = by_torch(as_one_formula(definitions), point)
    at = {name: point[name] for name in problem.names}
    graph = dependency_graph(problem.formula, problem.names, at, problem.defined, name="z")
    assert set(graph.derivative) == set(expected)
    for name, value in expected.items():
        assert graph.derivative[name] == pytest.approx(value, rel=1e-9, abs=1e-9)
        paths = graph.paths[name]
        assert len(paths) == graph.paths_counted[name] or not paths
        if paths:
            total = math.fsum(path.value or 0.0 for path in paths)
            assert total == pytest.approx(value, rel=1e-9, abs=1e-9)
    check_structure(graph)


def check_structure(graph: DependencyGraph) -> None:
    """What holds for every graph, whatever its numbers."""
    assert len(set(labels(graph))) == len(graph.nodes)
    assert all(edge.source < edge.target for edge in graph.edges)
    order = {node: place for place, node in enumerate(graph.visits)}
    assert len(order) == len(graph.visits)
    assert [order[e.target] for e in graph.edges] == sorted(order[e.target] for e in graph.edges)
    assert all(order[edge.target] < order[edge.source] for edge in graph.edges)
    assert graph.forward_multiplications == forward_multiplications(graph)
    assert graph.reverse_multiplications == reverse_multiplications(graph)
    for edge in graph.edges:
        target = graph.nodes[edge.target].adjoint
        if target is not None and edge.value is not None:
            assert edge.sent == target * edge.value
    for node in graph.wrt:
        label = graph.nodes[node].label
        if graph.paths_counted[label] <= 200:
            ways = sorted(tuple(way) for way in walk_paths(graph, node))
            assert sorted(path.edges for path in graph.paths[label]) == ways
            assert len(ways) == graph.paths_counted[label]


@sampled
@given(text=scalar_texts, point=points)
def test_random_formulas_against_forty_digits(text: str, point: dict[str, float]) -> None:
    formula = parse(text)
    assume(formula.names and well_conditioned(formula, point))
    at = {name: point[name] for name in formula.names}
    graph = dependency_graph(formula, formula.names, at)
    for name in formula.names:
        expected = float(derivative(formula, at, name))
        assert graph.derivative[name] == pytest.approx(expected, rel=1e-8, abs=1e-8)
    check_structure(graph)


def test_a_whole_network() -> None:
    graph = graph_of(NETWORK, ["w1", "b1", "w2", "b2"], **AT)
    expected = by_torch(NETWORK.removeprefix("L = "), AT)
    for name in ("w1", "b1", "w2", "b2"):
        assert graph.derivative[name] == pytest.approx(expected[name], rel=1e-12)
    assert labels(graph)[6:] == ["u₁", "u₂", "u₃", "u₄", "u₅", "u₆", "u₇", "L"]
    assert (graph.forward_multiplications, graph.reverse_multiplications) == (24, 11)
    assert [graph.nodes[i].label for i in graph.visits[:5]] == ["L", "u₇", "u₆", "u₅", "b2"]
    assert [node.kind for node in graph.nodes[:6]] == [
        *("input", "input", "constant", "input", "input", "constant")
    ]


# ---- what is one quantity


def test_what_stands_twice_is_one_node() -> None:
    graph = graph_of("z = sin(a) + sin(t^2) * a; a = t^2", t=0.7)
    assert labels(graph) == ["t", "a", "u₁", "u₂", "z"]
    assert graph.paths_counted == {"t": 3}
    assert graph.derivative["t"] == pytest.approx(
        by_torch("sin(t^2) + sin(t^2)*t^2", {"t": 0.7})["t"]
    )


def test_a_factor_that_stands_twice_is_two_edges() -> None:
    graph = graph_of("x*x", x=3.0)
    assert [edge.name for edge in graph.edges] == ["∂f/∂x (1st)", "∂f/∂x (2nd)"]
    assert graph.derivative == {"x": 6.0}


def test_sums_and_products_are_one_node_however_long() -> None:
    graph = graph_of("a*b*c*d + a + b + 3", a=2.0, b=3.0, c=5.0, d=7.0)
    assert len(graph.nodes) == 6
    assert graph.derivative == {"a": 106.0, "b": 71.0, "c": 42.0, "d": 30.0}


@pytest.mark.parametrize("count", [5, 9, 40])
def test_long_products_and_maxima(count: int) -> None:
    names = [f"x{i}" for i in range(count)]
    point = {name: 1 + ((7 * i) % count) / count for i, name in enumerate(names)}
    for text in ("*".join(names), f"max({', '.join(names)})", f"min({', '.join(names)}, 9)"):
        graph = graph_of(text, **point)
        expected = by_torch(text, point)
        assert graph.derivative == pytest.approx(expected, rel=1e-12)


def test_a_name_for_what_has_one_is_a_node_of_its_own() -> None:
    graph = graph_of("z = a*b; a = t; b = a; ", t=3.0)
    assert labels(graph) == ["t", "a", "b", "z"]
    assert [node.operation for node in graph.nodes] == ["", "=", "=", "×"]
    assert graph.derivative == {"t": 6.0}


def test_a_name_for_a_number_is_given() -> None:
    graph = graph_of("z = r^2 x; r = 2 pi", ["x", "r"], x=3.0)
    assert graph.nodes[0].kind == "input"
    assert graph.derivative["r"] == pytest.approx(2 * 2 * math.pi * 3)


def test_names_do_not_clash_with_labels() -> None:
    assert labels(graph_of("u1*u2 + f + exp(u1*u2)")) == ["u1", "u2", "f", "v₁", "v₂", "L"]


def test_by_a_name_in_between() -> None:
    graph = graph_of("f = t*x; x = t^2", ["t", "x"], t=3.0)
    assert graph.derivative == {"t": 27.0, "x": 3.0}  # t · 2t + x, and t


def test_local_derivatives_use_the_value_that_is_there() -> None:
    graph = graph_of("sigmoid(tanh(exp(x)))")
    found = [edge.derivative.replace("²", "^2") for edge in graph.edges]
    assert found == ["f · (1 - f)", "1 - u₂^2", "u₁"]


def test_a_norm_of_a_number_does_not_depend_on_its_order() -> None:
    assert graph_of("norm(x, p)", x=-3.0, p=1.7).derivative == {"x": -1.0, "p": 0.0}


def test_the_result_alone() -> None:
    graph = graph_of("x", x=2.0)
    assert graph.derivative == {"x": 1.0}
    assert [path.product for path in graph.paths["x"]] == ["∂x/∂x"]


# ---- without a point, and with many paths


def test_without_a_point_there_are_no_numbers() -> None:
    graph = graph_of(NETWORK, ["w1"])
    assert all(node.value is None and node.adjoint is None for node in graph.nodes)
    assert all(edge.value is None and edge.sent is None for edge in graph.edges)
    assert graph.derivative == {"w1": None}
    assert graph.paths["w1"][0].value is None
    assert graph.paths["w1"][0].product.startswith("∂L/∂u₇ · ∂u₇/∂u₆")


def test_many_paths_are_counted_and_not_walked() -> None:
    doublings = "; ".join(f"a{i + 1} = sin(a{i} + cos(a{i}))" for i in range(150))
    began = time.perf_counter()
    graph = graph_of(f"z = a150; {doublings}", a0=0.4)
    assert time.perf_counter() - began < 2  # 0.1 s alone
    assert graph.paths_counted == {"a0": 2**150}
    assert graph.paths == {"a0": ()}
    assert graph.derivative["a0"] is not None


def test_as_many_paths_as_are_listed() -> None:
    ten = int(math.log2(MOST_PATHS))
    for doublings, listed in ((ten, True), (ten + 1, False)):
        text = "; ".join(f"a{i + 1} = a{i} * a{i}" for i in range(doublings))
        graph = graph_of(f"z = 2 a{doublings}; {text}", a0=1.001)
        assert bool(graph.paths["a0"]) == listed
        assert graph.paths_counted["a0"] == 2**doublings


def test_a_network_with_two_hundred_operations_takes_less_than_a_second() -> None:
    units, inputs = range(16), range(8)
    parts = [
        "L = (y - t)**2",
        f"y = sigmoid({' + '.join(f'v{i}*h{i}' for i in units)} + c)",
        *(f"h{i} = tanh({' + '.join(f'w{i}_{j}*x{j}' for j in inputs)} + b{i})" for i in units),
    ]
    problem = read_problem("; ".join(parts))
    point = {name: ((i * 37) % 19 - 9) / 20 for i, name in enumerate(problem.names)}
    began = time.perf_counter()
    graph = dependency_graph(problem.formula, problem.names, point, problem.defined, name="L")
    taken = time.perf_counter() - began
    assert sum(node.kind == "operation" for node in graph.nodes) >= 160
    assert taken < 1  # 0.07 s alone
    expected = by_torch(one_text(parts), point)
    for name, value in expected.items():
        assert graph.derivative[name] == pytest.approx(value, rel=1e-9, abs=1e-15)


def one_text(parts: list[str]) -> str:
    definitions = dict(part.split(" = ") for part in parts)
    output = definitions["y"]
    for i in reversed(range(16)):
        output = output.replace(f"*h{i} ", f"*({definitions[f'h{i}']}) ")
    return f"({output} - t)**2"


# ---- bad input


@pytest.mark.parametrize(
    ("text", "wrt", "message"),
    [
        ("x*y", ["z"], "found 'z'; it has x, y"),
        ("alpha*y", ["alpa"], "Did you mean 'alpha'"),
        ("x*y", [], "at least one name"),
        ("x @ y", ["x"], "@ multiplies matrices.\n  column 3"),
        ("1 + softmax(x)", ["x"], "softmax is not made for numbers.\n  column 5"),
        ("sin([x, y])", ["x"], "this is none.\n  column 5"),
        ("2 + 3", ["x"], "a number alone"),
        ("sin(x) + x^2", ["u₁"], "found 'u1'"),
    ],
)
def test_what_cannot_be_drawn_is_said(text: str, wrt: list[str], message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        dependency_graph(parse(text), wrt)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("z = log(a); a = x - 3", {"x": 1.0}, "column 5"),
        ("y + sqrt(x)", {"x": 0.0, "y": 1.0}, "has no derivative by x at x = 0"),
        ("x*y", {"x": 1.0}, "y has no value"),
        ("x*y", {"x": 1.0, "y": 2.0, "q": 3.0}, "found one for 'q'"),
        ("z = a; a = x", {"x": 1.0, "a": 2.0}, "leave out a=2"),
        ("x", {"x": math.nan}, "a finite number for x"),
        ("x*exp(exp(x))*0", {"x": 900.0}, ""),
    ],
)
def test_a_bad_point_is_said(text: str, point: dict[str, float], message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        graph_of(text, **point)
    assert message in str(caught.value)
    assert str(caught.value).strip()


def test_a_point_out_of_the_domain_is_shown_in_the_text_as_typed() -> None:
    text = "z = x^2 y; x = log(t); y = t"
    with pytest.raises(DomainError) as caught:
        graph_of(text, t=-1.0)
    assert caught.value.column == text.index("log") + 1


def test_names_may_be_typed_with_subscripts() -> None:
    graph = graph_of("w₁*x", ["w₁"], **{"w₁": 2.0, "x": 5.0})
    assert graph.derivative == {"w1": 5.0}


def test_edges_are_in_the_order_of_visits() -> None:
    graph = graph_of(NETWORK, ["w1", "w2"], **AT)
    for before, after in itertools.pairwise(graph.edges):
        assert graph.visits.index(before.target) <= graph.visits.index(after.target)
