"""Dependency graphs at kinks: what has no number there says so."""

import pytest

from chainrule.calculus import parse
from chainrule.calculus.graph import dependency_graph


@pytest.mark.parametrize(
    "text", ["2 relu(x)", "sin(|x|)", "max(x, 3x)", "sign(x)", "relu(x)/2 + x"]
)
def test_a_kink_leaves_no_number(text: str) -> None:
    graph = dependency_graph(parse(text), ["x"], {"x": 0.0})
    assert graph.derivative == {"x": None}
    assert len(graph.notices) == 1


def test_a_kink_that_is_not_felt_leaves_the_derivative() -> None:
    graph = dependency_graph(parse("x |x| + x"), ["x"], {"x": 0.0})
    assert graph.derivative == {"x": 1.0}
    assert graph.notices == ()


def test_kinks_that_cancel_leave_the_limit() -> None:
    graph = dependency_graph(parse("relu(x) - relu(-x)"), ["x"], {"x": 0.0})
    assert graph.derivative == {"x": 1.0}
    assert ["cancel one another" in notice for notice in graph.notices] == [True]


def test_an_argument_that_is_not_chosen_has_no_kink() -> None:
    graph = dependency_graph(parse("max(x, y, 2) * 3"), ["x", "y"], {"x": 1.0, "y": 1.0})
    assert graph.derivative == {"x": 0.0, "y": 0.0}
    assert graph.notices == ()


def test_a_kink_behind_a_name() -> None:
    definitions = {"z": parse("2x")}
    graph = dependency_graph(parse("relu(z)^2 + |z|"), ["x", "z"], {"x": 0.0}, definitions)
    assert graph.derivative == {"x": None, "z": None}
    flat = dependency_graph(parse("relu(z)^2 + z"), ["x", "z"], {"x": 0.0}, definitions)
    assert flat.derivative == {"x": 2.0, "z": 1.0}


def test_beside_the_kink_nothing_is_said() -> None:
    graph = dependency_graph(parse("2 relu(x)"), ["x"], {"x": 0.5})
    assert (graph.derivative, graph.notices) == ({"x": 2.0}, ())
