"""The dependency graph as a reader and as a program sees it."""

import io
import itertools
import json

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus.graph import dependency_graph
from chainrule.calculus.read_problem import read_problem
from chainrule.faces.dependency_document import dependency_document
from chainrule.faces.dependency_graph import draw_graph
from chainrule.faces.document import to_json
from chainrule.faces.page import Page
from chainrule.records.dependency_graph import DependencyGraph

GRAPHS: dict[str, tuple[str, list[str], dict[str, float]]] = {
    "network": (
        "L = (sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2",
        ["w1", "b1", "w2", "b2"],
        {"w1": 0.5, "x": 2, "b1": -1.2, "w2": 1.5, "b2": 0.1, "t": 1},
    ),
    "two ways": ("z = x^2 y + t; x = cos t; y = sin t", ["t"], {"t": 1}),
    "no point": ("z = x^2 y + t; x = cos t; y = sin t", ["t"], {}),
    "shared": ("z = a*a/(1 + a*a); a = x - y", ["x", "y", "a"], {"x": 1.5, "y": 0.25}),
    "many paths": (
        "z = a12; " + "; ".join(f"a{i + 1} = a{i} * a{i}" for i in range(12)),
        ["a0"],
        {"a0": 1.0001},
    ),
    "alone": ("x", ["x"], {"x": 3}),
    "wide": (
        "L = (first_prediction_of_model - target_of_first_example)^2 / (2 number_of_examples) "
        "+ penalty_of_weights*(first_weight^2 + second_weight^2)",
        ["first_weight", "first_prediction_of_model"],
        {
            "first_prediction_of_model": 123456.789,
            "target_of_first_example": 1e-7,
            "number_of_examples": 3,
            "penalty_of_weights": 0.01,
            "first_weight": -2,
            "second_weight": 5,
        },
    ),
}


def graph_of(name: str) -> DependencyGraph:
    text, wrt, point = GRAPHS[name]
    problem = read_problem(text)
    return dependency_graph(problem.formula, wrt, point or None, problem.defined, name=problem.name)


class _Ascii(io.StringIO):
    encoding = "ascii"  # type: ignore[assignment]


def drawn(name: str, stream: io.StringIO | None = None, width: int = 80) -> str:
    stream = io.StringIO() if stream is None else stream
    draw_graph(Page(stream, width=width), graph_of(name))
    return stream.getvalue()


@pytest.mark.parametrize("name", GRAPHS)
def test_what_a_reader_sees(name: str, snapshot: SnapshotAssertion) -> None:
    text = drawn(name)
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text == snapshot


@pytest.mark.parametrize("name", [name for name in GRAPHS if name != "wide"])
def test_it_fits_a_terminal(name: str) -> None:
    assert max(cell_len(line) for line in drawn(name).splitlines()) <= 80


def test_on_a_page_without_unicode_the_two_kinds_of_derivative_stay_apart() -> None:
    text = drawn("two ways", _Ascii())
    assert text.isascii()
    assert "Dz/Dt = Dz/Dz * 1" in text.replace("  ", " ")
    assert "3. dz/dt" in text


def test_numbers_of_the_paths_multiply_and_add() -> None:
    text = drawn("two ways")
    assert "= 1 · 0.8415 · 1.081 · (-0.8415) = -0.7651" in text
    assert "dz/dt = (-0.7651) + 0.1577 + 1 = 0.3926" in text


@pytest.mark.parametrize("name", GRAPHS)
def test_the_document(name: str) -> None:
    graph = graph_of(name)
    document = json.loads(to_json(dependency_document(graph)))
    assert [node["id"] for node in document["nodes"]] == list(range(len(graph.nodes)))
    assert [edge["id"] for edge in document["edges"]] == list(range(len(graph.edges)))
    assert document["output"] == graph.output
    assert document["derivative"] == graph.derivative
    assert document["multiplications"] == {
        "forward": graph.forward_multiplications,
        "reverse": graph.reverse_multiplications,
    }
    for label, paths in document["paths"].items():
        assert len(paths) in (0, document["paths_counted"][label])
        for path in paths:
            ends = [
                (document["edges"][i]["target"], document["edges"][i]["source"])
                for i in path["edges"]
            ]
            assert all(before[1] == after[0] for before, after in itertools.pairwise(ends))


def test_the_document_of_a_small_graph(snapshot: SnapshotAssertion) -> None:
    assert to_json(dependency_document(graph_of("shared"))) == snapshot
