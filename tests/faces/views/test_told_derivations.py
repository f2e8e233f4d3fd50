"""`derivation` and `graph` of equations, and of vectors and matrices."""

import json
import re
from typing import Any

import numpy as np
import pytest
from asking import ask, refusal

import chainrule
from chainrule.faces.notebook.depiction import depiction


def text(row: Any) -> str:
    """A row as it is read."""
    return "".join(piece["text"] for piece in row["pieces"])


def rows(document: Any) -> list[str]:
    json.dumps(document, allow_nan=False)
    return [text(row) for part in document["parts"] for row in part["rows"]]


def test_the_slope_of_a_circle_is_told_part_by_part() -> None:
    document = ask("derivation", formula="x^2 + y^2 = 25", at="x=3,y=4")
    assert [part["heading"] for part in document["parts"]] == [
        "The left side",
        "The right side",
        "Solved for dy/dx",
        "The slope",
        "How the slope changes: d²y/dx²",
        "At x = 3, y = 4, a point of the curve",
    ]
    assert {"= −x/y", "dy/dx = -0.75", "d²y/dx² = -0.390625"} <= set(rows(document))
    assert document["parts"][0]["steps"][0]["steps"][1]["rule"] == "chain"


def test_parts_of_both_sides_and_of_the_slope_have_ids_of_their_own() -> None:
    document = ask("derivation", formula="x^2 + y^2 = x*y + u; u = sin(x)", at="start")
    typed = document["formula"]
    nodes = {each["id"]: each for each in document["nodes"]}
    assert sorted(nodes) == list(range(len(nodes)))
    left, right = (part["steps"][0] for part in document["parts"][:2])
    assert typed[slice(*nodes[left["node"]]["span"])] == "x^2 + y^2"
    assert typed[slice(*nodes[right["node"]]["span"])] == "x*y + u"
    assert f"node={left['node']}}}" in left["before"]["latex"]
    slope = document["parts"][4]["steps"][0]
    assert slope["node"] not in nodes
    assert f"node={slope['node']}}}" in slope["before"]["latex"]


def test_a_chosen_point_is_one_to_reckon_with_where_there_is_one() -> None:
    """Of a circle 3, 4, 5 comes before 1, √24, 5; what has no such point has one all the same."""
    circle = ask("derivation", formula="x^2 + y^2 = 25", at="start")
    assert circle["at"] == pytest.approx({"x": 3, "y": 4})
    assert ask("derivation", formula="x^2 + y^2 = 30", at="start")["at"]["x"] == 1


@pytest.mark.parametrize(
    "formula", ["x^2 + y^2 = 25", "sin(x*y) = y", "x^3 + y^3 = 6x*y", "u^2 + y^2 = 4; u = sin(x)"]
)
def test_a_chosen_point_lies_on_the_curve_and_has_a_slope(formula: str) -> None:
    document = ask("derivation", formula=formula, at="start")
    last = document["parts"][-1]
    assert "a point of the curve" in last["heading"]
    assert last["rows"][0]["aside"].startswith("✓")
    again = ask("derivation", formula=formula, at=document["at"])
    assert again["parts"][-1]["rows"] == last["rows"]


def test_only_notations_that_equations_have_are_offered() -> None:
    document = ask("derivation", formula="x^2 + y^2 = 25")
    offered = [each["id"] for each in document["notations"]]
    assert "pytorch" not in offered and "words" in offered
    for notation in offered:
        told = ask("derivation", formula="x^2 + y^2 = 25", notation=notation)
        assert told["notation"]["id"] == notation and told["at"] is None
    assert "equation computes nothing" in str(
        refusal("derivation", formula="x^2 + y^2 = 25", notation="pytorch")
    )


def test_a_gradient_is_told_with_its_values_marked() -> None:
    document = ask(
        "derivation", formula="norm(A@x - b)^2", wrt="x", at="A=[[1,2],[3,4]],x=[1,1],b=[0,1]"
    )
    values = {each["label"]: each for each in document["nodes"]}
    assert document["formula"][slice(*values["u₁"]["span"])] == "A@x"
    assert values["u₁"]["shown"] == "[3, 7]"
    rules = [rule for part in document["parts"] for rule in part["rules"]]
    assert [rule["name"] for rule in rules][-1] == "matrix times vector"
    for rule in rules[1:]:
        assert rf"\htmlData{{node={rule['node']}}}{{u_{{" in rule["equation"]["latex"]
    A, x, b = np.array([[1, 2], [3, 4]]), np.ones(2), np.array([0, 1])
    gradient = 2 * A.T @ (A @ x - b)
    shown = next(row for row in rows(document) if row.startswith("Here: "))
    assert [float(each) for each in re.findall(r"-?\d+", shown)] == gradient.tolist()


def test_shapes_are_chosen_by_custom_and_can_be_said() -> None:
    chosen = ask("derivation", formula="sum((X@w - y)^2) + alpha", wrt="w", at="start")
    assert chosen["shapes"] == {"X": [2, 2], "w": [2], "y": [2], "alpha": []}
    said = ask("derivation", formula="sum((X@w - y)^2)", wrt="w", shapes="X=3x2,w=2,y=3")
    assert said["shapes"]["X"] == [3, 2] and said["at"] is None
    part = ask("derivation", formula="sum((X@w - y)^2)", wrt="w", shapes={"w": [2]}, at="start")
    assert part["shapes"]["w"] == [2]
    # what custom takes for a vector is a matrix where only that fits
    trace = ask("derivation", formula="tr(x)", at="start")
    assert trace["shapes"] == {"x": [2, 2]}


@pytest.mark.parametrize(
    ("parameters", "field", "words"),
    [
        ({"formula": "norm(A@x)", "shapes": "A=2x"}, "shapes", "cannot be read"),
        ({"formula": "norm(A@x)", "shapes": {"A": [2, -1]}}, "shapes", "whole numbers"),
        ({"formula": "norm(A@x)", "shapes": {"B": [2]}}, "shapes", "does not hold"),
        ({"formula": "norm(A@x)", "at": "x=[1,2]"}, "at", "found none for A"),
        ({"formula": "x^2 + y^2 = 25", "at": "x=[1,2]"}, "at", "point of numbers"),
        ({"formula": "x^2 + y^2 = 25", "at": "x=9"}, "formula", "No y was found"),
        ({"formula": "norm(A@x)", "at": "start", "entry": "a"}, "entry", "row and column"),
    ],
)
def test_what_does_not_fit_is_refused(parameters: dict[str, Any], field: str, words: str) -> None:
    found = refusal("derivation", **parameters)
    assert found.field == field and words in found.sentence


def test_a_landscape_of_what_has_none_leads_to_the_derivation() -> None:
    for formula in ("x^2 + y^2 = 25", "tr(A)"):
        assert refusal("formula", formula=formula).instead == "derivation"
    assert refusal("formula", formula="x^^2").instead is None
    assert ask("formula", formula="norm(x)")["view"] == "formula"  # the length of a number


def test_the_graph_of_matrices_has_maps_on_its_edges() -> None:
    document = ask("graph", formula="norm(A@x)^2", at="A=[[1,2],[3,4]],x=[1,1]", wrt="x")
    json.dumps(document, allow_nan=False)
    assert len(document["sent"]) == len(document["edges"])
    x = next(node["id"] for node in document["nodes"] if node["label"] == "x")
    assert document["shown"][x] == {"value": "[1, 1]", "adjoint": "[48, 68]"}
    assert "no dependency graph" in refusal("graph", formula="x^2 + y^2 = 25").sentence


def test_what_explain_returns_shows_itself_as_the_page_does() -> None:
    curve = depiction(chainrule.explain("x^2 + y^2 = 25", at={"x": 3, "y": 4}))
    assert curve.document is not None and curve.document["kind"] == "curve"
    assert curve.document["at"] == {"x": 3.0, "y": 4.0}
    matrices = depiction(
        chainrule.explain("tr(transpose(A)@X)", "X", shapes={"A": (3, 2), "X": (3, 2)})
    )
    assert matrices.document is not None and matrices.document["kind"] == "matrices"
    assert matrices.document["at"] is None and matrices.markdown


def test_a_curve_of_many_names_tells_each_name_once() -> None:
    parts = "; ".join(f"h{i} = sin(h{i - 1}) + x" for i in range(1, 15))
    told = ask("derivation", formula=f"h14 + y^2 = 1; h0 = y*x; {parts}", of="y")
    left = told["parts"][0]["steps"]
    assert [step["id"] for step in left] == [str(i + 1) for i in range(16)]
