"""`chainrule explain --graph` of vectors and matrices, beside autograd."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import parse
from chainrule.calculus.matrix import MatrixEvaluation
from chainrule.calculus.matrix.graph import matrix_graph
from chainrule.faces.cli import status_of

LAYER = "sum(sigmoid(W @ x + b))"
SHARED = "x @ (A @ x) + sum(x*x)"
NETWORK = "mean((W2 @ tanh(W1 @ x + b1) - y)^2)"
SHAPES = {
    LAYER: {"W": (2, 3), "x": (3,), "b": (2,)},
    SHARED: {"A": (2, 2), "x": (2,)},
    NETWORK: {"W1": (3, 2), "W2": (2, 3), "x": (2,), "b1": (3,), "y": (2,)},
    "logsumexp(relu(X) @ w + c)": {"X": (3, 2), "w": (2,), "c": ()},
    "trace(A @ A)": {"A": (2, 2)},
}
BY_AUTOGRAD: dict[str, Any] = {
    LAYER: lambda W, x, b: torch.sigmoid(W @ x + b).sum(),
    SHARED: lambda x, A: x @ (A @ x) + (x * x).sum(),
    NETWORK: lambda W2, W1, x, b1, y: ((W2 @ torch.tanh(W1 @ x + b1) - y) ** 2).mean(),
    "logsumexp(relu(X) @ w + c)": lambda X, w, c: torch.logsumexp(torch.relu(X) @ w + c, 0),
    "trace(A @ A)": lambda A: torch.trace(A @ A),
}


@pytest.mark.parametrize("formula", list(SHAPES))
def test_norms_of_gradients_are_those_of_autograd(formula: str) -> None:
    torch.manual_seed(0)
    at = {name: torch.randn(shape, dtype=torch.float64) for name, shape in SHAPES[formula].items()}
    evaluation = MatrixEvaluation({name: value.numpy() for name, value in at.items()}, formula)
    found = matrix_graph(parse(formula), list(at), SHAPES[formula], evaluation).graph
    for value in at.values():
        value.requires_grad_()
    loss = BY_AUTOGRAD[formula](**at)
    loss.backward()
    assert found.nodes[found.output].value == pytest.approx(loss.item())
    for name, value in at.items():
        assert value.grad is not None
        size = value.grad.norm().item() if value.ndim else value.grad.item()
        assert found.derivative[name] == pytest.approx(size, abs=1e-12)


@pytest.mark.parametrize("formula", list(SHAPES))
def test_what_the_paths_bring_adds_up_to_the_gradient(formula: str) -> None:
    """Formulas of each path, evaluated; the gradient is the one that `derive_matrix` finds."""
    shapes = SHAPES[formula]
    told = matrix_graph(parse(formula), list(shapes), shapes)
    for label, paths in told.graph.paths.items():
        assert len(told.brought[label]) == len(paths) == told.graph.paths_counted[label] > 0
        if len(paths) == 1:
            assert told.brought[label][0] == told.gradients[label]


def test_four_ways_of_a_vector_that_is_used_four_times() -> None:
    told = matrix_graph(parse(SHARED), ["x"], SHAPES[SHARED])
    assert sorted(told.brought["x"]) == ["A x", "Aᵀ x", "x", "x"]
    assert told.gradients["x"] == "Aᵀ x + A x + 2x"
    assert told.graph.reverse_multiplications == 8
    assert told.graph.forward_multiplications == 16  # two entries


@pytest.mark.parametrize(
    "arguments",
    [
        (LAYER, "--wrt", "W,b", "--at", "W=[[1,2,3],[0,1,0]],x=[1,0,-1],b=[1,1]"),
        (SHARED, "--wrt", "x", "--shapes", "A=2x2,x=2"),
        ("sum(relu(w))", "--at", "w=[0,1]"),
    ],
    ids=" ".join,
)
def test_what_is_read(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert status_of(["explain", *arguments, "--graph"]) == 0
    assert capsys.readouterr().out == snapshot


def test_its_document_has_shapes_norms_and_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["explain", SHARED, "--graph", "--wrt", "x", "--at", "A=[[1,2],[3,4]],x=[1,2]"]
    assert status_of([*asked, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {node["label"]: node["shape"] for node in found["nodes"]}["u₃"] == [2]
    assert found["derivative"]["x"] == pytest.approx((14**2 + 25**2) ** 0.5)
    assert found["gradients"] == {"x": "Aᵀ x + A x + 2x"}
    assert len(found["rules"]) == len(found["edges"]) == 8
    for form, begins in (("latex", r"\begin{verbatim}"), ("markdown", "```text")):
        assert status_of([*asked, "--format", form]) == 0
        assert capsys.readouterr().out.startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LAYER, "--shapes", "W=2x3,x=2,b=2"), "3"),
        (("W @ x", "--shapes", "W=2x3,x=3"), "make a number of it"),
        ((LAYER, "--shapes", "W=2x3,x=3,b=2", "--wrt", "v"), "found 'v'"),
        ((LAYER, "--shapes", "W=2x3,x=3,b=2", "--entry", "0,1"), "leave out --graph"),
    ],
)
def test_what_has_no_graph_is_refused_in_a_sentence(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["explain", *arguments, "--graph"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_the_block_in_the_docs_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = (Path(__file__).parents[2] / "docs" / "derivations.md").read_text("utf-8")
    typed, block = re.findall(
        r"```\nchainrule (explain .* --graph .*)\n```\n\n```\n([^`]+)\n```", text
    )[0]
    assert status_of(shlex.split(typed)) == 0
    assert block in capsys.readouterr().out
