"""`chainrule explain` of formulas, as a learner types them."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule.calculus.notations import NOTATIONS
from chainrule.faces.cli import status_of

NETWORK = "L = (sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2"
SCHEMA = Path(__file__).parents[2] / "docs" / "derivation.schema.json"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of(["explain", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--format", "json"))
    return found


def test_the_document_is_what_was_promised(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "sigmoid(w*x + b)", "--wrt", "w", "--at", "w=0.5,x=2,b=-1")
    jsonschema.validate(found, json.loads(SCHEMA.read_text("utf-8")))
    assert (found["formula"], found["wrt"]) == ("sigmoid(w*x + b)", "w")
    assert found["at"] == {"w": 0.5, "x": 2.0, "b": -1.0}
    assert found["value"] == pytest.approx(0.5)
    first = found["steps"][0]
    assert {"id", "rule", "node", "before", "after", "why", "value", "steps"} <= set(first)
    assert first["rule"] == "chain"
    assert set(found["result"]) == {"raw", "tidy", "factored"}


def test_a_graph_as_json_has_local_derivatives_and_path_products(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = document(capsys, "x*y + sin(x)", "--graph", "--wrt", "x", "--at", "x=1,y=2")
    assert len(found["paths"]["x"]) == 2
    products = [path["value"] for path in found["paths"]["x"]]
    assert sum(products) == pytest.approx(found["derivative"]["x"])
    assert all(edge["value"] is not None for edge in found["edges"])


@pytest.mark.parametrize("notation", [notation.id for notation in NOTATIONS])
@pytest.mark.parametrize("format", ["text", "latex", "markdown", "json"])
def test_each_notation_in_each_format(
    notation: str, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = printed(capsys, "x^2 sin(3x)", "--notation", notation, "--format", format)
    assert "Traceback" not in written
    assert len(written) > 100


def test_other_ways_are_told_in_full_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    brief = printed(capsys, "sin(x)/x")
    full = printed(capsys, "sin(x)/x", "--routes")
    assert "quotient as a product" in brief
    assert len(full) > len(brief)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x*y"], "several variables (x, y): say by which with --wrt x"),
        (["2 + 3"], "found only numbers: their value does not change"),
        (["x*y", "--wrt", "z"], "found 'z'"),
        (["x*y", "--wrt", "x", "--at", "x=1"], "but y is missing"),
        (["x^2", "--at", "x=1,q=2"], "but q is not in the formula"),
        (["x^2", "--notation", "leibnitz"], "found 'leibnitz'. Did you mean 'leibniz'?\n"),
        (["x = 3", "--wrt", "x"], "found 'x', which is what the formula computes"),
        (["sum(A + B)", "--wrt", "A", "--shapes", "A=2x3,B=3x2"], "Transpose or reshape one"),
        (
            ["logdet(A)", "--wrt", "A", "--at", "A=[[1,0],[0,-1]]"],
            "it needs a determinant above 0",
        ),
        (["x^2 +"], "column 6 of the formula"),
        (["x^2 + y^2 = 25", "--at", "x=30,y=4"], "curve"),
        (["X @ w", "--wrt", "w", "--shapes", "X=3x2,w=3"], "the sizes that meet"),
        (["X @ w", "--wrt", "w", "--shapes", "X=3by2"], "cannot be read"),
        (["x^2", "--entry", "0"], "--entry is for formulas of vectors"),
        (["z = x; x = z"], "z"),
        (["vanishing"], "did you mean vanishing-gradient?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_explained_is_one_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["explain", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["log(x)", "--at", "x=-1"],
            "log needs a number above 0, found −1, at x = −1: choose x > 0. See column 1.",
        ),
        (["relu(x)", "--at", "x=0"], "kink"),
        (["sqrt(x)", "--at", "x=0"], "x = 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_where_there_is_no_derivative_the_steps_stand_and_the_reason_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = printed(capsys, *arguments)
    assert said in " ".join(written.split())
    assert document(capsys, *arguments)["value"] is None


@pytest.mark.parametrize("format", ["latex", "markdown"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x^2 + y^2 = 25", "--at", "x=3,y=4"), ("-0.75", "work out the numbers", "power rule")),
        (("sum(A @ x)", "--wrt", "A", "--at", "A=[[1,2]],x=[3,4]"), (r"\begin{bmatrix} 3 & 4",)),
        (("x x sin(x)", "--at", "x=1"), ("2.22324", "put equal factors together", "rightarrow")),
    ],
)
def test_everything_is_typeset_with_numbers_and_reasons(
    format: str,
    arguments: tuple[str, ...],
    said: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = printed(capsys, *arguments, "--format", format)
    for each in said:
        assert each in written


def test_the_notation_of_an_equation_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    curve = document(capsys, "x^2 + y^2 = 25", "--notation", "lagrange", "--at", "x=3,y=4")
    assert curve["sides"][0]["steps"][0]["before"] == "(x² + y²)′"
    assert curve["second_on_curve"] == "-25 / y³"
    assert curve["second_steps"][0]["rule"] == "minus"
    assert status_of(["explain", "x^2 + y = 1", "--notation", "pytorch"]) == 2
    assert "pytorch" in capsys.readouterr().err


def test_matrices_are_told_in_any_notation_and_by_differentials_without_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["sum((X @ w - y)^2)", "--wrt", "w", "--shapes", "X=3x2,w=2,y=3"]
    assert "so ∂L/∂w = Xᵀ G₂" in printed(capsys, *asked)
    assert "so ∇_w L = Xᵀ ∇_u₂ L" in printed(capsys, *asked, "--notation", "partial")
    assert "d_w = X.T @ d_u2" in printed(capsys, *asked, "--notation", "pytorch")
    found = document(capsys, *asked, "--notation", "index")
    assert found["told"]["steps"][3]["statement"][0]["text"] == "∂(u₁)ⱼ/∂wᵢ = Xⱼᵢ"
    latex = r"$\frac{\partial (u_{1})_{j}}{\partial w_{i}} = X_{ji}$"
    assert found["told"]["steps"][3]["statement"][0]["latex"] == latex
    assert {"symbol": "X", "type": "matrix", "shape": [3, 2], "meaning": "Held constant here."} in (
        found["glossary"]
    )


def test_a_value_of_another_shape_than_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sum(A)", "--wrt", "A", "--shapes", "A=3x3", "--at", "A=[1,2]"]
    assert status_of(["explain", *arguments]) == 2
    assert "a 3 × 3 matrix, found a vector of 2" in capsys.readouterr().err


def test_a_kink_of_a_matrix_formula_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    written = " ".join(printed(capsys, "sum(relu(w))", "--at", "w=[0,1]").split())
    assert "There is no derivative at this point by w₁ (0 from the left" in written


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
@pytest.mark.parametrize("format", ["text", "latex", "markdown"])
def test_each_symbol_is_typed_at_the_end(
    notation: str, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("sin(x^2) + cos(e^x)", "--wrt", "x", "--notation", notation)
    listed = printed(capsys, *asked, "--format", format).partition("Symbols")[2]
    glossary = document(capsys, *asked)["glossary"]
    assert {"number", "function"} <= {each["type"] for each in glossary}
    # the insides of chains are said where they are used
    shown = [each for each in glossary if "the inside of a chain" not in each["meaning"]]
    rows = [line for line in listed.split("\n") if re.match(r"  \S|- |\\item ", line)]
    assert len(rows) == len(shown)
    for row, each in zip(rows, shown, strict=True):
        assert each["type"] in row
        if format == "text":
            assert row.split()[0] == each["symbol"].split()[0]


@pytest.mark.parametrize("format", ["latex", "markdown"])
def test_a_long_gradient_has_names_for_its_parts_in_each_format(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("sum(softmax(Q @ Kᵀ / sqrt(d)) @ V)", "--wrt", "Q", "--shapes", "Q=2x3,K=2x3,V=2x2")
    assert "where P = softmax(Q Kᵀ / √d)" in printed(capsys, *asked)
    typeset = printed(capsys, *asked, "--format", format)
    assert "With names for its parts: $" in typeset
    assert r"where $P = \operatorname{softmax}(Q\,K^{\top} / \sqrt{d})$" in typeset
    assert "σ =" not in typeset  # √d is as short


@pytest.mark.parametrize("format", ["text", "latex", "markdown"])
def test_a_formula_that_is_its_variable_has_no_values_on_the_way(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "w", "--wrt", "w", "--shapes", "w=2", "--format", format)
    assert "Values on the way" not in text
    assert "a vector of 2; " not in text


def test_partial_notation_has_no_round_d_along_a_curve(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "x^2 + y^2 = 25", "--notation", "partial")
    assert "d/dx(25) = 0" in text
    assert "∂ₓ(" not in text  # of F alone, where y is held still, it is one


def test_long_values_stand_below_their_quantity(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    at = "X=[[1,2],[3,4]],W=[[0.1,0.2],[0.3,0.4]],b=[0,0.5],t=[0,1]"
    told = printed(capsys, "cross_entropy(X @ W + b, t)", "--wrt", "W", "--at", at)
    line = re.search(
        r"u₂ = u₁ \+ b +a 2 × 2 matrix\n      = \[\[0\.7, 1\.5\], \[1\.5, 2\.7\]\]\n", told
    )
    assert line is not None
