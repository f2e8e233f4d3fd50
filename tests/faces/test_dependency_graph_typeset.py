"""The dependency graph in LaTeX and Markdown: the same as on the terminal, and KaTeX takes it."""

import re

import pytest
from katex import mathematics_in, refused_by_katex, with_katex
from syrupy.assertion import SnapshotAssertion
from test_dependency_graph_drawing import GRAPHS, graph_of

from chainrule.faces.cli import status_of
from chainrule.faces.dependency_typeset import graph_latex
from chainrule.faces.numerals import figure, in_latex


def mathematics(name: str) -> list[str]:
    """All of it, of both forms."""
    graph = graph_of(name)
    return mathematics_in(graph_latex(graph, dollars=True)) + mathematics_in(graph_latex(graph))


@pytest.mark.parametrize("name", ["two ways", "shared"])
def test_it_reads_as_recorded(name: str, snapshot: SnapshotAssertion) -> None:
    assert graph_latex(graph_of(name)) == snapshot


@pytest.mark.parametrize("name", list(GRAPHS))
def test_it_is_plain_latex_with_everything_closed(name: str) -> None:
    for text in mathematics(name):
        assert text.isascii(), text
        assert text.count("{") == text.count("}")
        assert text.count(r"\left(") == text.count(r"\right)")


@pytest.mark.parametrize("name", list(GRAPHS))
def test_it_has_every_quantity_every_local_derivative_and_every_sum(name: str) -> None:
    graph, written = graph_of(name), graph_latex(graph_of(name))
    assert written.count(" &=") + written.count("\n&=") >= len(graph.nodes) - len(graph.wrt)
    local = written.partition("Local derivatives")[2].partition("Backward")[0]
    assert local.count("&=") == len(graph.edges)
    for label in graph.paths:
        derivative = graph.derivative[label]
        assert derivative is None or f"= {in_latex(figure(derivative))}\n" in written
    assert re.search(r"\d[eE][-+]?\d", written) is None, "a power of ten is written as such"


@with_katex
def test_katex_takes_all_of_it() -> None:
    texts = [text for name in GRAPHS for text in mathematics(name)]
    assert len(texts) > 40
    assert refused_by_katex(texts) == []


@pytest.mark.parametrize(
    ("form", "begins"), [("latex", r"\paragraph{Forward"), ("markdown", "**F")]
)
def test_the_command_gives_it(form: str, begins: str, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "L = (max(x, y) - x*x)^2"
    status = status_of(
        ["explain", formula, "--graph", "--wrt", "x", "--at", "x=1,y=2", "--format", form]
    )
    out = capsys.readouterr().out
    assert status == 0
    assert out.startswith(begins)
    assert r"\begin{cases}" in out
    assert r"_{\text{2nd}}" in out
    assert out.endswith("backward 6.\n")
