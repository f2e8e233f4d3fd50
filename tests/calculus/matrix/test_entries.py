"""Formulas written out in entries, and one entry of a gradient first."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import FormulaError, parse
from chainrule.calculus.matrix import (
    MatrixEvaluation,
    derive_matrix,
    expand,
    mathematics,
    matrix_record,
    one_entry,
    one_entry_lines,
)
from chainrule.calculus.matrix.entries import entry_name

WRITTEN: tuple[tuple[str, dict[str, tuple[int, ...]], dict[str, Any]], ...] = (
    ("A @ x", {"A": (2, 2), "x": (2,)}, {}),
    ("x @ A @ x", {"A": (2, 2), "x": (2,)}, {}),
    ("X + b", {"X": (2, 2), "b": (2,)}, {}),
    ("softmax(x)", {"x": (2,)}, {}),
    ("log_softmax([x, 2x])", {}, {}),
    ("logsumexp([x, 2x, 1])", {}, {}),
    ("norm([x, y])", {}, {}),
    ("norm(x, 3)", {"x": (2,)}, {}),
    ("det(A)", {"A": (3, 3)}, {}),
    ("inverse(A)", {"A": (2, 2)}, {}),
    ("mse(y, t)", {"y": (2,), "t": (2,)}, {}),
    ("cross_entropy(Z, t)", {"Z": (2, 2), "t": (2,)}, {"t": [1, 0]}),
    ("cross_entropy(z, t)", {"z": (2,), "t": ()}, {}),
    ("X - column_mean(X)", {"X": (2, 2)}, {}),
    ("X / row_sum(X)", {"X": (1, 2)}, {}),
    ("max(x) - min(x)", {"x": (3,)}, {}),
    ("outer(x, y)", {"x": (2,), "y": (2,)}, {}),
)


def shown(trees: Any) -> str:
    """Trees in lists, as text."""
    if isinstance(trees, list):
        return "[" + ", ".join(map(shown, trees)) + "]"
    return mathematics(trees)


def test_formulas_written_out(snapshot: SnapshotAssertion) -> None:
    lines = [f"{t}\n  {shown(expand(parse(t), s, v))}" for t, s, v in WRITTEN]
    assert "\n".join(lines) == snapshot


def test_entries_have_names_of_their_own() -> None:
    assert entry_name("W", (0, 1)).text == "W₁₂"
    assert entry_name("W", (0, 1)).name == "W12"
    assert entry_name("W", (0, 11)).text == "W₁,₁₂"
    assert entry_name("W", (0, 1), taken=("W", "W12")).name == "W_1_2"
    assert entry_name("W1", (0, 1)).text == "(W1)₁₂"
    trees = expand(parse("w + w1"), {"w": (2,), "w1": ()})
    assert shown(trees) == "[w₁ + w1, w₂ + w1]"
    assert trees[0].terms[0].name != "w1"


def test_one_entry_first(snapshot: SnapshotAssertion) -> None:
    random = np.random.default_rng(0)
    said = []
    for text, wrt, shapes, place, of in (
        ("sum((X @ w - y)^2)", "w", {"X": (2, 2), "w": (2,), "y": (2,)}, (1,), ()),
        ("sum(X @ W + b)", "b", {"X": (2, 2), "W": (2, 2), "b": (2,)}, (0,), ()),
        ("cross_entropy(X @ W, [0, 1])", "W", {"X": (2, 2), "W": (2, 2)}, (0, 1), ()),
        ("det(A)", "A", {"A": (3, 3)}, (0, 1), ()),
        ("softmax(z)", "z", {"z": (2,)}, (1,), (0,)),
        ("norm([x, 2y])", "y", {"x": (), "y": ()}, (), ()),
        ("sum(A) + 0 * B", "A", {"A": (2, 2), "B": ()}, (0, 0), ()),
    ):
        derivation = derive_matrix(parse(text), wrt, shapes)
        point = {name: random.normal(size=shape) for name, shape in shapes.items()}
        entry = one_entry(derivation, place, point, result_place=of)
        assert entry.agree
        said.append("\n".join([text, *one_entry_lines(entry)]))
    assert "\n\n".join(said) == snapshot


def test_an_entry_that_is_not_in_the_formula_has_the_derivative_0() -> None:
    derivation = derive_matrix(parse("trace(A)"), "A", {"A": (2, 2)})
    entry = one_entry(derivation, (0, 1), {"A": np.eye(2)})
    assert (entry.derivation, entry.value, entry.matrix_value) == (None, 0.0, 0.0)


def test_what_cannot_be_written_out_is_refused() -> None:
    with pytest.raises(FormulaError, match="at most 3 rows for det") as caught:
        expand(parse("1 + det(A)"), {"A": (4, 4)})
    assert caught.value.column == 5
    with pytest.raises(FormulaError, match="choose smaller shapes"):
        expand(parse("sum(softmax(A @ B))"), {"A": (20, 20), "B": (20, 20)})
    derivation = derive_matrix(parse("sum(A)"), "A", {"A": (2, 2)})
    for place in ((0,), (2, 0), (-1, 0)):
        with pytest.raises(FormulaError, match="place of one entry of A"):
            one_entry(derivation, place)


def test_a_record_is_json_and_back() -> None:
    derivation = derive_matrix(parse("softmax(A @ x)"), "x", {"A": (2, 3), "x": (3,)})
    at = MatrixEvaluation({"A": np.arange(6).reshape(2, 3), "x": [0.1, 0.2, 0.3]})
    record = matrix_record(derivation, at)
    assert json.loads(json.dumps(record)) == record
    assert record["jacobian_shape"] == [2, 3]
    assert np.shape(record["value"]) == (2, 3)
    typed = parse(record["jacobian"]["formula"])
    np.testing.assert_allclose(at(typed.root), record["value"])


def test_importing_loads_neither_torch_nor_numpy_nor_sympy() -> None:
    code = (
        "import sys, chainrule.calculus.matrix as m; from chainrule.calculus import parse; "
        "m.derive_matrix(parse('x @ x'), 'x', {'x': (3,)}); "
        "print([n for n in ('torch', 'numpy', 'sympy', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
