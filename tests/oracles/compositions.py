"""Random compositions as they are typed and as one formula, and graphs that are walked naively."""

import re
from collections.abc import Iterator

from hypothesis import strategies as st

from chainrule.records.dependency_graph import DependencyGraph

INPUTS = ("x", "y", "w")
_OPERATIONS = (
    "sin({0}) * {1}",
    "tanh({0} + {1})",
    "{0} * {1} + {0}",
    "exp(-{0}^2) - {1}",
    "sqrt(1 + {0}^2)",
    "({0} - {1}) / (2 + {0}^2)",
    "{0}^2 {1}",
    "sigmoid({0}) * {0} * {1}",
    "max({0}, 2 {1}) + {0}",
    "(1.5 + {0}^2)^(cos({1}))",
    "mse({0}, {1}) + gelu({0})",
    "{0}",
    "-{0}",
    "sin({0} + {1}) + cos({0} + {1})",
)


@st.composite
def compositions(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Definitions (name, formula) of inputs and earlier ones; the last, the result, needs all."""
    known = [*INPUTS]
    found: list[tuple[str, str]] = []
    unused: list[str] = []
    for i in range(draw(st.integers(1, 5))):
        pair = [draw(st.sampled_from(known[-4:] + known[:2])) for _ in range(2)]
        text = draw(st.sampled_from(_OPERATIONS)).format(*pair)
        found.append((f"a{i}", text))
        unused = [name for name in unused if not re.search(rf"\b{name}\b", text)] + [f"a{i}"]
        known.append(f"a{i}")
    found.append(("z", " + ".join(f"{name} * {name}" for name in unused)))
    return found


def typed(definitions: list[tuple[str, str]]) -> str:
    """The result first, as on paper."""
    *rest, (name, result) = definitions
    return "; ".join([f"{name} = {result}", *(f"{n} = {text}" for n, text in rest)])


def as_one_formula(definitions: list[tuple[str, str]]) -> str:
    """All names replaced by their formulas in parentheses, as text."""
    written: dict[str, str] = {}
    for name, text in definitions:
        written[name] = re.sub(r"\ba\d\b", lambda m: f"({written[m[0]]})", text)
    return written["z"]


def walk_paths(graph: DependencyGraph, node: int) -> Iterator[list[int]]:
    """Every way from the output to a node, by trying every edge at every node."""

    def from_here(here: int) -> Iterator[list[int]]:
        if here == node:
            yield []
        for edge in graph.edges:
            if edge.target == here:
                yield from ([edge.id, *rest] for rest in from_here(edge.source))

    yield from from_here(graph.output)


def forward_multiplications(graph: DependencyGraph) -> int:
    """Multiplications of a sweep from each input, counted one by one as it is carried out."""
    total = 0
    for start in graph.wrt:
        moving = {start}
        for node in graph.nodes:
            for edge in graph.edges:
                if edge.target == node.id and edge.source in moving:
                    total += 1
                    moving.add(node.id)
    return total


def reverse_multiplications(graph: DependencyGraph) -> int:
    """Multiplications of one sweep back from the output, counted one by one."""
    total, reached = 0, {graph.output}
    for node in sorted((node.id for node in graph.nodes), reverse=True):
        for edge in graph.edges:
            if edge.target == node and node in reached:
                total += 1
                reached.add(edge.source)
    return total
